"""Finding conversations by their titles and by what was said in them, in the database's own full-text index.

Every word has to be there, in one message or in the title, and may go on ("photo" finds "photographs"); "in quotes" is
found as it stands, and -word leaves out what has it. Accents and case are the same with and without. The index is in
the migration `0004_chat_search`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from generations.models import Conversation, Message

LONGEST = 300  # characters of a query
MOST_WORDS = 20
HITS = 50
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


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation, and where it has the words: in a message, of which `snippet` shows the place, or in its title."""

    conversation: Conversation
    title: SafeString
    snippet: SafeString
    message: UUID | None


def parts(query: str) -> list[Part]:
    """What is looked for. Signs between words are no words; nothing that one writes is refused."""
    found = []
    for dash, phrase, other_dash, word in _PART.findall(query.replace("\0", " ")[:LONGEST]):
        text, is_phrase = (phrase, True) if phrase or not word else (word, False)
        if any(unicodedata.category(sign)[0] in "LN" for sign in text):
            found.append(Part(text.strip(), is_phrase, bool(dash or other_dash)))
    return found[:MOST_WORDS]


def find(user: User, query: str, limit: int = HITS) -> list[Hit]:
    """The person's conversations that have it, those written in last first."""
    wanted = parts(query)
    if all(part.is_unwanted for part in wanted):
        return []
    rows = _rows(user, wanted, limit)
    conversations = Conversation.objects.select_related("folder").in_bulk([conversation for conversation, _ in rows])
    texts = dict(Message.objects.filter(pk__in=[message for _, message in rows if message]).values_list("pk", "text"))
    pattern = _pattern(wanted)
    return [
        Hit(
            conversations[conversation],
            _marked(conversations[conversation].title or "Untitled", pattern),
            _snippet(texts[message], pattern) if message else SafeString(),
            message,
        )
        for conversation, message in rows
        if conversation in conversations and (message is None or message in texts)
    ]


# -- Asking the index ------------------------------------------------------------------------------------------------
_SQLITE = """
    SELECT conversation.id, MAX(message.id) FROM generations_chatsearch
    JOIN generations_chatsearch_entry entry ON entry.id = generations_chatsearch.rowid
    JOIN generations_conversation conversation ON conversation.id = entry.conversation_id
    LEFT JOIN generations_message message ON message.id = entry.message_id
    WHERE generations_chatsearch MATCH %s AND conversation.owner_id = %s AND conversation.deleted_at IS NULL
    AND message.deleted_at IS NULL
    GROUP BY conversation.id ORDER BY conversation.written_at DESC, conversation.id DESC LIMIT %s
"""
_POSTGRESQL = """
    SELECT hit.conversation, hit.message FROM (
        SELECT DISTINCT ON (conversation) conversation, message, written_at FROM (
            SELECT conversation.id AS conversation, NULL::uuid AS message, conversation.written_at
            FROM generations_conversation conversation
            WHERE studio_searchable(conversation.title) @@ to_tsquery('simple', %(query)s)
            AND conversation.owner_id = %(owner)s AND conversation.deleted_at IS NULL
            UNION ALL
            SELECT conversation.id, message.id, conversation.written_at
            FROM generations_message message
            JOIN generations_conversation conversation ON conversation.id = message.conversation_id
            WHERE studio_searchable(message.text) @@ to_tsquery('simple', %(query)s)
            AND conversation.owner_id = %(owner)s AND conversation.deleted_at IS NULL
            AND message.deleted_at IS NULL
        ) every ORDER BY conversation, message DESC NULLS LAST
    ) hit ORDER BY hit.written_at DESC, hit.conversation DESC LIMIT %(limit)s
"""


def _rows(user: User, wanted: list[Part], limit: int) -> list[tuple[UUID, UUID | None]]:
    """Conversations, each with its newest message that has the words; None where only its title has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, {"query": _to_tsquery(wanted), "owner": user.pk, "limit": limit})
            return list(cursor.fetchall())
        cursor.execute(_SQLITE, [_to_match(wanted), user.pk, limit])
        return [(UUID(conversation), UUID(message) if message else None) for conversation, message in cursor.fetchall()]


def _to_match(wanted: Iterable[Part]) -> str:
    """In FTS5's language. What people wrote stands in quotes, where it has no signs of that language."""
    plain: list[str] = []
    unwanted: list[str] = []
    for part in wanted:
        quoted = f'"{part.text}"'
        (unwanted if part.is_unwanted else plain).append(quoted if part.is_phrase else f"{quoted} *")
    asked = " AND ".join(plain)
    return f"({asked}) NOT ({' OR '.join(unwanted)})" if unwanted else asked


def _to_tsquery(wanted: Iterable[Part]) -> str:
    """In PostgreSQL's language; what people wrote stands in quotes, without the signs that end them."""
    found = []
    for part in wanted:
        folded = _BETWEEN.sub(" ", _MARKS.sub("", unicodedata.normalize("NFD", part.text))).strip()
        if folded:
            found.append(f"{'!' if part.is_unwanted else ''}('{folded}'{'' if part.is_phrase else ':*'})")
    return " & ".join(found)


# -- Showing where ---------------------------------------------------------------------------------------------------
def _pattern(wanted: Iterable[Part]) -> re.Pattern[str]:
    """Any of the wanted, where a word begins, with or without marks over its letters."""
    found = []
    for part in wanted:
        if not part.is_unwanted:
            words = re.findall(r"[^\W_]+", _MARKS.sub("", unicodedata.normalize("NFD", part.text)))
            word = r"[\W_]+".join("".join(f"{letter}[\u0300-\u036f]*" for letter in word) for word in words)
            found.append(word + (r"(?![^\W_])" if part.is_phrase else r"[^\W_\u0300-\u036f]*"))
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(found)})", re.IGNORECASE)


def _snippet(text: str, pattern: re.Pattern[str]) -> SafeString:
    plain = unicodedata.normalize("NFD", text)
    first = pattern.search(plain)
    start = max(0, first.start() - AROUND[0]) if first else 0
    end = (first.end() if first else 0) + AROUND[1]
    if start:
        start = plain.find(" ", start, start + 20) + 1 or start
    piece = " ".join(_SIGNS.sub("", plain[start:end]).split())
    shown = ("… " if start else "") + piece + (" …" if end < len(plain) else "")
    return _marked(shown, pattern)


def _marked(text: str, pattern: re.Pattern[str]) -> SafeString:
    """With `<mark>` around what was looked for, and everything else escaped."""
    plain, at = unicodedata.normalize("NFD", text), 0
    pieces: list[tuple[str, str]] = []
    for match in pattern.finditer(plain):
        pieces.append((plain[at : match.start()], match.group()))
        at = match.end()
    composed = [tuple(unicodedata.normalize("NFC", piece) for piece in pair) for pair in pieces]
    rest = unicodedata.normalize("NFC", plain[at:])
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", composed), rest)
