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
ROUNDS = 60
LIMITS = {"full-text search": 100}  # milliseconds; 50 for the others
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
    from tests.benchmarks.gallery_fill import fill  # noqa: PLC0415  it needs the settings

    taken: dict[str, list[float]] = {}
    rows = []
    for size in sizes:
        began = time.perf_counter()
        person, team = fill(size)
        rows.append((f"{size:,} jobs, written in", f"{time.perf_counter() - began:.0f} s"))
        for name, paths, is_part in pages(person, team):
            taken.setdefault(name, []).append(timed(person, paths, htmx=is_part))
            limit = LIMITS.get(name, 50)
            rows.append((f"{size:,} jobs, {name}", f"p95 {taken[name][-1] * 1000:.1f} ms of {limit}"))
    for name, seconds in taken.items():
        rows.append((f"{name}, {sizes[-1]:,} against {sizes[0]:,}", f"{seconds[-1] / seconds[0]:.2f}"))
    table("Gallery: server time of a page", rows)


def pages(person: object, team: object) -> list[tuple[str, list[str], bool]]:
    """(name, addresses, only the next cards) of each kind of page."""
    from generations.models import Job  # noqa: PLC0415  it needs the settings

    ids = Job.objects.filter(owner=person).order_by("pk").values_list("pk", flat=True)
    some = random.Random(7).sample(list(ids), ROUNDS)
    theirs = f"/teams/{team.pk}/"  # type: ignore[attr-defined]
    return [
        ("first page", ["/gallery/"] * ROUNDS, False),
        ("deep scroll", [f"/gallery/?before={pk}" for pk in some], True),
        ("combined filter", [f"/gallery/?{COMBINED[n % len(COMBINED)]}" for n in range(ROUNDS)], False),
        ("full-text search", [f"/gallery/?{SEARCHED[n % len(SEARCHED)]}" for n in range(ROUNDS)], False),
        ("team view", [f"{theirs}?{TEAM[n % len(TEAM)]}" for n in range(ROUNDS)], False),
    ]


def timed(person: object, paths: list[str], *, htmx: bool = False) -> float:
    """p95 of the seconds a page took."""
    from django.test import Client  # noqa: PLC0415

    client = Client(SERVER_NAME="127.0.0.1", headers={"HX-Request": "true"} if htmx else {})
    client.force_login(person)  # type: ignore[arg-type]
    for path in dict.fromkeys(paths[:5]):
        client.get(path)
    seconds = []
    for path in paths:
        began = time.perf_counter()
        response = client.get(path)
        seconds.append(time.perf_counter() - began)
        assert response.status_code == 200, path
    return percentile(seconds, 0.95)


if __name__ == "__main__":
    sys.exit(main())
