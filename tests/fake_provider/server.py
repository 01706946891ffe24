"""Serving a FakeProvider: in a thread of a test, or as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests import fakes
from tests.fake_provider.app import App
from tests.fake_provider.provider import FakeProvider


class Remote(fakes.Remote):
    """A fake provider in another process."""

    def fault(self, on: str, do: str, **details: Any) -> None:
        self.control(faults=[{"on": on, "do": do, **details}])


@contextmanager
def serve_in_thread(fake: FakeProvider | None = None) -> Iterator[FakeProvider]:
    with fakes.in_thread(fake or FakeProvider(), App) as served:
        yield served


@contextmanager
def run_process(**options: Any) -> Iterator[Remote]:
    """`options` are the command line's: wire, port, polls, seconds, latency, cancel_status, any_id, the wire's own."""
    with fakes.as_process("tests.fake_provider", Remote, options) as remote:
        yield remote
