"""A limit of 60 requests a minute for each key, and many more jobs than it has polls for.

    python -m tests.benchmarks.budget [--keys 50] [--jobs 200] [--seconds 180] [--databases sqlite,postgres]

The provider (a process of its own, 100 ms latency) counts in a sliding minute and answers 429 beyond it. Its jobs
never end; all of the key's requests are there for polls, and the share of the limit that they use is what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.figures import table
from tests.fake_provider import run_process
from tests.postgres import postgres

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 60


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=200, help="of each key")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--databases", default="sqlite")
    given = parser.parse_args()
    for database in given.databases.split(","):
        figures = measured(database, given.keys, given.jobs, given.seconds)
        table(f"A budget for each key, {database}: {given.keys} keys × {given.jobs} jobs", list(rows(figures)))


def measured(database: str, keys: int, jobs: int, seconds: float) -> dict[str, Any]:
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="studio-bench-", ignore_cleanup_errors=True))
        url = stack.enter_context(postgres()) if database == "postgres" else ""
        fake = stack.enter_context(run_process(wire="nanobanana", latency=0.1, any_id=1, polls=1_000_000, limit=LIMIT))
        env = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_"))}
        env |= {"STUDIO_DATA": data, "DATABASE_URL": url, "STUDIO_NANOBANANA_URL": fake.url, "REDIS_URL": ""}
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
        words = [f"--keys={keys}", f"--jobs={jobs}", f"--seconds={seconds}", f"--fake={fake.url}"]
        command = [sys.executable, "-m", "tests.benchmarks.budget_run", *words]
        out = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
        return dict(json.loads(out.splitlines()[-1]))


def rows(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The lines of the table."""
    shares = [polls / figures["seconds"] * 60 / LIMIT for polls in figures["polls"]]
    yield "answered 429", str(figures["limited"])
    yield "the busiest minute of any key", f"{figures['busiest']} of {LIMIT} requests"
    yield "used of the limit, by key", f"least {min(shares):.1%}, median {median(shares):.1%}"
    yield "polls by job", f"least {figures['least']}, most {figures['most']} in {figures['seconds']:.0f} s"
    yield "cores of the shift", f"{figures['cores']:.2f}"
    yield "database writes", f"{figures['writes']:.1f} a second, for {sum(shares) * LIMIT / 60:.0f} polls"


if __name__ == "__main__":
    main()
