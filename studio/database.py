"""The database for code in an event loop: in one thread, so by one connection, whatever the number of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")


async def query(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs it in the database's thread."""

    def run() -> R:
        _let_go_of_what_is_broken()
        return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_thread, run)


def _let_go_of_what_is_broken() -> None:
    """Or too old. A connection to a file is kept: to open one takes longer than most of what it is asked."""
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "sqlite":
            connection.close_at = None
        connection.close_if_unusable_or_obsolete()
