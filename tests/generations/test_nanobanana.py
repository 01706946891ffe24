"""Jobs at the Nano Banana API: what they cost and leave, and how its refusals end them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as site

from accounts.models import ProviderKey
from generations import jobs
from generations.models import Job
from generations.models.states import Charge, State
from studio.providers.base import Cost, ModelInfo, Quote
from tests.fake_provider import FakeProvider, serve_in_thread

from .conftest import shift_at_work, timeline, until_state

pytestmark = pytest.mark.django_db(transaction=True)

IMAGE = ModelInfo("nano-banana", "Nano Banana", "image")
VIDEO = ModelInfo("veo-3.1-fast", "VEO 3.1 Fast", "video")


@pytest.fixture
def fake(settings, media) -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire="nanobanana", polls=2)) as provider:
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, "nanobanana": provider.url}
        yield provider


@pytest.fixture
def key(alice) -> ProviderKey:
    key = ProviderKey(owner=alice, provider="nanobanana", label="Bananas")
    key.conceal("nb_sk_0123456789abcdef")
    key.save()
    return key


def make(key: ProviderKey, model: ModelInfo = IMAGE, **settings: Any) -> Job:
    quote = Quote(Cost(Decimal(3), "credits"))
    [job] = jobs.create(key.owner, [jobs.Order(key.provider, key, model, "a red fox", settings, quote)])
    return job


def test_several_images_are_outputs_of_one_job_and_their_credits_are_noted(fake, key):
    job = make(key, num_images=3)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert [output.position for output in job.outputs.all()] == [0, 1, 2]
    assert all(output.file and output.kind == "image" for output in job.outputs.all())
    assert (job.charge, job.actual, job.remaining_amount) == (Charge.YES, Cost(Decimal(3), "credits"), 147)
    assert fake.creates == {"a red fox": 1}


def test_a_clip_is_saved(fake, key):
    job = make(key, VIDEO, duration=8, resolution="720p", generate_audio=True)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert [output.kind for output in job.outputs.all()] == ["video"]
    assert (job.actual, job.remaining_amount) == (Cost(Decimal(15), "credits"), 135)


@pytest.mark.parametrize("good_status", [0, 1])
def test_too_few_credits_end_a_job_without_a_charge(fake, key, good_status):
    fake.control({"balance": 2, "good_status": good_status})
    job = make(key, num_images=3)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("insufficient_credits", Charge.NO)
    assert "Buy credits" in job.error
    assert not fake.jobs


def test_a_task_that_fails_may_have_been_given_back(fake, key):
    fake.fault("job", "fail", message="The model gave up")
    job = make(key)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error, job.charge) == ("The model gave up", Charge.UNKNOWN)
    assert job.actual == Cost(Decimal(1), "credits")


@pytest.mark.parametrize("good_status", [0, 1])
def test_a_limit_in_the_middle_is_waited_out(fake, key, good_status):
    body = fake.wire.bodies[429]
    for route in ("create", "status"):
        fake.fault(route, "status", status=200 if good_status else 429, body=body, times=1)
    job = make(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED, seconds=30)
    assert "requeued" in timeline(job)
    assert fake.creates == {"a red fox": 1}


def test_an_error_of_the_server_leaves_a_job_to_the_person(fake, key):
    fake.fault("create", "status", status=500, after=True)
    job = make(key)
    with shift_at_work():
        until_state(job, State.UNCONFIRMED)
    assert job.charge == Charge.UNKNOWN
    assert fake.received == {"a red fox": 1}
