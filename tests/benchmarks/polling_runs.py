"""What `polling` measures, on the database that the environment names; prints the figures as JSON."""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()
logging.getLogger("django-q").setLevel(logging.WARNING)

from django.utils import timezone  # noqa: E402  all of these need Django
from django_q.models import OrmQ  # noqa: E402
from django_q.tasks import async_task  # noqa: E402

from accounts.models import ProviderKey, User  # noqa: E402
from generations.models import Job, JobEvent, Lease  # noqa: E402
from tests.benchmarks.figures import percentile  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
KEYS, INTERVAL, WARM_UP = 50, 3.0, 12.0


class Runs:
    def __init__(self, fake: str, jobs: int, seconds: float) -> None:
        self.fake, self.jobs, self.seconds = fake, jobs, seconds

    def naive(self) -> dict[str, float]:
        """2,000 jobs always due, 8 workers: what the queue sustains."""
        self.seed(2000, due_in=1e6)
        for job_id in Job.objects.values_list("pk", flat=True):
            async_task("tests.benchmarks.naive.poll", str(job_id))
        command = [sys.executable, "manage.py", "qcluster"]
        cluster = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"STUDIO_WORKERS": "8"}, stderr=subprocess.DEVNULL
        )
        try:
            time.sleep(8)
            family = [cluster.pid, *descendants(cluster.pid)]
            polls, cpu, began = self.count(), cpu_of(family), time.monotonic()
            time.sleep(self.seconds)
            wall = time.monotonic() - began
            return {"rate": (self.count() - polls) / wall, "cores": (cpu_of(family) - cpu) / wall}
        finally:
            OrmQ.objects.all().delete()
            cluster.terminate()
            try:
                cluster.wait(15)
            except subprocess.TimeoutExpired:
                for pid in [*descendants(cluster.pid), cluster.pid]:
                    os.kill(pid, signal.SIGKILL)
            OrmQ.objects.all().delete()

    def polls(self) -> dict[str, Any]:
        self.seed(self.jobs, due_in=WARM_UP / 2)
        return self.shift(self.jobs)

    def hung(self) -> dict[str, Any]:
        secrets = self.seed(self.jobs, due_in=WARM_UP / 2)
        self.control(faults=[{"on": "status", "do": "hang", "key": secret} for secret in secrets[:5]])
        return {**self.shift(self.jobs), "wanted": self.jobs / INTERVAL * (KEYS - 5) / KEYS}

    def lists(self) -> dict[str, Any]:
        self.seed(2 * self.jobs, due_in=WARM_UP / 2, listed=True)
        return self.shift(2 * self.jobs, lists=True)

    def recovery(self) -> dict[str, float]:
        """The whole of Studio: kill -9 of the process with the shift, then of the whole worker; then a clean stop."""
        self.seed(20 * KEYS, due_in=0, listed=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        up = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=os.environ | {"PORT": port}, **quiet)
        began = self.count()
        until(lambda: self.count() > began + 100, 60)
        figures = {"shift": self.gap(shift_pid())}
        time.sleep(5)
        figures["worker"] = self.gap(parent_of(parent_of(shift_pid())))
        began_at = time.monotonic()
        up.terminate()
        up.wait(30)
        return {**figures, "stop": time.monotonic() - began_at}

    def gap(self, victim: int) -> float:
        """Seconds from the kill of a process to the first poll after it."""
        os.kill(victim, signal.SIGKILL)
        killed = time.monotonic()
        time.sleep(0.15)  # what was on its way arrives
        before = self.count()
        until(lambda: self.count() > before, 60)
        return time.monotonic() - killed

    def shift(self, jobs: int, *, lists: bool = False) -> dict[str, Any]:
        words = [f"--interval={INTERVAL}", f"--warm-up={WARM_UP}", f"--seconds={self.seconds}", f"--lists={int(lists)}"]
        command = [sys.executable, "-m", "tests.benchmarks.polling_shift", *words]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        time.sleep(WARM_UP)
        busy, began = machine_busy(), time.monotonic()
        writes = writes_for(self.seconds - 2)
        busy = (machine_busy() - busy) / (time.monotonic() - began)
        out, _ = process.communicate(timeout=self.seconds + 300)
        beside = [percentile(writes, 0.5), percentile(writes, 0.95)]
        figures = {"writes": beside, "jobs": jobs, "wanted": jobs / INTERVAL, "busy": busy}
        return {**json.loads(out.splitlines()[-1]), **figures}

    def seed(self, jobs: int, *, due_in: float, listed: bool = False) -> list[str]:
        """Running jobs over the keys, due in the course of one interval; answers the keys' secrets."""
        Job.objects.all().delete()
        User.objects.all().delete()
        self.control(reset=True, clear=True)
        owner = User.objects.create_user("bench@example.com", "long enough for a bench")
        secrets = [f"wayscloud_gpu_bench_{number:04}" for number in range(KEYS)]
        keys = [make_key(owner, secret) for secret in secrets]
        ids = [str(uuid.uuid4()) for _ in range(jobs)]
        for start in range(0, jobs if listed else 0, 2000):
            chunk = range(start, min(start + 2000, jobs))
            self.control(jobs=[{"key": secrets[n % KEYS], "id": ids[n], "polls": None} for n in chunk])
        now = timezone.now()
        fields = {
            "owner": owner, "provider": "wayscloud-gpu", "kind": "image", "model": "image-flux-fast",
            "model_name": "FLUX Fast", "prompt": "bench", "state": "running", "progress": 50, "charge": "unknown",
            "submitted_at": now - timedelta(minutes=1), "deadline_at": now + timedelta(hours=2),
        }  # fmt: skip
        first = now + timedelta(seconds=due_in)
        Job.objects.bulk_create(
            [
                Job(**fields, key=keys[n % KEYS], remote_id=ids[n], due_at=first + timedelta(seconds=n % 300 / 100))
                for n in random.sample(range(jobs), jobs)
            ],
            batch_size=1000,
        )
        return secrets

    def count(self) -> int:
        requests = self.control()["requests"]
        return int(requests.get("status", 0) + requests.get("list", 0))

    def control(self, **wishes: Any) -> Any:
        return httpx.post(f"{self.fake}/_control", json=wishes, timeout=60).raise_for_status().json()


def make_key(owner: User, secret: str) -> ProviderKey:
    key = ProviderKey(owner=owner, provider="wayscloud-gpu", label=secret)
    key.conceal(secret)
    key.save()
    return key


def writes_for(seconds: float) -> list[float]:
    """How long a page's own write takes, in ms."""
    job, took = Job.objects.first(), []
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        began = time.perf_counter()
        JobEvent.objects.create(job=job, kind="bench")
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)
    return took


def until(condition: Callable[[], bool], seconds: float) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"not so within {seconds} s")
        time.sleep(0.02)


def shift_pid() -> int:
    until(lambda: Lease.objects.exclude(owner="").exists(), 30)
    return int(Lease.objects.get().owner.split("/")[-2])


def parent_of(pid: int) -> int:
    return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def descendants(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(each for child in children for each in descendants(child))]


def cpu_of(pids: list[int]) -> float:
    """Seconds of CPU that these processes have used."""
    ticks = 0
    for pid in pids:
        try:
            fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_busy() -> float:
    """Seconds of CPU that all of the machine's processes have used: where that is all there is, the figures suffer."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split()[1:9]]
    return (sum(ticks) - sum(ticks[3:5])) / os.sysconf("SC_CLK_TCK")  # without idle and waiting for a disk


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fake", required=True)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--parts", required=True)
    given = parser.parse_args()
    runs = Runs(given.fake, given.jobs, given.seconds)
    print(json.dumps({part: getattr(runs, part)() for part in given.parts.split(",")}))


if __name__ == "__main__":
    main()
