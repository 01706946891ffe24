"""A reply's life, and the pages that watch it.

asking      its claim, and what the provider is sent
writing     one reply from its claim to its end
desk        all that are written in this process, and their clock
ledger      what is written down of them, twice a second and at the end
recovery    those whose writer is gone
reply       its text as it grows (strand), and what those who watch it are told
hub         who watches which conversation; the ops that pages are told are listed there
feed        one open page
painter     the HTML of what is watched
following   what other processes write
"""
