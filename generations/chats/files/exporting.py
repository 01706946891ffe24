"""Conversations as files: as Markdown for people, and as JSON that Studio reads again.

The JSON holds all of a conversation: every branch, who was asked, the settings, what was counted and what it cost.
Attachments are named, not held; keys are in neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async

from accounts.models import User
from generations.chats import tree
from generations.models import Asset, Conversation, Message

FORMAT, VERSION = "studio.chats", 1
AT_ONCE = 20  # conversations read from the database at a time

CONVERSATION = ("title", "is_title_own", "system", "provider", "model", "settings")
TIMES = ("created_at", "written_at", "pinned_at", "archived_at")
REPLY = (
    *("state", "provider", "model", "model_name", "settings", "reasoning", "reasoning_seconds", "finish"),
    *("error_kind", "error", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cost_unit"),
)
REPLY_TIMES = ("started_at", "first_token_at", "finished_at")
REPLY_PRICES = ("input_price", "output_price", "cost")


def as_json(conversation: Conversation) -> str:
    """One conversation, as a whole file."""
    return json.dumps(_file([record(conversation)]), ensure_ascii=False, indent=1)


async def everything(owner: User) -> AsyncIterator[bytes]:
    """All conversations as one file of the same kind, a few at a time."""
    head, foot = json.dumps(_file([])).split("[]")
    yield head.encode() + b"["
    after, separator = UUID(int=0), ""
    while batch := await sync_to_async(_batch)(owner, after):
        for _, text in batch:
            yield f"{separator}\n{text}".encode()
            separator = ","
        after, _ = batch[-1]
    yield b"\n]" + foot.encode()


def record(conversation: Conversation) -> dict[str, Any]:
    messages = list(conversation.messages.filter(deleted_at__isnull=True).order_by("pk"))
    names = _names(conversation.owner, messages)
    return {
        "id": str(conversation.pk),
        **{name: getattr(conversation, name) for name in CONVERSATION},
        **{name: _time(getattr(conversation, name)) for name in TIMES},
        "folder": conversation.folder.name if conversation.folder else "",
        "current": str(conversation.current_id or ""),
        "messages": [_message(message, names) for message in messages],
    }


def file_name(conversation: Conversation, ending: str) -> str:
    """By its title, in letters that every system takes."""
    words = re.sub(r"[^\w-]+", "-", conversation.title.encode("ascii", "ignore").decode()).strip("-_").lower()
    return f"{words[:60].rstrip('-') or 'conversation'}.{ending}"


# -- Markdown --------------------------------------------------------------------------------------------------------
def as_markdown(conversation: Conversation) -> str:
    """The branch that is shown."""
    parts = [f"# {_line(conversation.title or 'Untitled')}"]
    if conversation.system:
        parts.append("> **System prompt**\n>\n" + "\n".join(f"> {line}" for line in conversation.system.splitlines()))
    turns = tree.path(conversation)
    shown = [message for turn in turns for message in (turn.beside or (turn.message,))]
    names = _names(conversation.owner, shown)
    return "\n\n".join([*parts, *(_section(message, names) for message in shown)]) + "\n"


def _section(message: Message, names: dict[str, str]) -> str:
    text, reasoning = message.written()
    who = (message.model_name or message.model or "Model") if message.is_reply else "You"
    parts = [f"## {_line(who)} · {message.created_at:%Y-%m-%d %H:%M} UTC"]
    if reasoning:
        parts.append(f"<details><summary>Reasoning</summary>\n\n{reasoning.strip()}\n\n</details>")
    parts += [f"- Attached: {_line(names.get(reference, reference))}" for reference in message.inputs]
    parts.append(text.strip())
    if message.error:
        parts.append(f"*{_line(message.get_state_display())}: {_line(message.error)}*")
    if facts := _facts(message):
        parts.append(f"*{facts}*")
    return "\n\n".join(filter(None, parts))


def _facts(message: Message) -> str:
    """120 tokens in, 45 out · 0.0012 USD"""
    facts = []
    if message.prompt_tokens is not None and message.completion_tokens is not None:
        facts.append(f"{message.prompt_tokens:,} tokens in, {message.completion_tokens:,} out")
    if message.cost is not None:
        facts.append(f"{_number(message.cost)} {message.cost_unit}")
    return " · ".join(facts)


def _line(text: str) -> str:
    return " ".join(text.split())


# -- JSON ------------------------------------------------------------------------------------------------------------
def _file(conversations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "conversations": conversations}


def _batch(owner: User, after: UUID) -> list[tuple[UUID, str]]:
    rows = Conversation.objects.filter(owner=owner, deleted_at__isnull=True, pk__gt=after)
    found = rows.select_related("owner", "folder").order_by("pk")[:AT_ONCE]
    return [(one.pk, json.dumps(record(one), ensure_ascii=False)) for one in found]


def _message(message: Message, names: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(message.pk),
        "parent": str(message.parent_id or ""),
        "role": message.role,
        "text": message.text,
        "created_at": _time(message.created_at),
        "attachments": [{"reference": one, "name": names.get(one, "")} for one in message.inputs],
    }
    if not message.is_reply:
        return said
    text, reasoning = message.written()
    return said | {
        **{name: getattr(message, name) for name in REPLY},
        **{name: _time(getattr(message, name)) for name in REPLY_TIMES},
        **{name: _number(getattr(message, name)) for name in REPLY_PRICES},
        "batch": str(message.batch or ""),
        "text": text,
        "reasoning": reasoning,
    }


def _names(owner: User, messages: Iterable[Message]) -> dict[str, str]:
    """Of uploads, as their files were called, by reference."""
    ids = {part for message in messages for part in _uploads(message.inputs)}
    assets = Asset.objects.filter(owner=owner, pk__in=ids) if ids else ()
    return {f"asset:{asset.pk}": asset.name for asset in assets}


def _uploads(references: Iterable[Any]) -> Iterator[UUID]:
    for reference in references:
        if isinstance(reference, str) and reference.startswith("asset:"):
            try:
                yield UUID(reference.removeprefix("asset:"))
            except ValueError:
                continue


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _number(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"
