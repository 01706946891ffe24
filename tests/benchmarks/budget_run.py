"""What `budget` measures, on the database that the environment names; prints the figures as JSON."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from django.utils import timezone  # noqa: E402  all of these need Django

from accounts.models import ProviderKey, User  # noqa: E402
from generations.models import Job  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PROVIDER, CYCLE, WARM_UP = "nanobanana", 200.0, 75.0  # seconds: of one round of polls, and until it has settled


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fake", required=True)
    parser.add_argument("--keys", type=int, required=True)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    key_of = seed(given.keys, given.jobs)
    words = ["--interval=0", f"--warm-up={WARM_UP}", f"--seconds={given.seconds + 5}"]
    command = [sys.executable, "-m", "tests.benchmarks.polling_shift", *words]
    shift = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    time.sleep(WARM_UP)
    before, began = counts(given.fake), time.monotonic()
    time.sleep(given.seconds)
    after, seconds = counts(given.fake), time.monotonic() - began
    out, _ = shift.communicate(timeout=300)
    report = json.loads(out.splitlines()[-1])
    polls = {job: after["reads"].get(job, 0) - before["reads"].get(job, 0) for job in key_of}
    by_key = dict.fromkeys(key_of.values(), 0)
    for job, number in polls.items():
        by_key[key_of[job]] += number
    figures = {
        "seconds": seconds,
        "polls": list(by_key.values()),
        "least": min(polls.values()),
        "most": max(polls.values()),
        "limited": sum(after["limited"].values()),
        "busiest": max(after["busiest"].values()),
        "cores": report["cores"],
        "writes": report["writes"] / report["seconds"],
    }
    print(json.dumps(figures))


def seed(keys: int, jobs: int) -> dict[str, int]:
    """Running jobs, due in the course of one round of polls; answers the key of each by its name at the provider."""
    owner = User.objects.create_user("bench@example.com", "long enough for a bench")
    now = timezone.now()
    fields: dict[str, Any] = {
        "owner": owner, "provider": PROVIDER, "kind": "image", "model": "nano-banana", "model_name": "Nano Banana",
        "prompt": "bench", "state": "running", "charge": "unknown", "submitted_at": now - timedelta(minutes=1),
        "deadline_at": now + timedelta(hours=2),
    }  # fmt: skip
    key_of = {}
    made = []
    for number in range(keys):
        key = make_key(owner, number)
        for position in range(jobs):
            remote_id = str(uuid.uuid4())
            key_of[remote_id] = key.pk
            due_at = now + timedelta(seconds=5 + CYCLE * position / jobs)
            made.append(Job(**fields, key=key, remote_id=remote_id, due_at=due_at))
    Job.objects.bulk_create(made, batch_size=1000)
    return key_of


def make_key(owner: User, number: int) -> ProviderKey:
    key = ProviderKey(owner=owner, provider=PROVIDER, label=f"Key {number}")
    key.conceal(f"nb_sk_bench{number:04}_0123456789abcdef")
    key.save()
    return key


def counts(fake: str) -> Any:
    return httpx.post(f"{fake}/_control", json={}, timeout=60).raise_for_status().json()


if __name__ == "__main__":
    main()
