"""What people type to find something, as words for the database's full-text index, and where they stand in a text.

Every word has to be there, and may go on ("photo" finds "photographs"); "in quotes" is found as it stands, and -word
leaves out what has it. Accents and case are the same with and without.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Pattern = re.Pattern[str]

LONGEST = 300  # characters of a query
MOST_WORDS = 20
AROUND = 60, 140  # characters of a snippet before and after the hit

_PART = re.compile(r'(-?)"([^"]*)"?|(-?)([^\s"]+)')
_MARKS = re.compile("[\u0300-\u036f]")
# Of Markdown: headings, quotes, list items and tables; bold, code.
_SIGNS = re.compile(r"^[ \t]*(?:#{1,6} |>+ |[-*+] |\|?[-:| ]{3,}$)|\*\*|`+|(?<!\S)\||\|(?!\S)", re.MULTILINE)
_BETWEEN = re.compile("[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+")


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    is_phrase: bool = False
    is_unwanted: bool = False


def parts(query: str) -> list[Part]:
    """What is looked for. Signs between words are no words; nothing that one writes is refused."""
    found = []
    for dash, phrase, other_dash, word in _PART.findall(query.replace("\0", " ")[:LONGEST]):
        text, is_phrase = (phrase, True) if phrase or not word else (word, False)
        if any(unicodedata.category(sign)[0] in "LN" for sign in text):
            found.append(Part(text.strip(), is_phrase, bool(dash or other_dash)))
    return found[:MOST_WORDS]


# -- For the index ---------------------------------------------------------------------------------------------------
def to_match(wanted: Iterable[Part]) -> str:
    """In FTS5's language. What people wrote stands in quotes, where it has no signs of that language."""
    plain: list[str] = []
    unwanted: list[str] = []
    for part in wanted:
        quoted = f'"{part.text}"'
        (unwanted if part.is_unwanted else plain).append(quoted if part.is_phrase else f"{quoted} *")
    asked = " AND ".join(plain)
    return f"({asked}) NOT ({' OR '.join(unwanted)})" if unwanted else asked


def to_tsquery(wanted: Iterable[Part], weight: str = "") -> str:
    """In PostgreSQL's language; what people wrote stands in quotes, without the signs that end them.

    With a `weight` only words of that one count.
    """
    found = []
    for part in wanted:
        folded = _BETWEEN.sub(" ", _MARKS.sub("", unicodedata.normalize("NFD", part.text))).strip()
        if folded:
            label = ("" if part.is_phrase else "*") + weight
            found.append(f"{'!' if part.is_unwanted else ''}('{folded}'{label and f':{label}'})")
    return " & ".join(found)


# -- Without it ------------------------------------------------------------------------------------------------------
def has(text: str, wanted: Iterable[Part]) -> bool:
    """Would the index find this text?"""
    plain = unicodedata.normalize("NFD", text)
    return all((_one(part).search(plain) is None) is part.is_unwanted for part in wanted)


@lru_cache(maxsize=200)
def _one(part: Part) -> Pattern:
    return pattern([replace(part, is_unwanted=False)])


# -- Showing where ---------------------------------------------------------------------------------------------------
def pattern(wanted: Iterable[Part]) -> Pattern:
    """Any of the wanted, where a word begins, with or without marks over its letters."""
    found = []
    for part in wanted:
        if not part.is_unwanted:
            words = re.findall(r"[^\W_]+", _MARKS.sub("", unicodedata.normalize("NFD", part.text)))
            word = r"[\W_]+".join("".join(f"{letter}[\u0300-\u036f]*" for letter in word) for word in words)
            found.append(word + (r"(?![^\W_])" if part.is_phrase else r"[^\W_\u0300-\u036f]*"))
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(found)})", re.IGNORECASE)


def finds(looked_for: Pattern, text: str) -> bool:
    return looked_for.search(unicodedata.normalize("NFD", text)) is not None


def snippet(text: str, looked_for: Pattern) -> SafeString:
    """The place of the first hit, marked."""
    plain = unicodedata.normalize("NFD", text)
    first = looked_for.search(plain)
    start = max(0, first.start() - AROUND[0]) if first else 0
    end = (first.end() if first else 0) + AROUND[1]
    if start:
        start = plain.find(" ", start, start + 20) + 1 or start
    piece = " ".join(_SIGNS.sub("", plain[start:end]).split())
    shown = ("… " if start else "") + piece + (" …" if end < len(plain) else "")
    return marked(shown, looked_for)


def marked(text: str, looked_for: Pattern) -> SafeString:
    """With `<mark>` around what was looked for, and everything else escaped."""
    plain, at = unicodedata.normalize("NFD", text), 0
    pieces: list[tuple[str, str]] = []
    for match in looked_for.finditer(plain):
        pieces.append((plain[at : match.start()], match.group()))
        at = match.end()
    composed = [tuple(unicodedata.normalize("NFC", piece) for piece in pair) for pair in pieces]
    rest = unicodedata.normalize("NFC", plain[at:])
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", composed), rest)
