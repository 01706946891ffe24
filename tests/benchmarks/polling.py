"""Polling of many jobs in flight: one shift against the usual task per poll, on SQLite and on PostgreSQL.

    python -m tests.benchmarks.polling [--jobs 10000] [--seconds 20] [--databases sqlite,postgres] [--parts polls,…]

The provider (a process of its own, 100 ms latency) never ends a job. Lateness is from the time at which a poll was
due to the moment at which it began. A page's own write is one INSERT, made 20 times a second from another process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import table
from tests.fake_provider import run_process
from tests.postgres import postgres

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("naive", "polls", "hung", "lists", "recovery")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--parts", default=",".join(PARTS))
    given = parser.parse_args()
    for database in given.databases.split(","):
        figures = measured(database, given.jobs, given.seconds, given.parts)
        table(f"Polling, {database}", list(rows(figures)))
    return 0


def measured(database: str, jobs: int, seconds: float, parts: str) -> dict[str, Any]:
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="studio-bench-", ignore_cleanup_errors=True))
        url = stack.enter_context(postgres()) if database == "postgres" else ""
        fake = stack.enter_context(run_process(latency=0.1, any_id=1, polls=1_000_000))
        env = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_"))}
        env |= {"STUDIO_DATA": data, "DATABASE_URL": url, "STUDIO_WAYSCLOUD_GPU_URL": fake.url, "REDIS_URL": ""}
        manage = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(manage, cwd=ROOT, env=env, check=True)
        words = [f"--jobs={jobs}", f"--seconds={seconds}", f"--parts={parts}", f"--fake={fake.url}"]
        command = [sys.executable, "-m", "tests.benchmarks.polling_runs", *words]
        out = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
        return dict(json.loads(out.splitlines()[-1]))


def rows(figures: dict[str, Any]) -> Any:
    """The lines of the table."""
    naive = figures.get("naive")
    if naive:
        yield "a task per poll, 8 workers", f"{naive['rate']:,.0f} polls/s, {naive['cores']:.2f} cores"
    for name, label in (
        ("polls", "one shift"),
        ("hung", "the same, 5 keys hung"),
        ("lists", "by list calls, twice as many"),
    ):
        if name in figures:
            yield from _shift(label, figures[name], naive if name == "polls" else None)
    if "recovery" in figures:
        again = figures["recovery"]
        yield "polling is back after kill -9", f"shift {again['shift']:.2f} s, whole worker {again['worker']:.2f} s"
        yield "clean stop of everything", f"{again['stop']:.2f} s"


def _shift(label: str, run: dict[str, Any], naive: dict[str, Any] | None) -> Any:
    rate = sum(run["steps"].values()) / run["seconds"]
    ratio = f", {rate / naive['rate']:.0f} times a task per poll" if naive else ""
    yield f"{label}: {run['jobs']:,} jobs", f"{rate:,.0f} polls/s of {run['wanted']:,.0f} wanted{ratio}"
    p50, p95, p99 = run["late"]
    yield "  late", f"p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s; {run['cores']:.2f} cores"
    yield "  the whole machine", f"{run['busy']:.2f} of {os.cpu_count()} cores busy, the provider among them"
    yield "  a page's write beside it", f"p50 {run['writes'][0]:.1f} ms, p95 {run['writes'][1]:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
