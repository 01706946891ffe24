"""One shift as the worker runs it, with a fixed interval or its own; prints what it did after the warm-up as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import threading
import time
from typing import Any

import django
import uvloop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from django.db.backends.signals import connection_created  # noqa: E402  these need Django

from generations.shift.loop import Shift  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--interval", type=float, default=3.0, help="0: as it usually would")
    parser.add_argument("--warm-up", type=float, default=8.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--lists", type=int, default=0)
    given = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    end = time.monotonic() + given.warm_up + given.seconds
    wait = (lambda step: given.interval) if given.interval else None
    shift = Shift(stop=lambda: time.monotonic() > end, wait=wait, lists=bool(given.lists))
    began: list[tuple[float, float]] = []
    writes = count_writes()

    def settle() -> None:
        shift.report.reset()
        writes[0] = 0
        began.append((time.monotonic(), time.process_time()))

    threading.Timer(given.warm_up, settle).start()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(shift.run())
    [(wall, cpu)] = began
    seconds, report = time.monotonic() - wall, shift.report
    figures = {
        "seconds": seconds,
        "cores": (time.process_time() - cpu) / seconds,
        "steps": report.steps,
        "broken": report.broken,
        "writes": writes[0],
        "late": [report.lateness(share) for share in (0.5, 0.95, 0.99)],
    }
    print(json.dumps(figures), flush=True)


def count_writes() -> list[int]:
    """The statements that change something, from now on, in every connection that is made."""
    number = [0]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        number[0] += not sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE"))
        return execute(sql, params, many, context)

    def connected(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(watch)

    connection_created.connect(connected, weak=False)
    return number


if __name__ == "__main__":
    main()
