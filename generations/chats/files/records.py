"""A conversation as Studio's JSON has it → its records. Nothing in it is taken at its word."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from accounts.models import User
from generations.chats import folders
from generations.inputs import LONGEST_LINK
from generations.models import Asset, Conversation, Folder, Message, ReplyState, Role
from generations.models.message import UNDER_WAY
from studio.lib.ids import uuid7

MOST_MESSAGES = 20_000
LONGEST = 2_000_000  # characters of a message
CUT = "\n\n… (cut: this message was longer)"
MOST_ATTACHED = 64
LARGEST_SETTINGS = 20_000  # characters
Record = Mapping[str, Any]


class Odd(ValueError):
    """A conversation that is not kept; the message says why, for people."""


def own_id(record: Any) -> str:
    """What the conversation is known by in its file; where it has no id, its content."""
    if not isinstance(record, dict):
        raise Odd("It is no conversation.")
    named = record.get("id")
    if isinstance(named, str) and 0 < len(named) <= 200:
        return _text(named)
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def write(user: User, pk: UUID, record: Record) -> Conversation:
    """Raises Odd. Within a transaction, or half of it may stay."""
    said = record.get("messages")
    if not isinstance(said, list) or not said:
        raise Odd("It has no messages.")
    if len(said) > MOST_MESSAGES:
        raise Odd(f"It has more than {MOST_MESSAGES:,} messages.")
    created = _time(record.get("created_at")) or datetime.now(UTC)
    conversation = Conversation.objects.create(
        id=pk,
        owner=user,
        title=folders.one_line(_text(record.get("title")), folders.TITLE_MAX),
        is_title_own=record.get("is_title_own") is True,
        system=_text(record.get("system"), 400_000),
        provider=_text(record.get("provider"), 40),
        model=_text(record.get("model"), 200),
        settings=_settings(record.get("settings")),
        folder=_folder(user, _text(record.get("folder"), folders.NAME_MAX)),
        created_at=created,
        written_at=_time(record.get("written_at")) or created,
        pinned_at=_time(record.get("pinned_at")),
        archived_at=_time(record.get("archived_at")),
    )
    rows = _messages(conversation, said)
    Message.objects.bulk_create(rows.values(), batch_size=200)
    _attach(user, list(rows.values()))
    current = rows.get(str(record.get("current"))) or list(rows.values())[-1]
    Conversation.objects.filter(pk=pk).update(current=current)
    return conversation


def _folder(user: User, name: str) -> Folder | None:
    """None also where there are too many already: the conversation is what counts."""
    try:
        return folders.create(user, name) if name.strip() else None
    except folders.Unfit:
        return None


def _messages(conversation: Conversation, said: list[Any]) -> dict[str, Message]:
    """By the ids that they had. Ids are given anew, in the order of the file, which is the order of the branches."""
    rows: dict[str, Message] = {}
    batches: dict[str, UUID] = {}
    for one in said:
        if not isinstance(one, dict) or one.get("role") not in Role.values:
            raise Odd("It has a message that is nobody's.")
        above = str(one.get("parent") or "")
        if above and above not in rows:
            raise Odd("It has a message that answers none.")
        name = str(one.get("id") or len(rows))
        if name in rows:
            raise Odd("It has two messages of one id.")
        created = _time(one.get("created_at")) or conversation.created_at
        row = Message(
            id=uuid7(),
            conversation=conversation,
            parent=rows[above] if above else None,
            role=one["role"],
            text=_long(one.get("text")),
            created_at=created,
            inputs=_inputs(one.get("attachments")),
        )
        if row.is_reply:
            _reply(row, one, batches)
        rows[name] = row
    return rows


def _reply(row: Message, one: Record, batches: dict[str, UUID]) -> None:
    state = one.get("state")
    row.state = state if state in ReplyState.values else ReplyState.DONE
    if row.state in UNDER_WAY:
        row.state = ReplyState.INTERRUPTED
    if batch := _text(one.get("batch"), 100):
        row.batch = batches.setdefault(batch, uuid7())
    for name, longest in (("provider", 40), ("model", 200), ("model_name", 200), ("finish", 40), ("error_kind", 30)):
        setattr(row, name, _text(one.get(name), longest))
    row.error, row.cost_unit = _text(one.get("error"), 10_000), _text(one.get("cost_unit"), 12)
    row.reasoning, row.settings = _long(one.get("reasoning")), _settings(one.get("settings"))
    seconds = one.get("reasoning_seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < 1e7:
        row.reasoning_seconds = float(seconds)
    for name in ("started_at", "first_token_at", "finished_at"):
        setattr(row, name, _time(one.get(name)))
    for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens"):
        setattr(row, name, _count(one.get(name)))
    for name, places in (("input_price", 6), ("output_price", 6), ("cost", 12)):
        setattr(row, name, _amount(one.get(name), places))


def _attach(user: User, rows: list[Message]) -> None:
    """Those uploads that are the person's own belong to the messages again."""
    named = [(row, one.removeprefix("asset:")) for row in rows for one in row.inputs if one.startswith("asset:")]
    if not named:
        return
    own = {str(pk) for pk in Asset.objects.filter(owner=user).values_list("pk", flat=True)}
    link = Message.assets.through
    pairs = dict.fromkeys((row.pk, asset) for row, asset in named if asset in own)
    link.objects.bulk_create(link(message_id=message, asset_id=asset) for message, asset in pairs)


# -- Values ----------------------------------------------------------------------------------------------------------
def _text(value: Any, longest: int = 10_000) -> str:
    """Without what no database keeps: NUL, and halves of signs."""
    return value.replace("\0", "")[:longest].encode(errors="replace").decode() if isinstance(value, str) else ""


def _long(value: Any) -> str:
    text = _text(value, LONGEST + 1)
    return text if len(text) <= LONGEST else text[:LONGEST] + CUT


def _settings(value: Any) -> dict[str, Any]:
    """As they were, where they can be kept."""
    if not isinstance(value, dict):
        return {}
    try:
        kept: dict[str, Any] = json.loads(_text(json.dumps(value, allow_nan=False, ensure_ascii=False), 10**9))
    except ValueError:
        return {}
    return kept if len(json.dumps(kept)) <= LARGEST_SETTINGS else {}


def _inputs(value: Any) -> list[str]:
    entries = value[:MOST_ATTACHED] if isinstance(value, list) else []
    named = [_text(entry.get("reference"), LONGEST_LINK) for entry in entries if isinstance(entry, dict)]
    return [name for name in named if name.startswith(("asset:", "output:", "https://", "http://"))]


def _time(value: Any) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found = datetime.fromtimestamp(value, UTC)
        else:
            parsed = parse_datetime(value) if isinstance(value, str) else None
            if parsed is None:
                return None
            found = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if 1970 <= found.year < 9000 else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _amount(value: Any, places: int) -> Decimal | None:
    try:
        amount = Decimal(value) if isinstance(value, str) and len(value) < 60 else None
    except InvalidOperation:
        return None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10**12:
        return None
    return round(amount, places)
