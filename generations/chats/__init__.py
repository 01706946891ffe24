"""Conversations with language models: asking, writing replies down as they come, and showing them.

What people do: posting (write, ask again, edit, branch, delete), folders (whole conversations), presets, prices.
What they see: tree (the path that is shown), listing, searching, rendered (finished texts as HTML), offers and
price_list (the models they can ask), pictures.
What goes in and out: exporting, importing (chatgpt, records), making (a message as a prompt), improving, titles.

A reply's life:

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
