"""The HTML of each token, where it is not the usual one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from studio.lib.markdown import code
from studio.lib.markdown.math import mathml

_TABLE = '<div class="table" tabindex="0" role="group" aria-label="Table" dir="auto">'
_ALIGNED = {"text-align:center": "align-centre", "text-align:right": "align-right"}

Tokens = Sequence[Token]


class Renderer(RendererHTML):
    """Text and attributes are escaped here; `clean` is only the second net."""

    def link_open(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        tokens[at].attrs |= {"rel": "noopener noreferrer nofollow", "target": "_blank"}
        return self.renderToken(tokens, at, options, env)

    def list_item_open(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        checked = tokens[at].meta.get("checked") if tokens[at].meta else None
        if checked is None:
            return self.renderToken(tokens, at, options, env)
        state = ' checked aria-label="Done"' if checked else ' aria-label="To do"'
        return f'<li class="task"><input type="checkbox" disabled{state}> '

    def fence(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        name = code.language(tokens[at].info)
        return code.figure(code.coloured(tokens[at].content, name), name) + "\n"

    def code_block(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return code.figure(escape(tokens[at].content), "") + "\n"

    # -- Tables ------------------------------------------------------------------------------------------------------
    def table_open(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return _TABLE + self.renderToken(tokens, at, options, env)

    def table_close(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        align = _ALIGNED.get(str(tokens[at].attrs.get("style")))
        return f'<{tokens[at].tag} class="{align}">' if align else f"<{tokens[at].tag}>"

    td_open = th_open

    # -- Formulas ----------------------------------------------------------------------------------------------------
    def math_inline(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        made = mathml(token.content, display=token.meta["display"])
        if made is None:
            return f'<code class="math">{escape(token.meta["source"])}</code>'
        return f'<span class="math">{made}</span>' if token.meta["display"] else made

    def math_block(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        made = mathml(token.content, display=True) if token.meta["closed"] else None
        inside = made or f'<code class="math">{escape(token.meta["source"])}</code>'
        return f'<div class="math" tabindex="0">{inside}</div>\n'

    # -- Footnotes: `env["prefix"]` keeps the ids of several texts on a page apart ------------------------------------
    def footnote_ref(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        number, name, cite = _ids(tokens[at], env)
        return (
            f'<sup class="cite"><a href="#note-{name}" id="cite-{cite}" role="doc-noteref"'
            f' aria-label="Note {number}">{number}</a></sup>'
        )

    def footnote_block_open(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return '<section class="notes" role="group" aria-label="Notes" dir="auto"><ol>\n'

    def footnote_block_close(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return "</ol></section>\n"

    def footnote_open(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return f'<li id="note-{_ids(tokens[at], env)[1]}">'

    def footnote_close(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        return "</li>\n"

    def footnote_anchor(self, tokens: Tokens, at: int, options: Any, env: Any) -> str:
        number, _, cite = _ids(tokens[at], env)
        label = f"Back to where note {number} is cited"
        return f' <a class="cite-back" href="#cite-{cite}" role="doc-backlink" aria-label="{label}">↩\ufe0e</a>'


def _ids(token: Token, env: Any) -> tuple[int, str, str]:
    """Of a footnote: its number, its name, and the name of the place that cites it."""
    number = token.meta["id"] + 1
    name = f"{env['prefix']}{number}"
    again = token.meta.get("subId", 0)
    return number, name, f"{name}-{again + 1}" if again else name
