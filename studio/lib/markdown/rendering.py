"""A whole text as HTML, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from markdown_it.token import Token

from studio.lib.markdown import limits, parser
from studio.lib.markdown.clean import clean

_md = parser.make()
_NOT_IN_IDS = re.compile(r"[^\w-]")


class Block(NamedTuple):
    html: str
    line: int  # that it begins in


def blocks(text: str, prefix: str = "") -> list[str]:
    """The HTML of each top-level block; together they are the whole text. Nothing in it can run.

    `prefix` begins the ids of its footnotes, so that several texts can be on one page. The same text and prefix give
    the same answer always. A text of ordinary kind takes about 1 µs a character, code 2.
    """
    return [block.html for block in rendered(normal(text), prefix)]


def rendered(text: str, prefix: str = "") -> list[Block]:
    """The blocks of a text whose line ends are "\\n"."""
    if limits.weight(text) > limits.TEXT:
        return [Block(plain(text), 0)]
    env = {"prefix": _NOT_IN_IDS.sub("", prefix)}
    lines = text.split("\n")
    return [_block(group, lines, env) for group in _groups(_md.parse(text, env))]


def plain(text: str) -> str:
    """A block of text that is shown as it came."""
    return f'<p class="plain" dir="auto">{escape(text)}</p>'


def normal(text: str) -> str:
    """The text with "\n" for every end of a line, and without the character that HTML cannot hold."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _block(tokens: list[Token], lines: list[str], env: dict[str, Any]) -> Block:
    first = tokens[0].map
    if first and any(token.level >= limits.NESTING - 1 for token in tokens):  # the parser drops what is deeper
        return Block(clean(plain("\n".join(lines[slice(*first)]).strip("\n"))), first[0])
    return Block(clean(_md.renderer.render(tokens, _md.options, env).strip()), first[0] if first else len(lines))


def _groups(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each top-level block."""
    group: list[Token] = []
    depth = 0
    for token in tokens:
        group.append(token)
        depth += token.nesting
        if not depth:
            yield group
            group = []
