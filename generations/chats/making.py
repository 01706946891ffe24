"""A message, or what is selected of it, as the prompt of something to make. Nothing here makes it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from markdown_it import MarkdownIt
from markdown_it.token import Token

from accounts.models import User
from generations import prompts
from generations.models import Message

KEPT = "selected-of-messages"  # in the session: what was selected last, by message
MOST_KEPT = 5
LONGEST = 40_000  # characters that are looked at; a prompt has fewer
GONE = "This message is not there any more."

_markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class Brought:
    """What a message brings to Create: a prompt, and what is to be said of it."""

    text: str = ""
    notice: str = ""


def keep(session: SessionBase, message: Message, selected: str) -> None:
    """Remembers what is selected of a message (nothing: all of it is meant) for the page that is opened next."""
    kept = {of: text for of, text in session.get(KEPT, {}).items() if of != str(message.pk)}
    if selected.strip():
        kept[str(message.pk)] = selected.strip()[:LONGEST]
    session[KEPT] = dict(list(kept.items())[-MOST_KEPT:])


def brought(user: User, session: SessionBase, message_id: str, *, most: int) -> Brought:
    """By the id of a message of one's own, of at most so many characters."""
    message = _message(user, message_id)
    if message is None:
        return Brought(notice=GONE)
    selected = session.get(KEPT, {}).get(str(message.pk), "")
    text = " ".join(selected.split()) if selected else plain(message.written()[0][:LONGEST])
    prompt = _cut(text, most)
    if prompt == prompts.literal(text):
        return Brought(prompt)
    return Brought(prompt, f"The text is longer than a prompt may be. These are its first {most:,} characters.")


def plain(markdown: str) -> str:
    """The words of a Markdown text, a blank line between its paragraphs."""
    parts = (_words(token) for token in _markdown.parse(markdown))
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _words(token: Token) -> str:
    if token.type in {"fence", "code_block"}:
        return token.content
    words = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            words.append(child.content)
        elif child.type == "image":
            words.append(child.content)  # what it shows, in words
        elif child.type in {"softbreak", "hardbreak"}:
            words.append("\n" if child.type == "hardbreak" else " ")
    return "".join(words)


def _cut(text: str, most: int) -> str:
    """As a prompt is written, in which words in braces are variables, within so many characters."""
    lengths = range(min(len(text), most) + 1)
    fitting = bisect_right(lengths, most, key=lambda length: len(prompts.literal(text[:length])))
    return prompts.literal(text[: fitting - 1])


def _message(user: User, message_id: str) -> Message | None:
    try:
        wanted = UUID(message_id)
    except ValueError:
        return None
    rows = Message.objects.filter(conversation__owner=user, conversation__deleted_at=None, deleted_at=None)
    return rows.filter(pk=wanted).first()
