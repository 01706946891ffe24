"""Jobs at WaveSpeedAI: sent, followed, found again, and ended with words that say what to do."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as site
from django.http import QueryDict
from django.utils import timezone

from accounts.models import ProviderKey
from generations import composer, jobs
from generations.catalogue import listings, renewal
from generations.models import Catalogue, Job
from generations.models.states import Charge, State
from studio.lib.ids import uuid7
from studio.providers.base import Cost, ModelInfo, Quote
from studio.providers.wavespeed import WaveSpeed
from tests.fake_provider import FakeProvider, serve_in_thread

from .conftest import shift_at_work, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)

FLUX = ModelInfo("wavespeed-ai/flux-dev", "flux-dev", "image")
CLIP = ModelInfo("alibaba/wan-2.5/text-to-video", "wan-2.5", "video")
SPEECH = ModelInfo("minimax/speech-02-hd", "speech-02-hd", "audio")
UPSCALER = "wavespeed-ai/image-upscaler"


@pytest.fixture
def fake(settings, media) -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire="wavespeed", polls=2)) as provider:
        settings.PROVIDER_URLS = {**dict.fromkeys(site.PROVIDER_URLS, "http://127.0.0.1:1"), "wavespeed": provider.url}
        yield provider


@pytest.fixture
def key(alice) -> ProviderKey:
    key = ProviderKey(owner=alice, provider="wavespeed", label="Waves")
    key.conceal("0123456789abcdef0123456789abcdef")
    key.save()
    return key


def make(key: ProviderKey, model: ModelInfo = FLUX, prompt: str = "a red fox", **settings: Any) -> Job:
    quote = Quote(Cost(Decimal("0.012"), "USD"))
    [job] = jobs.create(key.owner, [jobs.Order(key.provider, key, model, prompt, settings, quote)])
    return job


def test_a_job_is_sent_polled_and_saved(fake, key):
    job = make(key, prompt="something nsfw", num_images=2)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert [(output.kind, bool(output.file)) for output in job.outputs.all()] == [("image", True)] * 2
    assert [output.is_flagged for output in job.outputs.all()] == [True, True]
    assert (job.inference_seconds, job.charge) == (2.5, Charge.YES)
    assert (fake.creates, fake.leaks, fake.requests["elsewhere"]) == ({"something nsfw": 1}, 0, 0)


def test_a_sound_is_saved(fake, key):
    job = make(key, SPEECH, "", text="Hello", voice_id="Wise_Woman")
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    [output] = job.outputs.all()
    assert (output.kind, bool(output.file)) == ("audio", True)


def test_a_model_that_was_typed_is_sent_with_its_parameters(fake, key):
    typed = WaveSpeed().typed_model("wavespeed-ai/not-in-the-catalogue", "image")
    job = make(key, typed, parameters={"strength": 0.5, "enable_sync_mode": True})
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert fake.last["create"]["body"] == {"prompt": "a red fox", "strength": 0.5}


def test_a_job_whose_answer_was_lost_is_looked_up_and_adopted(fake, key):
    fake.fault("create", "drop", after=True)
    job = make(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert "adopted" in timeline(job)
    assert fake.received == {"a red fox": 1}


def test_credits_that_ran_out_end_a_job_without_a_charge(fake, key):
    fake.control({"balance": 0.001})
    job = make(key)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("insufficient_credits", Charge.NO)
    assert "Top it up" in job.error
    assert not fake.jobs


@pytest.mark.parametrize(("code", "kind"), [(1200, "content_filtered"), (1402, "bad_request")])
def test_a_task_that_fails_says_what_to_do(fake, key, code, kind):
    fake.fault("job", "fail", message="It went wrong", code=code)
    job = make(key)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert job.error_kind == kind
    assert "It went wrong" in job.error
    assert job.error.count(".") >= 2


def test_a_limit_in_the_middle_is_waited_out(fake, key):
    for route in ("create", "status"):
        fake.fault(route, "status", status=429, times=1)
    job = make(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED, seconds=30)
    assert fake.creates == {"a red fox": 1}


@pytest.mark.parametrize(("model", "age", "apart"), [(FLUX, 9, 2), (CLIP, 85, 5)])
def test_polls_are_as_far_apart_as_it_asks_for(fake, key, model, age, apart):
    """Of jobs that are about to end by their usual time, which would otherwise be asked after more often."""
    job, begun = make(key, model), timezone.now()
    there = fake.add_job(key.reveal(), "a red fox", model.kind, model.id, polls=None)
    times = {"submitted_at": begun - timedelta(seconds=age), "deadline_at": begun + timedelta(hours=1), "due_at": begun}
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, remote_id=there.id, **times)
    with shift_at_work(wait=None):
        until(lambda: fake.requests["status"])
        job.refresh_from_db()
    assert job.due_at >= begun + timedelta(seconds=0.97 * apart)


# -- In Create ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def catalogue(fake, key) -> Catalogue:
    return renewal.refresh("wavespeed", key)


def test_hundreds_of_models_are_kept(fake, key):
    fake.control({"models": 800})
    kept = renewal.refresh("wavespeed", key)
    assert kept.last_error == ""
    assert len(listings.models_of(kept)) > 780


def test_a_prompt_goes_only_to_models_that_have_a_place_for_one(catalogue, key, alice):
    names = [f"wavespeed/{key.pk}/{model}" for model in (FLUX.id, UPSCALER)]
    data = {"model": names, "prompt": "a red fox", "count": "1", "group": str(uuid7())}
    filled = composer.filled(alice, QueryDict(urlencode(data, doseq=True)))
    assert {planned.offer.model.id: planned.prompt for planned in filled.plan()} == {FLUX.id: "a red fox", UPSCALER: ""}


def test_a_model_without_a_place_for_a_prompt_says_so(catalogue, key, as_alice):
    def told(model: str) -> bool:
        html = as_alice.get("/create/", {"model": f"wavespeed/{key.pk}/{model}"}).content.decode()
        return "takes no prompt" in html

    assert told(UPSCALER)
    assert not told(FLUX.id)


def test_a_price_that_only_begins_there_says_from(catalogue, as_alice):
    html = as_alice.get("/models/?maker=wavespeed-ai").content.decode()
    assert "flux-dev" in html
    assert "from" in html.partition("0.012")[0][-80:]


def test_a_sound_can_be_heard_and_searched_for(fake, key, as_alice):
    job = make(key, SPEECH, "", text="Hello", voice_id="Wise_Woman")
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    page = as_alice.get(f"/jobs/{job.pk}/").content.decode()
    assert re.search(r'<audio[^>]+src="[^"]+"[^>]+aria-label="speech-02-hd"', page)
    assert str(job.pk) in as_alice.get("/gallery/?kind=audio").content.decode()
    assert str(job.pk) not in as_alice.get("/gallery/?kind=image").content.decode()
