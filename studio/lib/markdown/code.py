"""Code with its colours, as CSS classes: the sheet prose.css has the colours of both themes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token, _TokenType
from pygments.util import ClassNotFound

PIECE = 8_000  # characters are coloured together; longer code in pieces, so that none takes long
COLOURED = 100_000  # characters; what comes after them is plain
PATIENCE = 0.1  # seconds of work on one piece, an ordinary one takes 0.02; the rest of it is plain

CLASSES = frozenset(STANDARD_TYPES.values()) - {""}
LANGUAGES = frozenset(alias for _, aliases, _, _ in get_all_lexers() for alias in aliases)

_NAME = re.compile(r"[\w+#.-]{1,30}")


def language(info: str) -> str:
    """The language that the first word of a fence's info string names, or an empty string."""
    name = _NAME.match(info.strip())
    return name[0] if name else ""


def figure(inside: str, name: str) -> str:
    """A code block around code that is HTML already. Its button is wired by the page."""
    known = f' class="language-{name.lower()}"' if name.lower() in LANGUAGES else ""
    return (
        f'<figure class="code"><figcaption><span>{escape(name or "text")}</span>'
        '<button type="button" class="code-copy">Copy</button></figcaption>'
        f'<pre tabindex="0"><code{known}>{inside}</code></pre></figure>'
    )


def coloured(code: str, name: str) -> str:
    """The HTML of code in a language; of an unknown one, or of too much code, only escaped."""
    html: list[str] = []
    size = 0
    for part in pieces(code):
        html.append(full_piece(part, name) if size < COLOURED else escape(part))
        size += len(part)
    return "".join(html)


def pieces(code: str) -> Iterator[str]:
    """Whole lines, `PIECE` characters or a little more of them at a time; a line that is longer is cut."""
    start = 0
    while start < len(code):
        end = code.find("\n", start + PIECE, start + 2 * PIECE) + 1 or start + 2 * PIECE
        if len(code) - start <= PIECE:
            end = len(code)
        yield code[start:end]
        start = end


@lru_cache(maxsize=64)
def full_piece(code: str, name: str) -> str:
    """Kept for a while: a reply's code is wanted again when its block is done, and when its page is asked for."""
    return piece(code, name)


def piece(code: str, name: str) -> str:
    """The HTML of a little code, up to some `PIECE`s."""
    lexer = _lexer(name.lower())
    if not lexer:
        return escape(code)
    html: list[str] = []
    seen, until = 0, time.thread_time() + PATIENCE
    before = ""
    for number, (kind, value) in enumerate(lexer.get_tokens(code)):
        if not code.startswith(value, seen) or (number % 32 == 0 and time.thread_time() > until):
            break
        seen += len(value)
        css = _css(kind)
        if css != before:
            html.append(("</span>" if before else "") + (f'<span class="{css}">' if css else ""))
            before = css
        html.append(escape(value))
    return "".join(html) + ("</span>" if before else "") + escape(code[seen:])


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer | None:
    try:
        lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False) if name in LANGUAGES else None
    except ClassNotFound:
        return None
    return lexer


@lru_cache(maxsize=1024)
def _css(kind: _TokenType) -> str:
    """Its short class in Pygments' own naming; whitespace and plain text have none."""
    while kind not in STANDARD_TYPES:
        kind = kind.parent or Token
    return "" if kind in Token.Text else STANDARD_TYPES[kind]
