"""A job of the provider: how it comes to its end. What it looks like on the wire is its wire format's to say."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Job:
    """`polls` reads or `seconds` of time make it complete; neither: it never ends."""

    id: str
    key: str
    kind: str
    model: str
    prompt: str
    polls: int | None
    seconds: float | None
    extension: str = "png"  # of its results
    inputs: dict[str, Any] = field(default_factory=dict)
    webhook_url: str = ""
    reference: str = ""
    files: Any = None  # its results, in place of what the wire format would say
    failure: str | None = None
    code: int | str | None = None  # of the failure, where the wire format has one
    word: str = ""  # a status word that stays
    reads: int = 0
    end: str = ""  # completed, failed or cancelled, once it is so
    began: float = field(default_factory=time.monotonic)
    created: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    ended: dt.datetime | None = None

    @property
    def file(self) -> str:
        """Where its result is; any other name beside it is the same file."""
        return f"/files/{self.id}/output.{self.extension}"

    @property
    def done(self) -> float:
        """How far it is, 0–1, by the clock or by the reads so far."""
        if self.seconds is not None:
            return min(1.0, (time.monotonic() - self.began) / max(self.seconds, 1e-9))
        return min(1.0, self.reads / max(self.polls, 1)) if self.polls is not None else 0.5

    def finish(self, end: str) -> None:
        self.end, self.ended = end, dt.datetime.now(dt.UTC)

    def read(self) -> None:
        """Someone looks: it goes on, and may end by this."""
        self.reads += 1
        self.settle()

    def settle(self) -> None:
        """Ends it if its time has come."""
        if not self.end and not self.word and self.done >= 1:
            self.finish("completed" if self.failure is None else "failed")
