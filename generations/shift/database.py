"""The one thread in which a shift's queries run, one after the other, on one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connections

from studio.lib.retry_after import backoff

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 6

log = structlog.get_logger(__name__)


class Database:
    """Call it with a function and its arguments. Make it after a fork; closing it closes the connection too."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A database that is away or locked for a moment is asked again: an answer that was paid for must be kept."""
        for attempt in range(TRIES):
            try:
                return await self._run(partial(work, *args, **kwargs))
            except (OperationalError, InterfaceError) as error:
                if attempt == TRIES - 1:
                    raise
                log.warning("database.again", work=getattr(work, "__name__", str(work)), reason=str(error))
                await self._run(connections.close_all)
                await asyncio.sleep(0.1 + backoff(attempt, base=0.2, cap=3.0))
        raise AssertionError("The last try returns or raises.")

    async def _run(self, work: Callable[[], T]) -> T:
        """What was asked for is done even when nobody waits for it any more."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))

    async def aclose(self) -> None:
        await self._run(connections.close_all)
        self._thread.shutdown()
