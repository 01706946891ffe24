"""A reply while it is being written: its text so far, and its HTML for those who watch."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from studio.lib.markdown import Growing
from studio.providers.chat import Delta, Usage

Op = dict[str, Any]


class LiveReply:
    """What has come of one reply. It belongs to one event loop; adding to it costs the same however long it is."""

    def __init__(self, reply_id: UUID, conversation_id: UUID, text: str = "", reasoning: str = "") -> None:
        self.id = reply_id
        self.conversation_id = conversation_id
        self.parts = [text] if text else []
        self.reasoning = [reasoning] if reasoning else []
        self.usage: Usage | None = None
        self.finish = ""
        self.heard_at = time.monotonic()
        self.thought_seconds: float | None = None
        self.first_token_after: float | None = None
        self.is_stalled = False
        self.is_painted = False
        self.unwritten: list[tuple[bool, str]] = []  # (is it reasoning, text) since the last flush
        self._begun_at = time.monotonic()
        self._growing = Growing()
        self._growing.add(text)
        self.painted_reasoning = 0  # characters

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def whole_reasoning(self) -> str:
        return "".join(self.reasoning)

    def add(self, delta: Delta) -> None:
        now = time.monotonic()
        self.heard_at, self.is_stalled = now, False
        if delta.whole_reasoning and not self.reasoning:
            self._think(delta.whole_reasoning)
        if delta.reasoning:
            self._think(delta.reasoning)
        if delta.text:
            if self.reasoning and self.thought_seconds is None:
                self.thought_seconds = now - self._begun_at
            self.parts.append(delta.text)
            self.unwritten.append((False, delta.text))
            self._growing.add(delta.text)
        if self.first_token_after is None and (delta.text or delta.reasoning):
            self.first_token_after = now - self._begun_at
        self.usage = delta.usage or self.usage
        self.finish = delta.finish or self.finish

    def paint(self) -> bool:
        """Brings its HTML up to date; says whether there is something new to show."""
        self.is_painted = True
        return self._growing.paint()

    def since(self, block: int, thought: int) -> list[Op]:
        """What a page has to be told that has its first `block` blocks whole and so many characters of reasoning."""
        ops: list[Op] = []
        reasoning = self.whole_reasoning if self.reasoning else ""
        if thought < len(reasoning):
            ops.append({"m": str(self.id), "r": thought, "text": reasoning[thought:]})
        done = self._growing.blocks
        ops += [{"m": str(self.id), "n": at, "html": done[at]} for at in range(min(block, len(done)), len(done))]
        if self._growing.tail:
            ops.append({"m": str(self.id), "n": len(done), "html": self._growing.tail})
        return ops

    @property
    def place(self) -> tuple[int, int]:
        """Up to where a page is that was told all: blocks that are whole, characters of reasoning."""
        return len(self._growing.blocks), sum(map(len, self.reasoning))

    def _think(self, text: str) -> None:
        self.reasoning.append(text)
        self.unwritten.append((True, text))
