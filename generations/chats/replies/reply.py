"""A reply while it is being written: what has come of it, and what those who watch it are told."""

from __future__ import annotations

import time
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from generations.chats.replies.strand import Strand
from studio.lib.markdown import Growing
from studio.providers.chat import Delta, Usage

Op = dict[str, Any]
MOST_NEWS = 32  # places for which the same bytes are kept


class Place(NamedTuple):
    """Up to where a page has been told: blocks that are whole, characters of reasoning, and which tail and signs.

    Of another `life` of the same reply (it was asked for again) it says nothing.
    """

    life: int = 0
    block: int = 0
    thought: int = 0
    tail: int = 0
    signs: int = 0


class LiveReply:
    """It belongs to one event loop. To add to it costs the same however long it is, and nothing is painted for nobody.

    `life` tells this asking from an earlier one of the same reply.
    """

    def __init__(
        self, reply_id: UUID, conversation_id: UUID, text: str = "", reasoning: str = "", life: int = 0
    ) -> None:
        self.id = reply_id
        self.conversation_id = conversation_id
        self.text = Strand(text)
        self.reasoning = Strand(reasoning)
        self.life = life
        self.usage: Usage | None = None
        self.finish = ""
        self.begun_at = self.heard_at = time.monotonic()
        self.first_token_at: float | None = None
        self._thinking_since: float | None = None
        self._thought_at: float | None = None  # when it thought last
        self.thought_seconds: float | None = None
        self._signs: Op = {}
        self._growing = Growing(f"{reply_id.hex}-")
        self._painted = 0  # characters of the text that are handed over to it
        self._shown = Place(life)
        self._news: dict[Place, bytes] = {}

    @property
    def is_empty(self) -> bool:
        return not self.text.length and not self.reasoning.length

    @property
    def tail_length(self) -> int:
        return len(self._growing.tail)

    # -- What comes --------------------------------------------------------------------------------------------------
    def add(self, delta: Delta) -> None:
        now = self.heard_at = time.monotonic()
        if delta.reasoning:
            self._think(delta.reasoning, now)
        if delta.text:
            self._speak(delta.text, now)
        if delta.whole_reasoning and self._thinking_since is None:
            self.reasoning.add(_clean(delta.whole_reasoning))
        if self.first_token_at is None and (delta.text or delta.reasoning):
            self.first_token_at = now
        self.usage = delta.usage or self.usage
        self.finish = delta.finish or self.finish
        if self._signs.get("stalled"):
            self.sign(stalled="")

    def _think(self, text: str, now: float) -> None:
        self.reasoning.add(_clean(text))
        self._thought_at = now
        if self._thinking_since is None:
            self._thinking_since = now
            self.sign(thinking=0.0)

    def _speak(self, text: str, now: float) -> None:
        self.text.add(_clean(text))
        if self._thinking_since is not None and self.thought_seconds is None:
            self._have_thought(now)

    def _have_thought(self, now: float) -> None:
        assert self._thinking_since is not None
        self.thought_seconds = round(now - self._thinking_since, 3)
        self._signs.pop("thinking", None)
        self.sign(thought=self.thought_seconds)

    def end(self) -> None:
        """No more comes. One that was cut while it thought, thought until its last word."""
        if self._thinking_since is not None and self._thought_at is not None and self.thought_seconds is None:
            self._have_thought(self._thought_at)

    # -- What is shown -----------------------------------------------------------------------------------------------
    def sign(self, **values: object) -> None:
        """What pages say beside the text: `stalled` (words; "" takes them back), `thinking`, `thought` (seconds)."""
        self._signs.update(values)
        self._shown = self._shown._replace(signs=self._shown.signs + 1)
        self._news.clear()

    @property
    def is_stalled(self) -> bool:
        return bool(self._signs.get("stalled"))

    def paint(self, *, whole: bool = False) -> bool:
        """Brings what is shown up to date, as far as can be done in one go; says whether there is more."""
        self._growing.add(self.text.since(self._painted))
        self._painted = self.text.length
        before = self._shown
        tail = before.tail + 1 if self._growing.paint(force=whole) else before.tail
        self._shown = before._replace(block=len(self._growing.blocks), thought=self.reasoning.length, tail=tail)
        if self._shown != before:
            self._news.clear()
        return self._growing.is_behind

    def finish_painting(self) -> None:
        """The last of it, where not much is missing and it does not take long."""
        if not self._growing.is_behind and not self._growing.is_long:
            self.paint(whole=True)

    @property
    def place(self) -> Place:
        """Where a page is that was told all."""
        return self._shown

    def news(self, told: Place) -> bytes:
        """What a page has to be told: ops as JSON with commas between them; the same bytes for all in one place."""
        if told == self._shown:
            return b""
        if told.life != self.life:
            told = Place(self.life)
        if told not in self._news:
            if len(self._news) >= MOST_NEWS:  # a page may say that it is anywhere
                self._news.clear()
            self._news[told] = b",".join(map(orjson.dumps, self._ops(told)))
        return self._news[told]

    def _ops(self, told: Place) -> list[Op]:
        reply, shown, done = str(self.id), self._shown, self._growing.blocks
        ops: list[Op] = []
        if told.signs != shown.signs:
            ops.append({"m": reply, **self._current_signs()})
        if told.thought < shown.thought:
            thought = self.reasoning.since(told.thought)[: shown.thought - told.thought]
            ops.append({"m": reply, "r": told.thought, "text": thought})
        first = min(told.block, len(done))
        ops += [{"m": reply, "n": at, "html": done[at]} for at in range(first, len(done))]
        if self._growing.tail and told[:2] + told[3:4] != shown[:2] + shown[3:4]:
            ops.append({"m": reply, "n": len(done), "html": self._growing.tail})
        return ops

    def _current_signs(self) -> Op:
        if "thinking" not in self._signs:
            return self._signs
        assert self._thinking_since is not None
        return {**self._signs, "thinking": round(time.monotonic() - self._thinking_since, 1)}


def _clean(text: str) -> str:
    """Without what no database of ours takes."""
    return text.replace("\0", "") if "\0" in text else text
