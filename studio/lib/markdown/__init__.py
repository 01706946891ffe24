"""Markdown from strangers as safe HTML, whole or while it is still being written.

rendering    a whole text, block by block
growing      a text that comes in pieces: what a paint costs does not grow with it
fence        the code block at its end, coloured line by line
unfinished   the end of a text that is cut anywhere, so that it can be shown without flickering
parser       the one parser: which Markdown, where formulas are (formulas), what is too much (limits)
renderer     the HTML of each token; code (code) and formulas (math) on their own
clean        the second net, an allow-list of exactly what the renderer makes

The first net is that the parser knows no HTML and the renderer escapes all that is text.
"""

from studio.lib.markdown.growing import Growing
from studio.lib.markdown.rendering import blocks

__all__ = ["Growing", "blocks"]
