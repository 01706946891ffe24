"""Conversations with language models.

What people do: posting (write, ask again, edit, branch, delete), folders (whole conversations), presets, prices.
What they see: tree (the path that is shown), listing, searching, rendered (finished texts as HTML), offers and
price_list (the models they can ask), pictures.
Beside them: making (a message as a prompt), improving (a better prompt), titles; `replies` and `files` are packages.
"""
