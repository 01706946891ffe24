"""A job's life from queued to saved, by a real shift against a provider on loopback."""

import hashlib
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from generations.models import Job, Lease
from generations.models.states import Charge, State
from studio.lib import process
from tests.generations.conftest import VIDEO, make_job, make_key, shift_at_work, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_is_sent_polled_and_saved(fake, key, media):
    job = make_job(key)
    with shift_at_work() as result:
        until_state(job, State.SUCCEEDED)
    [output] = job.outputs.all()
    saved = Path(media, output.file).read_bytes()
    assert (output.size, output.sha256) == (len(saved), hashlib.sha256(saved).hexdigest())
    assert (output.kind, output.content_type) == ("image", "image/png")
    assert output.width
    assert output.height
    assert job.charge == Charge.YES
    assert job.actual is not None
    assert job.progress == 100
    assert timeline(job)[:3] == ["created", "sent", "accepted"]
    assert timeline(job)[-2:] == ["made", "saved"]
    assert fake.received == {"a red fox": 1}
    assert result["report"].broken == 0
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_a_video_has_its_dimensions_and_duration(fake, key):
    job = make_job(key, model=VIDEO)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    [output] = job.outputs.all()
    assert output.kind == "video"
    assert output.width
    assert output.duration


def test_a_reply_that_is_already_final_needs_no_poll(fake, key):
    fake.fault("job", "done")
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert fake.requests["status"] == fake.requests["list"] == 0


def test_many_jobs_of_a_key_are_asked_after_with_one_list(fake, alice):
    fake.polls = None
    key = make_key(alice, concurrency=12)
    made = [make_job(key, prompt=f"fox {number}") for number in range(12)]
    with shift_at_work():
        for job in made:
            until_state(job, State.RUNNING)
    Job.objects.update(due_at=timezone.now())
    fake.requests.clear()
    for job in fake.jobs.values():
        job.polls = 1
    with shift_at_work():
        for job in made:
            until_state(job, State.SUCCEEDED)
    assert (fake.requests["list"], fake.requests["status"]) == (1, 0)
    assert set(fake.received.values()) == {1}


def test_what_is_missing_from_the_list_is_asked_after_singly(fake, key):
    fake.fault("list", "raw", body="[]")
    made = [make_job(key, prompt=f"fox {number}") for number in range(5)]
    with shift_at_work():
        for job in made:
            until_state(job, State.SUCCEEDED)


def test_a_second_shift_finds_the_lease_taken(fake, key):
    with subprocess.Popen(["sleep", "60"]) as other:
        owner = f"{process.me().rsplit('/', 2)[0]}/{other.pid}/"
        expires_at = timezone.now() + timedelta(seconds=9)
        Lease.objects.create(name="shift", owner=owner, token=7, expires_at=expires_at)
        with shift_at_work() as second:
            until(lambda: "report" in second)
        assert second["report"] is None
        other.kill()  # and reaped
    assert Lease.take("shift", owner=process.me()).token == 8  # from a dead owner at once


@pytest.fixture
def another() -> Iterator[str]:
    """The identity of another process on this host."""
    with subprocess.Popen(["sleep", "60"]) as other:
        yield f"{process.me().rsplit('/', 2)[0]}/{other.pid}/"
        other.kill()


def test_a_shift_goes_on_until_its_relief_has_come(fake, key, another):
    fake.polls = None
    job = make_job(key)
    calls = []
    with shift_at_work(seconds=0.5, call_relief=lambda: calls.append(1)) as first:
        until_state(job, State.RUNNING)
        until(lambda: calls)
        polled = fake.requests["status"]
        until(lambda: fake.requests["status"] > polled + 3)
        assert "report" not in first
        with shift_at_work(relieves=True, me=another):
            until(lambda: "report" in first)
            assert first["report"].broken == 0
            polled = fake.requests["status"]
            until(lambda: fake.requests["status"] > polled + 3)
    assert calls == [1]
    assert fake.received["a red fox"] == 1


def test_a_shift_is_not_relieved_while_it_sends(fake, key, another):
    fake.fault("create", "hang", seconds=3)
    job = make_job(key)
    with shift_at_work(seconds=0.2) as first:
        until_state(job, State.SUBMITTING)
        with shift_at_work(relieves=True, me=another):
            time.sleep(1)
            assert "report" not in first
            until(lambda: "report" in first)
            until_state(job, State.SUCCEEDED)
    assert "lost" not in timeline(job)


def test_a_lease_that_ran_out_is_taken_from_another_host(key):
    soon = timezone.now() + timedelta(seconds=1)
    Lease.objects.create(name="shift", owner="elsewhere/1/1", token=7, expires_at=soon, renewed_at=timezone.now())
    assert Lease.take("shift", owner="here/1/1") is None
    assert Lease.is_held("shift")
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not Lease.is_held("shift")
    mine = Lease.take("shift", owner="here/1/1")
    assert mine.token == 8
    assert mine.renew()
    Lease.objects.update(token=9)
    assert not mine.renew()


@pytest.mark.parametrize("status", [500, 503])
def test_a_provider_that_answers_500_delays_nobody_else(fake, key, bob, status):
    fake.fault("*", "status", status=status, key="bobs_secret_key_1234567890")
    bobs = make_job(make_key(bob, "bobs_secret_key_1234567890"), prompt="bob's")
    alices = make_job(key)
    with shift_at_work():
        until_state(alices, State.SUCCEEDED)
        until_state(bobs, State.UNCONFIRMED)
    assert bobs.charge == Charge.UNKNOWN


def test_a_provider_that_hangs_delays_nobody_else(fake, key, bob):
    fake.fault("status", "hang", key="bobs_secret_key_1234567890")
    fake.fault("list", "hang", key="bobs_secret_key_1234567890")
    bobs_key = make_key(bob, "bobs_secret_key_1234567890", concurrency=20)
    bobs = [make_job(bobs_key, prompt=f"bob's {number}") for number in range(20)]
    with shift_at_work():
        for job in bobs:
            until_state(job, State.PENDING, State.RUNNING)
        alices = make_job(key)
        until_state(alices, State.SUCCEEDED)


def test_a_key_that_is_replaced_is_used_within_seconds(fake, key):
    fake.polls = None
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.RUNNING, State.PENDING)
        key.conceal("wayscloud_gpu_new_0123456789abcdef")
        key.save()
        fake.fault("status", "status", status=401, key="wayscloud_gpu_new_0123456789abcdef")
        until(lambda: type(key).objects.get(pk=key.pk).last_error)
    job.refresh_from_db()
    assert not job.is_ended
