"""Sent once, or provably not at all; and what becomes of a job whose answer was lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations import jobs, outcomes
from generations.models import Job
from generations.models.states import Charge, State
from generations.shift import pace
from generations.shift.finding import could_be
from studio.lib import process
from studio.providers.base import ModelInfo, Progress
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.generations.conftest import GPU, PAID, make_job, make_key, shift_at_work, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pace, "LOOKUPS", (0.1, 0.1))
    monkeypatch.setattr(outcomes, "FIRST_LOOKUP", timedelta(seconds=0.5))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_request"),
        (401, "invalid_key"),
        (402, "insufficient_credits"),
        (403, "forbidden"),
        (422, "bad_request"),
        (451, "content_filtered"),
    ],
)
def test_a_refusal_fails_without_a_charge(fake, key, status, kind):
    fake.fault("create", "status", status=status)
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == (kind, Charge.NO)
    assert job.error
    assert fake.requests["create"] == 1


def test_a_limit_is_waited_for_as_the_provider_asks(fake, key):
    fake.fault("create", "status", status=429, retry_after=1, times=1)
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert fake.requests["create"] == 2
    assert "requeued" in timeline(job)


def test_a_provider_that_cannot_be_reached_is_tried_again(fake, key, settings):
    at = settings.PROVIDER_URLS
    settings.PROVIDER_URLS = {**at, GPU: "http://127.0.0.1:9"}
    job = make_job(key)
    with shift_at_work():
        until(lambda: "requeued" in timeline(job))
        job.refresh_from_db()
        assert (job.state, job.charge) == (State.QUEUED, Charge.NO)
        settings.PROVIDER_URLS = at
        until_state(job, State.SUCCEEDED, seconds=25)
    assert fake.received["a red fox"] == 1


@pytest.mark.parametrize("fault", ["drop", "status", "html", "hang"])
def test_an_answer_that_is_lost_after_the_provider_acted_is_found_by_its_list(fake, key, fault):
    details = {"status": 502} if fault == "status" else {"seconds": 300} if fault == "hang" else {}
    fake.fault("create", fault, after=True, **details)
    job = make_job(key)
    with shift_at_work() as result:
        if fault == "hang":
            until(lambda: fake.requests["create"])
        else:
            until_state(job, State.SUCCEEDED)
    if fault == "hang":  # the shift was stopped while it waited
        until_state(job, State.UNCONFIRMED)
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
    assert result["report"].broken == 0
    assert "adopted" in timeline(job)
    assert fake.received["a red fox"] == fake.creates["a red fox"] == 1


def test_what_never_arrived_is_left_to_the_person(fake, key):
    fake.fault("create", "drop")
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.UNCONFIRMED)
        until(lambda: "looked_up" in timeline(job))
    job.refresh_from_db()
    assert (job.state, job.due_at, job.charge) == (State.UNCONFIRMED, None, Charge.UNKNOWN)
    assert jobs.candidates(job) == []
    assert fake.received["a red fox"] == 1


def test_several_that_it_could_be_are_offered(fake, key):
    fake.fault("create", "drop")
    fake.fault("list", "edit")
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.UNCONFIRMED)
        two = [fake.add_job(key.reveal(), prompt="a red fox", model=job.model) for _ in range(2)]
        until(lambda: "looked_up" in timeline(job))
        assert {candidate["remote_id"] for candidate in jobs.candidates(job)} == {found.id for found in two}
        job.refresh_from_db()
        assert jobs.adopt(job, two[0].id)
        until_state(job, State.SUCCEEDED)


def test_two_lost_jobs_do_not_take_one_anothers(fake, key):
    fake.fault("create", "drop", after=True, times=1)
    fake.fault("create", "drop", times=1)
    first, second = make_job(key, prompt="a fox"), make_job(key, prompt="a fox")
    with shift_at_work():
        until_state(first, State.UNCONFIRMED)
        until_state(second, State.UNCONFIRMED)
        until(lambda: "looked_up" in timeline(first) and "looked_up" in timeline(second))
    assert Job.objects.filter(remote_id="").count() == 2
    assert len(jobs.candidates(first)) == len(jobs.candidates(second)) == 1


def test_a_sender_that_died_leaves_the_job_unconfirmed(fake, key):
    host = process.me().rsplit("/", 2)[0]
    job = make_job(key, state=State.SUBMITTING, submitter=f"{host}/999999/1", submitted_at=timezone.now())
    with shift_at_work():
        until_state(job, State.UNCONFIRMED)
    assert fake.requests["create"] == 0


def test_a_sender_on_another_host_is_waited_for_until_its_time_is_over(fake, key):
    later = timezone.now() + timedelta(seconds=1.5)
    job = make_job(key, state=State.SUBMITTING, submitter="elsewhere/1/1", submitted_at=timezone.now(), due_at=later)
    with shift_at_work():
        until_state(job, State.UNCONFIRMED)
    assert job.lost_at >= later - timedelta(seconds=0.2)


def test_a_key_that_is_disabled_sends_nothing(fake, key):
    job = make_job(key)
    type(key).objects.update(is_enabled=False)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("invalid_key", Charge.NO)
    assert fake.requests["create"] == 0


def test_a_key_that_was_deleted_sends_nothing(fake, key):
    job = make_job(key)
    key.delete()
    with shift_at_work():
        until_state(job, State.FAILED)
    assert job.charge == Charge.NO


def test_what_a_candidate_must_be_like(key):
    now = timezone.now()
    job = make_job(key, state=State.UNCONFIRMED, submitted_at=now, lost_at=now + timedelta(minutes=1))

    def candidate(**fields):
        moment = now + timedelta(seconds=fields.pop("after", 0))
        details = {"model": job.model, "kind": "image", "created_at": moment.isoformat(), **fields}
        return Progress("r", "running", **details)

    assert could_be(job, candidate())
    assert could_be(job, candidate(after=-110))
    assert could_be(job, candidate(after=170))
    assert could_be(job, candidate(prompt="a red fox"))
    assert not could_be(job, candidate(prompt="another"))
    assert not could_be(job, candidate(after=-130))
    assert not could_be(job, candidate(after=190))
    assert not could_be(job, candidate(kind="video"))
    assert not could_be(job, candidate(model="image-flux-pro"))
    assert not could_be(job, candidate(created_at="yesterday"))


def test_keys_of_the_same_account_are_rivals(fake, key, bob):
    """Two people store the same key: what the one lost may be the other's."""
    fake.fault("create", "drop", after=True, prompt="fox", times=1)
    fake.fault("create", "drop", prompt="fox", times=1)
    mine, bobs = make_job(key, prompt="fox"), make_job(make_key(bob), prompt="fox")
    with shift_at_work():
        for job in (mine, bobs):
            until_state(job, State.UNCONFIRMED)
            until(lambda job=job: "looked_up" in timeline(job))
    assert not Job.objects.exclude(remote_id="").exists()


def test_a_provider_that_tells_no_kind_is_searched_all_the_same(alice, settings, media):
    """WaveSpeedAI's list names model, time and prompt of each job, but not whether it is an image or a clip."""
    model = ModelInfo("wavespeed-ai/flux-dev", "FLUX dev", "image")
    key = ProviderKey(owner=alice, provider="wavespeed", label="Work")
    key.conceal("wsk_0123456789abcdef0123456789abcdef")
    key.save()
    with serve_in_thread(FakeProvider(wire="wavespeed", polls=2)) as fake:
        settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "wavespeed": fake.url}
        fake.fault("create", "drop", after=True)
        fake.add_job(key.reveal(), "another", model="wavespeed-ai/flux-dev", inputs={"prompt": "another"})
        [job] = jobs.create(alice, [jobs.Order("wavespeed", key, model, "a red fox", {}, PAID)])
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
    assert "adopted" in timeline(job)
    assert fake.received["a red fox"] == fake.creates["a red fox"] == 1
