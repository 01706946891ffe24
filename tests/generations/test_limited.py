"""A provider that counts each key's requests: it never has to refuse one, and people do not wait behind polls."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from accounts import budget, keys
from accounts.models import ProviderKey
from generations import jobs
from generations.models import Job
from generations.models.states import AT_PROVIDER, State
from generations.shift import claims
from studio.lib.buckets import Rate
from studio.providers.base import ModelInfo
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.generations.conftest import PAID, shift_at_work, timeline, until, until_state

NANOBANANA = "nanobanana"
MODEL = ModelInfo("nano-banana", "Nano Banana", "image")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fake(settings, media):
    with serve_in_thread(FakeProvider(wire=NANOBANANA, polls=None)) as provider:
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, NANOBANANA: provider.url}
        yield provider


@pytest.fixture
def nano(alice) -> ProviderKey:
    key = ProviderKey(owner=alice, provider=NANOBANANA, label="Work", concurrency=50)
    key.conceal("nb_sk_0123456789abcdef0123456789abcdef")
    key.save()
    return key


def make(key: ProviderKey, prompt: str) -> Job:
    [job] = jobs.create(key.owner, [jobs.Order(NANOBANANA, key, MODEL, prompt, {}, PAID)])
    return job


def test_many_jobs_of_a_limited_key_are_sent_and_asked_after_within_its_limit(fake, nano):
    for number in range(12):
        make(nano, f"fox {number}")
    began = time.monotonic()
    with shift_at_work() as result:
        until(lambda: len(fake.jobs) == 12, 30)
        until(lambda: fake.requests["status"] >= 4, 30)
    assert not fake.wire.limited
    assert result["report"].broken == 0
    rate = Rate.within(60)
    assert sum(fake.requests.values()) <= rate.burst + (time.monotonic() - began + 1) / rate.interval


def test_a_person_does_not_wait_behind_polls(fake, nano):
    running = [make(nano, f"fox {number}") for number in range(5)]
    with shift_at_work():
        until(lambda: not Job.objects.exclude(state__in=AT_PROVIDER).exists(), 30)
        until(lambda: fake.requests["status"] >= 2, 30)
        late = make(nano, "a late fox")
        polls = fake.requests["status"]
        until(lambda: fake.received["a late fox"], 30)
        assert fake.requests["status"] <= polls + 2  # there is always one request left for people
        until_state(late, *AT_PROVIDER)
    assert len(running) == 5
    assert not fake.wire.limited


def test_where_others_have_used_the_limit_up_it_is_waited_for_and_no_error(fake, nano):
    """The same key is used elsewhere too: what Studio counts is not all that the provider counts."""
    fake.fault("create", "status", status=429, retry_after=2, times=1)
    job = make(nano, "a red fox")
    with shift_at_work():
        until(lambda: "requeued" in timeline(job))
        assert budget.take(nano).granted == 0  # nor may a page send anything now
        fake.polls = 1
        until_state(job, State.SUCCEEDED, seconds=30)
    assert fake.received["a red fox"] == 2
    assert fake.creates["a red fox"] == 1


def test_a_limit_that_is_lifted_is_felt_within_seconds(fake, nano):
    fake.wire.limit = 0
    ProviderKey.objects.update(requests_per_minute=10)
    for number in range(10):
        make(nano, f"fox {number}")
    with shift_at_work():
        until(lambda: fake.creates)
        assert len(fake.jobs) < 10
        nano.refresh_from_db()
        keys.set_limits(nano, concurrency=50, requests_per_minute=6000, soft_limit=None, hard_limit=None)
        until(lambda: len(fake.jobs) == 10, 15)


def test_jobs_that_would_be_due_next_are_brought_forward_for_each_key(nano, alice):
    other = ProviderKey(owner=alice, provider=NANOBANANA, label="Other", ciphertext="x")
    other.save()
    now = timezone.now()
    for key, name in ((nano, "fox"), (other, "owl")):
        for minutes in (3, 1, 2):
            job = make(key, f"{name} {minutes}")
            Job.objects.filter(pk=job.pk).update(state=State.RUNNING, due_at=now + timedelta(minutes=minutes))
    Job.objects.filter(prompt="owl 1").update(state=State.SAVING)
    claims.bring_forward({nano.pk: 2, other.pk: 1})
    due = Job.objects.filter(due_at__lte=timezone.now())
    assert set(due.values_list("prompt", flat=True)) == {"fox 1", "fox 2", "owl 2"}
