"""One reply from its claim to its end: asked for once, read as it comes, and written down however it ends.

How it ends:
    done          the provider said so, or sent all there was
    stopped       a person stopped it
    failed        refused, or lost, before anything of it was there
    interrupted   cut after that: what came is kept, and it can be gone on with
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from enum import Enum
from typing import NamedTuple
from uuid import UUID

import structlog

from accounts import budget
from accounts.connect import PATIENCE, connect
from accounts.models import ProviderKey
from generations.chats.replies import asking, ledger, recovery
from generations.chats.replies.asking import Question
from generations.chats.replies.following import life_of
from generations.chats.replies.hub import Hub
from generations.chats.replies.ledger import lasting
from generations.chats.replies.reply import LiveReply
from generations.models import ReplyState
from studio.database import query
from studio.lib.crypto import Undecryptable
from studio.providers import streaming
from studio.providers.base import ProviderError
from studio.providers.registry import DIALECTS
from studio.providers.transports import Transports

log = structlog.get_logger(__name__)

LONGEST = 4_000_000  # characters of a reply, its reasoning among them
AT_ONCE = 100  # characters at its beginning that are read as they come
BREATH = 0.025  # after them, seconds between two reads: what comes meanwhile is read at once, which costs less
FOR_EACH = 0.0005  # seconds more of it for each reply that is written: then they are painted more seldom anyway
KEY_UNREADABLE = "This key was encrypted under a secret that Studio no longer has. Replace it."


class Cut(Enum):
    """Why nobody reads on."""

    PERSON = "stopped"
    GONE = "gone"  # deleted, with its conversation or its owner
    SILENCE = "silence"
    SHUTDOWN = "shutdown"


class Outcome(NamedTuple):
    state: ReplyState
    error_kind: str = ""
    error: str = ""


class TooLong(Exception):
    """A reply without end."""


class Writing:
    def __init__(
        self, reply_id: UUID, writer: str, hub: Hub, transports: Transports, question: Question | None = None
    ) -> None:
        self.id = reply_id
        self._question = question
        self.live: LiveReply | None = None
        self.label = ""
        self._writer = writer
        self._hub = hub
        self._transports = transports
        self._why: Cut | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._sent = 0  # characters that the provider may have read

    def cut(self, why: Cut) -> None:
        """At once, however far it is. The first reason is the one."""
        if self._why is None:
            self._why = why
            if self._receiving:
                self._receiving.cancel()

    async def run(self) -> None:
        question = self._question or await lasting(lambda: query(asking.claim, self.id, self._writer))
        if question is None:
            return
        reply = question.reply
        self.label = DIALECTS[reply.provider].label if reply.provider in DIALECTS else reply.provider
        life = life_of(reply.started_at)
        self.live = LiveReply(reply.pk, reply.conversation_id, question.text, question.reasoning, life)
        self._hub.begin(self.live)
        try:
            await self._end(question, self.live, await self._outcome(question, self.live))
        finally:
            self._hub.ended(self.live)

    async def _outcome(self, question: Question, live: LiveReply) -> Outcome:
        failure: BaseException | None = None
        if self._why is None:
            self._receiving = asyncio.create_task(self._receive(question, live))
            await asyncio.wait([self._receiving])
            failure = asyncio.CancelledError() if self._receiving.cancelled() else self._receiving.exception()
            if failure is None and not live.is_empty:
                return Outcome(ReplyState.DONE)
        cut = ReplyState.FAILED if live.is_empty else ReplyState.INTERRUPTED
        match failure:
            case None if self._why is None:
                return Outcome(ReplyState.FAILED, "malformed", f"{self.label} answered with nothing.")
            case ProviderError():
                return Outcome(cut, failure.kind, failure.message)
            case Undecryptable():
                return Outcome(cut, "invalid_key", KEY_UNREADABLE)
            case TooLong():
                return Outcome(ReplyState.INTERRUPTED, "too_long", f"It was cut at {LONGEST:,} characters.")
            case None | asyncio.CancelledError():
                return self._cut_short(live)
        log.error("a reply broke", reply=str(self.id), exc_info=failure)
        return Outcome(cut, "studio", "Something went wrong in Studio.")

    def _cut_short(self, live: LiveReply) -> Outcome:
        match self._why:
            case Cut.SILENCE:
                silent = int(time.monotonic() - live.heard_at)
                said = f"{self.label} sent nothing for {silent} seconds, so Studio stopped waiting."
                return Outcome(ReplyState.FAILED if live.is_empty else ReplyState.INTERRUPTED, "silence", said)
            case Cut.SHUTDOWN:
                return Outcome(ReplyState.INTERRUPTED, "shutdown", recovery.CUT)
        return Outcome(ReplyState.STOPPED)

    async def _receive(self, question: Question, live: LiveReply) -> None:
        if question.refusal:
            raise question.refusal
        provider = connect(question.reply.provider, question.key, self._transports)
        await _turn(question.key)
        asked = await asking.complete(question)
        self._sent = asking.weight(question.spec)
        try:
            async with aclosing(streaming.chat(provider, asked)) as deltas:
                async for delta in deltas:
                    live.add(delta)
                    self._hub.grew(live)
                    length = live.text.length + live.reasoning.length
                    if length > LONGEST:
                        raise TooLong
                    if length > AT_ONCE:
                        await asyncio.sleep(BREATH + FOR_EACH * len(self._hub.here))
        except ProviderError as error:
            if not error.sent:
                self._sent = 0
            if error.status == 429 and question.key is not None:
                await _refused(question.key, error.retry_after or 1.0)
            raise

    async def _end(self, question: Question, live: LiveReply, outcome: Outcome) -> None:
        live.end()
        facts = ledger.facts(question.reply, live, self._sent)
        facts |= {"error_kind": outcome.error_kind, "error": outcome.error}
        await lasting(lambda: query(ledger.end, question.reply, outcome.state, self._writer, facts))


async def _turn(key: ProviderKey | None) -> None:
    """Waits a little for leave to send one more request with this key. Raises ProviderError."""
    give_up_at = time.monotonic() + PATIENCE
    while key is not None and budget.limit(key) is not None:
        taken = await lasting(lambda: query(budget.take, key))
        if taken.granted:
            return
        if time.monotonic() + taken.wait_seconds > give_up_at:
            raise budget.used_up(key)
        await asyncio.sleep(taken.wait_seconds)


async def _refused(key: ProviderKey, seconds: float) -> None:
    """The provider said that there were too many requests."""
    gate = budget.Gate(key, budget.ALL, PATIENCE)
    await lasting(lambda: query(gate.refused, seconds))
