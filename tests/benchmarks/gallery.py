"""The gallery's server time with 1,000 and with 200,000 jobs: the first page, and pages far down, by keyset."""

from __future__ import annotations

import random
import time

from tests.benchmarks.figures import percentile, table
from tests.benchmarks.site import empty_studio

SIZES = (1_000, 200_000)
ROUNDS = 60


def main() -> None:
    with empty_studio():
        measure()


def measure() -> None:
    from accounts.models import User  # noqa: PLC0415

    first: dict[int, float] = {}
    deep: dict[int, float] = {}
    rows = []
    for size in SIZES:
        owner = User.objects.create_user(f"bench{size}@example.com")
        ids = fill(owner, size)
        first[size] = timed(owner, ["/gallery/"] * ROUNDS)
        deep[size] = timed(owner, [f"/gallery/?before={random.choice(ids)}" for _ in range(ROUNDS)], htmx=True)
        rows.append((f"{size:,} jobs, first page", f"p95 {first[size] * 1000:.1f} ms"))
        rows.append((f"{size:,} jobs, deep scroll", f"p95 {deep[size] * 1000:.1f} ms"))
    small, large = SIZES
    rows.append(("first page, ratio", f"{first[large] / first[small]:.2f}"))
    rows.append(("deep scroll, ratio", f"{deep[large] / deep[small]:.2f}"))
    table("Gallery: server time of a page", rows)


def fill(owner: object, size: int) -> list[str]:
    """`size` finished jobs, each with a saved result; returns their ids."""
    from generations.models import Job, Output  # noqa: PLC0415

    ids = []
    for start in range(0, size, 5_000):
        jobs = [
            Job(
                owner=owner,
                provider="local",
                kind=random.choice(["image", "image", "video"]),
                model="local-paint",
                model_name="Paint",
                prompt=f"A {random.choice(['lake', 'city', 'forest'])} at {random.choice(['dawn', 'night'])} {n}",
                settings={"aspect_ratio": random.choice(["1:1", "16:9", "4:5"]), "seed": n},
                state="succeeded",
                due_at=None,
            )
            for n in range(start, min(size, start + 5_000))
        ]
        Job.objects.bulk_create(jobs)
        Output.objects.bulk_create(
            Output(
                job=job, position=0, name="image", remote_url="", file="x.png", kind="image", content_type="image/png",
                size=1, sha256="0" * 64, width=1024, height=576, previews="ready", thumbnail="t.webp", preview="p.webp",
            )
            for job in jobs
        )  # fmt: skip
        ids += [str(job.pk) for job in jobs]
    return ids


def timed(owner: object, paths: list[str], *, htmx: bool = False) -> float:
    """p95 of the seconds a page took."""
    from django.test import Client  # noqa: PLC0415

    client = Client(SERVER_NAME="127.0.0.1", headers={"HX-Request": "true"} if htmx else {})
    client.force_login(owner)  # type: ignore[arg-type]
    client.get(paths[0])
    seconds = []
    for path in paths:
        began = time.perf_counter()
        response = client.get(path)
        seconds.append(time.perf_counter() - began)
        assert response.status_code == 200
    return percentile(seconds, 0.95)


if __name__ == "__main__":
    main()
