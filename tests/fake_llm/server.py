"""Serving a FakeLlm: in a thread of a test, or as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests import fakes
from tests.fake_llm.app import App
from tests.fake_llm.llm import FakeLlm


class Remote(fakes.Remote):
    """A fake model in another process."""

    def sent(self, number: int) -> bytes:
        """The bytes of the answer to one chat request, by its number from 1."""
        return httpx.get(f"{self.url}/_control/{number}", timeout=fakes.PATIENCE).raise_for_status().content


@contextmanager
def serve_in_thread(llm: FakeLlm | None = None) -> Iterator[FakeLlm]:
    with fakes.in_thread(llm or FakeLlm(), App) as served:
        yield served


@contextmanager
def run_process(**options: Any) -> Iterator[Remote]:
    """`options` are the command line's: port, speed, keyed. It ends with this process."""
    with fakes.as_process("tests.fake_llm", Remote, {"with_parent": 1, **options}) as remote:
        yield remote
