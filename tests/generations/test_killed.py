"""kill -9 at every state: nothing is lost, nothing is sent twice. Real worker processes, a real provider process."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from generations.models import Job, Lease
from generations.models.states import AT_PROVIDER, Charge, State
from studio.lib.buckets import Rate
from tests.fake_provider import Remote, run_process
from tests.generations.conftest import make_job, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """The address of the database that this test runs on."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={quote(host, safe='')}&port={at['PORT']}"


@pytest.fixture
def remote() -> Iterator[Remote]:
    with run_process(polls=2) as provider:
        yield provider


@contextmanager
def worker(remote: Remote, settings) -> Iterator[subprocess.Popen]:
    """A worker in a session of its own, all of it killed at the end."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "STUDIO_DATA": str(settings.DATA),
        "DATABASE_URL": database_url(),
        "STUDIO_WAYSCLOUD_GPU_URL": remote.url,
    }
    command = [sys.executable, "-m", "tests.generations.quick_worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def made_once(remote: Remote, job: Job) -> bool:
    counts = remote.counts()
    return counts["received"].get(job.prompt) == counts["creates"].get(job.prompt, 1) == 1


def test_killed_before_it_was_sent(remote, key, settings):
    job = make_job(key)
    with worker(remote, settings):
        time.sleep(0.5)  # it is still starting
    with worker(remote, settings):
        until_state(job, State.SUCCEEDED, seconds=30)
    assert made_once(remote, job)


@pytest.mark.parametrize("acted", [False, True])
def test_killed_while_it_was_sent(remote, key, settings, acted):
    remote.fault("create", "hang", after=acted)
    job = make_job(key)
    with worker(remote, settings):
        until(lambda: remote.counts()["requests"].get("create"), 30)
        until_state(job, State.SUBMITTING)
    with worker(remote, settings):
        if acted:
            until_state(job, State.SUCCEEDED, seconds=30)
            assert "adopted" in timeline(job)
        else:
            until(lambda: "looked_up" in timeline(job), 30)
            until_state(job, State.UNCONFIRMED)
            assert job.charge == Charge.UNKNOWN
    assert remote.counts()["received"] == {job.prompt: 1}


@pytest.mark.parametrize("state", [State.PENDING, State.RUNNING])
def test_killed_while_the_provider_had_it(remote, key, settings, state):
    word = "queued" if state == State.PENDING else "processing"
    remote.fault("job", "word", message=word, times=1)
    job = make_job(key)
    with worker(remote, settings):
        until_state(job, state, seconds=30)
    assert remote.counts()["states"] == {"open": 1}
    remote.control(finish=job.prompt)
    with worker(remote, settings):
        until_state(job, State.SUCCEEDED, seconds=30)
    assert made_once(remote, job)


def test_killed_while_it_was_saved(remote, key, settings):
    remote.fault("output", "slow", seconds=20, times=1)
    job = make_job(key)
    with worker(remote, settings):
        until_state(job, State.SAVING, seconds=30)
        until(lambda: remote.counts()["requests"].get("output"))
    with worker(remote, settings):
        until_state(job, State.SUCCEEDED, seconds=30)
    assert made_once(remote, job)
    [output] = job.outputs.all()
    assert Path(settings.DATA, "media", output.file).stat().st_size == output.size


def test_when_only_the_shift_is_killed_another_goes_on_at_once(remote, key, settings):
    remote.control(polls=None)
    job = make_job(key)
    with worker(remote, settings):
        until_state(job, State.RUNNING, State.PENDING, seconds=30)
        os.kill(int(Lease.objects.get().owner.split("/")[-2]), signal.SIGKILL)
        reads = polls(remote)
        until(lambda: polls(remote) > reads + 2, 5)


def polls(remote: Remote) -> int:
    return remote.counts()["requests"].get("status", 0)


def test_a_worker_without_its_main_process_ends(remote, key, settings):
    with worker(remote, settings) as process:
        until(lambda: Lease.objects.exclude(owner="").exists(), 30)
        shift = int(Lease.objects.get().owner.split("/")[-2])
        process.kill()
        process.wait()
        until(lambda: not Path("/proc", str(shift)).exists() or "Z" in Path("/proc", str(shift), "stat").read_text(), 5)


def test_killed_again_and_again_every_job_is_made_once(remote, key, settings):
    """Whatever the moment: each job is received at most once, and ends well or is known to be in doubt."""
    remote.control(latency=0.1)
    made = [make_job(key, prompt=f"fox {number}") for number in range(24)]
    for shifts in range(4):
        with worker(remote, settings):
            until(lambda shifts=shifts: Lease.objects.filter(token__gt=shifts).exists(), 30)
            time.sleep(random.uniform(0.0, 1.0))
    with worker(remote, settings):
        for job in made:
            until(lambda job=job: settled(job), 60)
    counts = remote.counts()
    assert max(counts["received"].values()) == 1
    assert counts["creates"] == counts["received"]
    assert set(Job.objects.values_list("state", flat=True)) <= {State.SUCCEEDED, State.UNCONFIRMED}


def settled(job: Job) -> bool:
    job.refresh_from_db()
    return job.state == State.SUCCEEDED or (job.state == State.UNCONFIRMED and job.due_at is None)


def test_a_graceful_stop_ends_within_seconds_and_says_what_was_under_way(remote, key, settings):
    remote.fault("create", "hang", after=True, prompt="slow")
    slow = make_job(key, prompt="slow fox")
    with worker(remote, settings) as process:
        until_state(slow, State.SUBMITTING, seconds=30)
        until(lambda: remote.counts()["requests"].get("create"))
        process.terminate()
        process.wait(10)  # or it fails: the provider hangs for longer
    until_state(slow, State.UNCONFIRMED, seconds=1)


def test_killed_with_jobs_that_wait_for_a_place(remote, key, settings):
    """They go on waiting, in their order, and never more are at the provider than the key may run."""
    type(key).objects.update(concurrency=2)
    remote.control(polls=None)
    made = [make_job(key, prompt=f"fox {number}") for number in range(6)]
    waiting = Job.objects.filter(state=State.QUEUED, due_at__isnull=True)
    there = Job.objects.filter(state__in=AT_PROVIDER)
    with worker(remote, settings):
        until(lambda: there.count() == 2 and waiting.count() == 4, 30)
    Job.objects.filter(pk=made[5].pk).update(state=State.CANCELLED)  # meanwhile
    remote.control(finish="fox")
    with worker(remote, settings):
        until(lambda: remote.counts()["states"] == {"open": 2, "completed": 2}, 30)
        until(lambda: there.count() == 2 and waiting.count() == 1, 30)
    with worker(remote, settings):
        time.sleep(1.5)
        remote.control(finish="fox", polls=2)
        for job in made[:5]:
            until_state(job, State.SUCCEEDED, seconds=30)
    assert remote.counts()["received"] == {f"fox {number}": 1 for number in range(5)}
    assert [job.prompt for job in Job.objects.exclude(turn_at=None).order_by("turn_at", "id")] == [
        f"fox {number}" for number in range(5)
    ]


def test_killed_in_the_middle_of_a_limits_minute_the_next_one_knows_what_was_sent(remote, key, settings):
    """The budget outlasts the process: no restart gives a key's requests a second time."""
    type(key).objects.update(requests_per_minute=12, concurrency=20)
    remote.control(polls=None)
    for number in range(9):
        make_job(key, prompt=f"fox {number}")
    began = time.monotonic()
    for _ in range(3):
        with worker(remote, settings):
            until(lambda: Lease.objects.exclude(owner="").exists(), 30)
            time.sleep(2)
    took = time.monotonic() - began
    assert sum(remote.counts()["requests"].values()) <= Rate.within(12).burst + (took + 1) / Rate.within(12).interval
