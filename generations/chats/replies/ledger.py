"""What is written down of replies: while they are written, a piece of each twice a second, and how each ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import DatabaseError, DataError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ProviderKey
from generations.chats.replies.reply import LiveReply
from generations.models import Message, ReplyPiece, ReplyState
from generations.models.message import MOST_COST, MOST_TOKENS, cost_of
from generations.money import lent_words
from studio.database import query
from studio.providers.chat import Usage

R = TypeVar("R")
log = structlog.get_logger(__name__)

AGAINST_KEY = frozenset({"invalid_key", "insufficient_credits"})
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """Of the replies that a process writes: those that a person wants stopped, and those that nobody can read."""

    stopped: Collection[UUID] = ()
    gone: Collection[UUID] = ()


async def write_down(replies: Iterable[LiveReply], writer: str, *, beat: bool) -> Wishes:
    """What came since the last time, for all replies together. Raises DatabaseError; what came is then kept."""
    pieces, marks = [], []
    lives = list(replies)
    for live in lives:
        for strand, is_reasoning in ((live.reasoning, True), (live.text, False)):
            text, mark = strand.unwritten()
            if text:
                pieces.append(ReplyPiece(message_id=live.id, is_reasoning=is_reasoning, text=text))
                marks.append((strand, mark))
    wishes = await query(_write_down, pieces, [live.id for live in lives], writer, beat)
    for strand, mark in marks:
        strand.wrote(mark)
    return wishes


def _write_down(pieces: list[ReplyPiece], replies: list[UUID], writer: str, beat: bool) -> Wishes:
    ours = Message.objects.filter(pk__in=replies, state=ReplyState.WRITING, writer=writer)
    with transaction.atomic():
        if beat:
            ours.update(beat_at=timezone.now())
        there = _wishes(ours)
        if Message.take_back([key for key in replies if key not in there], writer):
            there = _wishes(ours)
        ReplyPiece.objects.bulk_create([piece for piece in pieces if piece.message_id in there])
    return Wishes(
        stopped={key for key, (stop, _) in there.items() if stop},
        gone={key for key in replies if key not in there or there[key][1]},
    )


def _wishes(replies: QuerySet[Message]) -> dict[UUID, tuple[datetime | None, datetime | None]]:
    """When each was to be stopped, and deleted."""
    rows = replies.values_list("pk", "stop_requested_at", "deleted_at", "conversation__deleted_at")
    return {key: (stop, deleted or away) for key, stop, deleted, away in rows}


def end(reply: Message, state: ReplyState, writer: str, facts: dict[str, Any]) -> bool:
    """Also where it was taken for abandoned meanwhile: who wrote it knows it whole."""
    ended = reply.end(state, writer=writer, **facts) or (
        Message.take_back([reply.pk], writer) == 1 and reply.end(state, writer=writer, **facts)
    )
    if ended and reply.key is not None:
        _note(reply.key, facts)
    return ended


def _note(key: ProviderKey, facts: Mapping[str, Any]) -> None:
    """What its provider thought of the key, for the page of keys."""
    if facts.get("error_kind") in AGAINST_KEY:
        key.note_error(facts["error"], refused=facts["error_kind"] == "invalid_key")
    elif facts.get("text"):
        key.note_use()


def facts(reply: Message, live: LiveReply, sent: int = 0) -> dict[str, Any]:
    """What is known of it when it has ended; `sent`: so many characters, of what is to be paid for.

    One that was asked for more than once (gone on with, or begun anew) has cost all of that: tokens are those of every
    asking that the provider counted, which it seldom does for one that was cut.
    """
    found: dict[str, Any] = {"text": str(live.text), "reasoning": str(live.reasoning), "finish": live.finish[:40]}
    if live.thought_seconds is not None:
        found["reasoning_seconds"] = live.thought_seconds
    if live.first_token_at is not None and reply.started_at is not None:
        found["first_token_at"] = reply.started_at + timedelta(seconds=live.first_token_at - live.begun_at)
    return found | (_tokens(reply, live.usage) if live.usage else {}) | _presumed(reply, live, sent)


def _presumed(reply: Message, live: LiveReply, sent: int) -> dict[str, Any]:
    """What this asking may have cost, where it was not counted whole, beside the like of earlier ones."""
    usage = live.usage
    is_counted = usage is not None and usage.prompt is not None and usage.completion is not None
    if is_counted or not sent or reply.input_price is None or reply.output_price is None:
        return {}
    received = live.text.length + live.reasoning.length - len(reply.text) - len(reply.reasoning)
    now = lent_words.presumed(sent, received, reply.input_price, reply.output_price)
    return {"presumed_cost": min((reply.presumed_cost or 0) + now, MOST_COST)}


def _tokens(reply: Message, usage: Usage) -> dict[str, Any]:
    prompt, completion = _sum(reply.prompt_tokens, usage.prompt), _sum(reply.completion_tokens, usage.completion)
    found: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "reasoning_tokens": _sum(reply.reasoning_tokens, usage.reasoning),
    }
    if reply.input_price is not None and reply.output_price is not None:
        found["cost"] = cost_of(prompt, completion, reply.input_price, reply.output_price)
    return found


def _sum(before: int | None, now: int | None) -> int | None:
    return now if before is None else min(before + (now or 0), MOST_TOKENS)


async def lasting(attempt: Callable[[], Awaitable[R]]) -> R:
    """Tries until the database takes it: a reply that nobody writes down would be paid for in vain.

    What it will never take (a number too large) is raised.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            return await attempt()
        except DataError:
            raise
        except DatabaseError as error:
            log.warning("a reply waits for the database", reason=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
