"""The server time of the gallery's pages with 1,000, 200,000 and 1,000,000 jobs, on SQLite and PostgreSQL.

`python -m tests.benchmarks.gallery [sqlite] [postgresql] [1000 200000 1000000]`: all of them where nothing is named.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import nullcontext

from tests.benchmarks.figures import percentile, table
from tests.benchmarks.site import empty_studio
from tests.postgres import postgres

SIZES = (1_000, 200_000, 1_000_000)
DATABASES = ("sqlite", "postgresql")
ROUNDS = 120
PAGES = ("first page", "deep scroll", "combined filter", "full-text search", "team view")
LIMIT = 50  # milliseconds
# Half of all jobs have the first word, one in 1,000 the tag, one in 5,000 the painter; none has the narrow shape.
COMBINED = (
    "kind=video&state=failed",
    "stars=3&model=model-2",
    "tag=keep&kind=video",
    "aspect=portrait&seed=0&sort=price",
    "aspect=9:21&stars=1",
    "aspect=9:21&input=1",
)
SEARCHED = ("q=lake", "q=lake+dawn", "q=painter77", "q=lake&kind=video", "q=lake+-dawn", "q=lake&aspect=9:21")
TEAM = ("", "kind=video", "q=lake", "state=failed&kind=video")


def main() -> int:
    named = sys.argv[1:]
    databases = [name for name in DATABASES if name in named] or DATABASES
    sizes = [word for word in named if word.isdigit()]
    if os.environ.get("GALLERY_BENCHMARK"):
        with empty_studio():
            measure(tuple(map(int, sizes)) or SIZES)
        return 0
    return max(run(database, sizes) for database in databases)


def run(database: str, sizes: list[str]) -> int:
    """In a process of its own: the settings read the environment once."""
    with postgres(lasting=False) if database == "postgresql" else nullcontext("") as url:
        print(f"\n{database}", flush=True)
        environ = {**os.environ, "GALLERY_BENCHMARK": database, **({"DATABASE_URL": url} if url else {})}
        command = [sys.executable, "-m", "tests.benchmarks.gallery", *sizes]
        return subprocess.run(command, env=environ, check=False).returncode


def measure(sizes: tuple[int, ...]) -> None:
    """All of them stand in one database, and are asked in turn: so the machine is as busy for one as for another."""
    from tests.benchmarks.gallery_fill import fill  # noqa: PLC0415  it needs the settings

    rows, visitors = [], []
    for size in sizes:
        began = time.perf_counter()
        person, team = fill(size)
        rows.append((f"{size:,} jobs, written in", f"{time.perf_counter() - began:.0f} s"))
        visitors.append((Visitor(person), pages(person, team)))
    for kind, name in enumerate(PAGES):
        taken = timed([(visitor, addresses[kind]) for visitor, addresses in visitors])
        for size, seconds in zip(sizes, taken, strict=True):
            rows.append((f"{name}, {size:,} jobs", f"p95 {seconds * 1000:.1f} ms of {LIMIT}"))
        rows.append((f"{name}, {sizes[-1]:,} against {sizes[0]:,}", f"{taken[-1] / taken[0]:.2f} of 1.5"))
    table("Gallery: server time of a page", rows)


class Visitor:
    def __init__(self, person: object) -> None:
        from django.test import Client  # noqa: PLC0415  it needs the settings

        self.client = Client(SERVER_NAME="127.0.0.1")
        self.client.force_login(person)  # type: ignore[arg-type]

    def visit(self, path: str) -> float:
        """Seconds that the page took. What has a place in the list is asked for as htmx does: the next cards alone."""
        headers = {"HX-Request": "true"} if "before=" in path else {}
        began = time.perf_counter()
        response = self.client.get(path, headers=headers)
        taken = time.perf_counter() - began
        assert response.status_code == 200, path
        return taken


def pages(person: object, team: object) -> list[list[str]]:
    """The addresses of each kind of `PAGES`."""
    from generations.models import Job  # noqa: PLC0415  it needs the settings

    ids = Job.objects.filter(owner=person).order_by("pk").values_list("pk", flat=True)
    some = random.Random(7).sample(list(ids), ROUNDS)
    theirs = f"/teams/{team.pk}/"  # type: ignore[attr-defined]
    return [
        ["/gallery/"] * ROUNDS,
        [f"/gallery/?before={pk}" for pk in some],
        [f"/gallery/?{COMBINED[n % len(COMBINED)]}" for n in range(ROUNDS)],
        [f"/gallery/?{SEARCHED[n % len(SEARCHED)]}" for n in range(ROUNDS)],
        [f"{theirs}?{TEAM[n % len(TEAM)]}" for n in range(ROUNDS)],
    ]


def timed(visits: list[tuple[Visitor, list[str]]]) -> list[float]:
    """p95 of the seconds of each visitor's pages."""
    for visitor, paths in visits:
        for path in dict.fromkeys(paths[:6]):
            visitor.visit(path)
    seconds: list[list[float]] = [[] for _ in visits]
    for turn in range(ROUNDS):
        for (visitor, paths), taken in zip(visits, seconds, strict=True):
            taken.append(visitor.visit(paths[turn]))
    return [percentile(taken, 0.95) for taken in seconds]


if __name__ == "__main__":
    sys.exit(main())
