"""Polls that fail, jobs that never end, and cancelling."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations import jobs
from generations.models import Job
from generations.models.states import Charge, State
from generations.shift import asking, pace
from tests.generations.conftest import make_job, shift_at_work, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pace, "after_failed_ask", lambda failures, error=None: 0.2)


def running(key, fake, prompt="a red fox", **fields) -> Job:
    """A job that the provider has and that ends when it is told to."""
    fake.polls = None
    remote = fake.add_job(key.reveal(), prompt=prompt, polls=None)
    now = timezone.now()
    there = {"remote_id": remote.id, "submitted_at": now, "deadline_at": now + timedelta(hours=1), **fields}
    return make_job(key, prompt=prompt, state=State.RUNNING, charge=Charge.UNKNOWN, **there)


@pytest.mark.parametrize(
    ("fault", "details"),
    [
        ("status", {"status": 500}),
        ("status", {"status": 429, "retry_after": 1}),
        ("status", {"status": 401}),
        ("drop", {}),
        ("html", {}),
        ("raw", {"body": "{"}),
        ("raw", {"body": "[]"}),
        ("truncate", {}),
    ],
)
def test_a_poll_that_fails_says_nothing_about_the_job(fake, key, fault, details):
    fake.fault("status", fault, times=2, **details)
    job = running(key, fake)
    with shift_at_work():
        until(lambda: fake.requests["status"] >= 3)
        job.refresh_from_db()
        assert not job.is_ended
        fake.finish(job.prompt)
        until_state(job, State.SUCCEEDED)
    assert job.failures == 0


def test_a_key_that_is_refused_at_work_says_so_until_it_is_taken_again(fake, key):
    fake.fault("status", "status", times=2, status=401)
    job = running(key, fake)

    def says(status):
        key.refresh_from_db()
        return key.status == status

    with shift_at_work():
        until(lambda: says(ProviderKey.Status.REFUSED))
        assert "did not accept the key" in key.last_error
        until(lambda: says(ProviderKey.Status.ACCEPTED))
        assert key.last_error == ""
        fake.finish(job.prompt)
        until_state(job, State.SUCCEEDED)


def test_progress_is_written_and_shown(fake, key):
    fake.fault("status", "edit", set={"progress": 43})
    job = running(key, fake)
    before = job.changed_at
    with shift_at_work():
        until(lambda: Job.objects.get(pk=job.pk).progress == 43)
    assert Job.objects.get(pk=job.pk).changed_at > before


def test_a_poll_without_news_writes_nothing_that_is_shown(fake, key):
    fake.fault("status", "edit", remove=["progress"])
    job = running(key, fake)
    before = job.changed_at
    with shift_at_work():
        until(lambda: fake.requests["status"] >= 4)
    assert Job.objects.get(pk=job.pk).changed_at == before


def test_an_unknown_word_is_still_under_way(fake, key):
    fake.fault("status", "edit", set={"status": "thinking"})
    job = running(key, fake)
    with shift_at_work():
        until(lambda: fake.requests["status"] >= 3)
    job.refresh_from_db()
    assert job.state == State.RUNNING


def test_a_job_that_never_ends_is_ended_by_its_deadline(fake, key):
    job = running(key, fake, deadline_at=timezone.now() + timedelta(seconds=1))
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("deadline", Charge.UNKNOWN)
    assert job.error == "The provider never finished it; it may still be charged."


def test_a_deadline_holds_where_the_provider_hangs(fake, key, monkeypatch):
    monkeypatch.setattr("generations.shift.desk.LAST_WORD", timedelta(seconds=0.5))
    fake.fault("status", "hang")
    job = running(key, fake, deadline_at=timezone.now() + timedelta(seconds=1))
    with shift_at_work():
        until_state(job, State.FAILED)
    assert job.error_kind == "deadline"


def test_a_job_that_the_provider_has_forgotten_fails_in_the_end(fake, key, monkeypatch):
    monkeypatch.setattr(asking, "FORGOTTEN_AFTER", 3)
    job = running(key, fake)
    fake.jobs.clear()
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("not_found", Charge.UNKNOWN)
    assert fake.requests["status"] >= 3


def test_a_failure_is_told_in_the_providers_words(fake, key):
    fake.fault("job", "fail", message="The model ran out of memory.")
    fake.polls = 1
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert "ran out of memory" in job.error


def test_a_key_that_is_gone_ends_what_it_sent(fake, key):
    job = running(key, fake)
    key.delete()
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("lost", Charge.UNKNOWN)


class TestCancel:
    @pytest.mark.parametrize("state", [State.PENDING, State.RUNNING])
    def test_the_provider_is_asked_and_its_answer_counts(self, fake, key, state):
        job = running(key, fake)
        Job.objects.filter(pk=job.pk).update(state=state)
        with shift_at_work():
            jobs.cancel(job)
            until_state(job, State.CANCELLED)
        assert fake.requests["cancel"] == 1
        assert "cancel_sent" in timeline(job)

    @pytest.mark.parametrize("status", [202, 204])
    def test_every_way_to_say_yes(self, fake, key, status):
        fake.cancel_status = status
        job = running(key, fake)
        with shift_at_work():
            jobs.cancel(job)
            until_state(job, State.CANCELLED)

    def test_what_was_made_meanwhile_is_kept(self, fake, key):
        job = running(key, fake)
        fake.finish(job.prompt)
        jobs.cancel(job)
        with shift_at_work():
            until_state(job, State.SUCCEEDED)

    def test_one_that_is_refused_goes_on(self, fake, key):
        fake.fault("cancel", "status", status=403)
        job = running(key, fake)
        with shift_at_work():
            jobs.cancel(job)
            until(lambda: "cancel_refused" in timeline(job))
            fake.finish(job.prompt)
            until_state(job, State.SUCCEEDED)
        assert fake.requests["cancel"] == 1

    def test_one_that_fails_in_passing_is_tried_again(self, fake, key):
        fake.fault("cancel", "status", status=503, times=2)
        job = running(key, fake)
        with shift_at_work():
            jobs.cancel(job)
            until_state(job, State.CANCELLED)
        assert fake.requests["cancel"] == 3

    def test_one_asked_for_while_it_was_being_sent_follows_the_answer(self, fake, key):
        fake.polls = None
        fake.fault("create", "hang", seconds=1)
        job = make_job(key)
        with shift_at_work():
            until_state(job, State.SUBMITTING)
            assert "being sent" in jobs.cancel(job).message
            until_state(job, State.CANCELLED)
        assert fake.requests["cancel"] == 1

    def test_one_asked_for_while_it_was_lost_follows_the_finding(self, fake, key):
        fake.polls = None
        fake.fault("create", "drop", after=True)
        job = make_job(key)
        with shift_at_work():
            until_state(job, State.UNCONFIRMED)
            jobs.cancel(job)
            until_state(job, State.CANCELLED)
        assert fake.received["a red fox"] == 1


def test_a_webhook_brings_the_next_poll_forward(fake, key, settings, client):
    settings.PUBLIC_URL = "https://studio.example.com"
    job = running(key, fake)
    with shift_at_work(wait=lambda step: 60):
        until(lambda: fake.requests["status"] == 1)
        fake.finish(job.prompt)
        client.post(jobs.webhook_url(job).removeprefix(settings.PUBLIC_URL))
        until_state(job, State.SUCCEEDED)
