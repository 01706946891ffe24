"""One shift as the worker runs it, with a fixed interval; prints what it did after the warm-up as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import threading
import time

import django
import uvloop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from generations.shift.loop import Shift  # noqa: E402  needs Django


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--interval", type=float, default=3.0)
    parser.add_argument("--warm-up", type=float, default=8.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--lists", type=int, default=0)
    given = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    end = time.monotonic() + given.warm_up + given.seconds
    shift = Shift(stop=lambda: time.monotonic() > end, wait=lambda step: given.interval, lists=bool(given.lists))
    began: list[tuple[float, float]] = []

    def settle() -> None:
        shift.report.reset()
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
        "late": [report.lateness(share) for share in (0.5, 0.95, 0.99)],
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
