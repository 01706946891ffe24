"""The Nano Banana API end to end: the client on real sockets, and the fake provider held to what it says."""

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from studio.providers import flows
from studio.providers.base import Cost, JobSpec, Json, Progress, ProviderError, Quote
from studio.providers.http import HttpProvider
from studio.providers.nanobanana import NanoBanana
from studio.providers.transports import Transports, process_transports
from tests.fake_provider import FakeProvider, run_process, serve_in_thread

from .samples import sample

KEY = "nb_sk_SECRET"
IMAGE = JobSpec("image", "nano-banana", "a red fox", {"aspect_ratio": "16:9", "num_images": 1, "quality": "standard"})
VIDEO = JobSpec(
    "video", "veo-3.1-fast", "a red fox runs", {"resolution": "720p", "duration": 8, "generate_audio": True}
)


def credits(amount: int) -> Cost:
    return Cost(Decimal(amount), "credits")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "backoff", lambda *_, **__: 0.0)


@pytest.fixture(scope="module")
def served() -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire="nanobanana")) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeProvider) -> Iterator[FakeProvider]:
    yield served
    served.clear()
    served.reset()
    served.control({"polls": 2, "known_only": True, **served.wire.settings})


def provider(fake: FakeProvider, key: str = KEY) -> HttpProvider:
    return HttpProvider(NanoBanana(), fake.url, key, process_transports())


async def _made(fake: FakeProvider, spec: JobSpec, key: str) -> tuple[Progress, list[Progress]]:
    async with Transports() as transports:
        client = HttpProvider(NanoBanana(), fake.url, key, transports)
        sent = await client.submit(spec)
        seen = [sent]
        while not seen[-1].ended and len(seen) < 10:
            seen.append(await client.status(sent.remote_id, spec.kind))
        return sent, seen


def made(fake: FakeProvider, spec: JobSpec = IMAGE, key: str = KEY) -> tuple[Progress, list[Progress]]:
    """What the submit was answered, and every answer until the end."""
    return asyncio.run(_made(fake, spec, key))


def changed(spec: JobSpec = IMAGE, model: str = "", **settings: Json) -> JobSpec:
    return replace(spec, model=model or spec.model, settings={**spec.settings, **settings})


def refused(fake: FakeProvider, spec: JobSpec = IMAGE, key: str = KEY) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        made(fake, spec, key)
    return caught.value


def raw(fake: FakeProvider, method: str, path: str, key: str = KEY, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.request(method, f"{fake.url}/api/v1{path}", headers=headers, timeout=10, **more)


# -- As it should be ---------------------------------------------------------------------------------------------------
def test_an_image_from_its_price_to_its_file(fake: FakeProvider) -> None:
    assert provider(fake).quote(IMAGE, None) == Quote(credits(1))
    sent, seen = made(fake)
    assert (sent.state, sent.actual, sent.remaining) == ("pending", credits(1), credits(149))
    assert [progress.state for progress in seen] == ["pending", "running", "succeeded"]
    assert [progress.percent for progress in seen] == [None, 50, 100]
    [output] = seen[-1].outputs
    with Image.open(io.BytesIO(httpx.get(output.url).content)) as image:
        assert image.format == "PNG"
    balance = provider(fake).balance()
    assert balance
    assert (balance.left, balance.total, balance.plan, balance.is_vip) == (credits(149), Decimal(500), "pro", True)
    assert fake.leaks == 0


def test_a_clip_from_its_price_to_its_file(fake: FakeProvider) -> None:
    assert provider(fake).quote(VIDEO, None) == Quote(credits(15))
    sent, seen = made(fake, VIDEO)
    assert (sent.state, sent.actual, sent.remaining) == ("running", credits(15), credits(135))
    assert seen[-1].status_word == "succeeded"
    [output] = seen[-1].outputs
    with av.open(io.BytesIO(httpx.get(output.url).content)) as video:
        assert video.streams.video


@pytest.mark.parametrize("shape", ["url", "urls", "images", "objects", "outputs"])
def test_four_images_of_one_task_in_whatever_shape(fake: FakeProvider, shape: str) -> None:
    fake.control({"shape": shape})
    _, seen = made(fake, changed(num_images=4))
    urls = [output.url for output in seen[-1].outputs]
    assert len(set(urls)) == len(urls) == 4
    assert all(httpx.get(url).content.startswith(b"\x89PNG") for url in urls)


def test_every_model_of_its_list_makes_what_its_form_says(fake: FakeProvider) -> None:
    """The least and the most of every option, as the fake provider, which has tables of its own, checks it."""
    fake.control({"balance": 100_000, "limit": 0, "polls": 1})
    dialect = NanoBanana()
    models = [model for model in dialect.parse_catalogue(provider(fake).catalogue()) if model.available]
    assert len(models) == 16
    for model in models:
        for end in (0, -1):
            settings = {o.name: o.choices[end].value for o in model.options if o.choices}
            settings |= {"image_url": "https://cdn.example/1.png"} if end else {}
            settings |= {o.name: bool(end) for o in model.options if o.type == "boolean"}
            spec = JobSpec(model.kind, model.id, f"{model.id} {end}", settings)
            price = provider(fake).quote(spec, model)
            sent, seen = made(fake, spec)
            assert (sent.actual, price.estimate) == (price.cost, False), spec
            assert seen[-1].outputs, spec


def test_the_samples_balance(fake: FakeProvider) -> None:
    """150 credits, less 2 for an image from an image, less 15 for a clip: as the reference's replies have it."""
    image = json.loads(sample("nanobanana", "image"))
    bodies = [
        {**image, "mode": "image", "image_url": "https://a.example/1.png"},
        json.loads(sample("nanobanana", "video")),
    ]
    del bodies[0]["resolution"]
    bodies[1]["image_url"] = "https://a.example/1.png"
    for name, body in zip(("image", "video"), bodies, strict=True):
        theirs = json.loads(sample("nanobanana", f"{name}_reply"))
        ours = raw(fake, "POST", f"/{name}s/generate", json=body).json()
        assert {**ours["data"], "task_id": "clx..."} == theirs["data"]
        assert list(ours["data"]) == list(theirs["data"])
        theirs = json.loads(sample("nanobanana", f"{name}_status"))
        fake.finish("")
        status = raw(fake, "GET", f"/{name}s/status", params={"task_id": ours["data"]["task_id"]}).json()
        assert set(status["data"]) == set(theirs["data"])
        assert status["data"]["status"] == theirs["data"]["status"]


def test_its_price_is_that_of_the_sample_and_not_of_the_table(fake: FakeProvider) -> None:
    body = json.loads(sample("nanobanana", "cost"))
    assert raw(fake, "POST", "/account/calculate-cost", json=body).json() == json.loads(
        sample("nanobanana", "cost_reply")
    )
    spec = JobSpec("image", "nano-banana-pro", "p", {"num_images": 2, "resolution": "2K"})
    table = NanoBanana().quote(spec, None)
    assert (table.cost, table.estimate) == (credits(12), True)


@pytest.mark.parametrize(
    ("on", "do", "details"),
    [("cost", "status", {"status": 404}), ("cost", "html", {}), ("cost", "edit", {"set": {"credits_needed": "?"}})],
)
def test_a_price_that_cannot_be_had_is_estimated(fake: FakeProvider, on: str, do: str, details: Any) -> None:
    fake.fault(on, do, **details)
    said = provider(fake).quote(changed(model="nano-banana-pro"), None)
    assert (said.cost, said.estimate) == (credits(6), True)


def test_the_catalogue_is_read_and_a_refused_one_is_never_kept(fake: FakeProvider) -> None:
    models = NanoBanana().parse_catalogue(provider(fake).catalogue())
    assert [model.id for model in models][:5] == [
        "nano-banana", "nano-banana-pro", "nano-banana-2", "seedream4", "gpt-image-2",
    ]  # fmt: skip
    fake.control({"good_status": 1})
    with pytest.raises(ProviderError) as caught:
        provider(fake, "nb_sk_bad").catalogue()
    assert caught.value.kind == "invalid_key"


# -- As it should not be -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("good_status", [0, 1])
@pytest.mark.parametrize(
    ("key", "kind"), [("nb_sk_bad", "invalid_key"), ("other", "invalid_key"), ("nb_sk_disabled", "forbidden")]
)
def test_a_key_that_is_not_good(fake: FakeProvider, key: str, kind: str, good_status: int) -> None:
    fake.control({"good_status": good_status})
    with pytest.raises(ProviderError) as caught:
        provider(fake, key).check()
    assert caught.value.kind == kind
    assert refused(fake, key=key).kind == kind
    provider(fake).check()


@pytest.mark.parametrize("good_status", [0, 1])
@pytest.mark.parametrize(
    ("spec", "kind", "words"),
    [
        (replace(IMAGE, prompt=" "), "bad_request", "Change the prompt"),
        (replace(IMAGE, prompt="a forbidden fruit"), "content_filtered", "Change the prompt or the image"),
        (replace(IMAGE, model="nano-banana-9"), "bad_request", "Choose another model"),
        (replace(VIDEO, model="nano-banana"), "bad_request", "Choose another model"),
    ],
)
def test_a_job_that_is_refused_was_not_started(
    fake: FakeProvider, spec: JobSpec, kind: str, words: str, good_status: int
) -> None:
    fake.control({"good_status": good_status})
    error = refused(fake, spec)
    assert (error.kind, error.sent) == (kind, False)
    assert words in error.message
    assert not fake.jobs
    assert not fake.counts()["credits"]


@pytest.mark.parametrize(
    "settings",
    [
        {"aspect_ratio": "21:9"},
        {"num_images": 5},
        {"quality": "best"},
        {"image_url": "asset:1"},
        {"output_format": "webp"},
    ],
)
def test_what_a_model_does_not_take_is_refused(fake: FakeProvider, settings: Any) -> None:
    error = refused(fake, changed(**settings))
    assert next(iter(settings)) in error.message
    assert not fake.jobs


@pytest.mark.parametrize("model", ["nano-banana-2", "seedream4"])
def test_two_models_need_a_subscription(fake: FakeProvider, model: str) -> None:
    error = refused(fake, changed(model=model), key="nb_sk_free")
    assert (error.kind, error.sent) == ("forbidden", False)
    assert "subscription" in error.message
    balance = provider(fake, "nb_sk_free").balance()
    assert balance
    assert (balance.plan, balance.is_vip) == ("", False)
    assert made(fake, changed(model=model))[1][-1].outputs


@pytest.mark.parametrize("good_status", [0, 1])
def test_credits_run_out_between_the_price_and_the_submit(fake: FakeProvider, good_status: int) -> None:
    fake.control({"runs_out": 1, "good_status": good_status})
    assert provider(fake).quote(IMAGE, None).cost == credits(1)
    error = refused(fake)
    assert (error.kind, error.sent) == ("insufficient_credits", False)
    assert not fake.jobs


def test_credits_fall_until_there_are_too_few(fake: FakeProvider) -> None:
    fake.control({"balance": 3})
    spec = changed(image_url="https://cdn.example/1.png")
    assert made(fake, spec)[0].remaining == credits(1)
    assert refused(fake, spec).kind == "insufficient_credits"
    assert fake.counts()["credits"] == {KEY: 1}


@pytest.mark.parametrize("good_status", [0, 1])
def test_the_limit_of_requests_slides_and_is_of_each_key(fake: FakeProvider, good_status: int) -> None:
    fake.control({"limit": 4, "good_status": good_status})
    assert len(made(fake)[1]) == 3
    assert provider(fake).balance()
    assert refused(fake).kind == "rate_limited"
    assert made(fake, key="nb_sk_other")[1][-1].ended
    assert fake.counts()["limited"] == {KEY: 1}
    assert fake.counts()["busiest"] == {KEY: 4, "nb_sk_other": 3}
    requests = fake.wire.answered[KEY]  # type: ignore[attr-defined]
    requests[0] -= 60
    assert provider(fake).balance()
    assert fake.counts()["busiest"][KEY] == 4


def test_a_limit_in_the_middle_says_nothing_of_the_task(fake: FakeProvider) -> None:
    fake.fault("status", "status", status=429, times=1)
    assert refused(fake).kind == "rate_limited"
    assert len(fake.jobs) == 1


@pytest.mark.parametrize(
    ("fault", "state", "message", "kind"),
    [
        ({"do": "fail", "message": "The model gave up"}, "failed", "The model gave up", None),
        ({"do": "fail", "message": "No", "code": "CONTENT_FILTERED"}, "failed", "No", "content_filtered"),
        ({"do": "word", "message": "Dreaming"}, "running", "", None),
        ({"do": "done"}, "succeeded", "", None),
    ],
)
def test_how_a_task_may_end(fake: FakeProvider, fault: Any, state: str, message: str, kind: Any) -> None:
    fake.fault("job", **fault)
    last = made(fake)[1][-1]
    assert (last.state, last.message, last.error_kind) == (state, message, kind)


def test_results_in_a_shape_of_the_testers_own(fake: FakeProvider) -> None:
    fake.fault("job", "files", body={"images": [{"url": "{url}"}, "{url}?2"]})
    assert len(made(fake)[1][-1].outputs) == 2


def test_a_task_is_of_its_key_and_of_its_kind(fake: FakeProvider) -> None:
    sent, _ = made(fake)

    async def status(key: str, kind: str) -> Progress:
        async with Transports() as transports:
            return await HttpProvider(NanoBanana(), fake.url, key, transports).status(sent.remote_id, kind)

    assert asyncio.run(status(KEY, "image")).ended
    for key, kind in (("nb_sk_other", "image"), (KEY, "video")):
        with pytest.raises(ProviderError) as caught:
            asyncio.run(status(key, kind))
        assert caught.value.kind == "not_found"


@pytest.mark.parametrize(("do", "sent"), [("drop", True), ("html", True), ("truncate", True)])
def test_a_lost_answer_to_a_submit_leaves_it_open(fake: FakeProvider, do: str, sent: bool) -> None:
    fake.fault("create", do)
    assert refused(fake).sent is sent
    assert sum(fake.received.values()) == 1


def test_as_a_process_of_its_own() -> None:
    with run_process(wire="nanobanana", polls=1, limit=3, balance=7) as remote:
        client = HttpProvider(NanoBanana(), remote.url, KEY, process_transports())
        balance = client.balance()
        assert balance
        assert balance.left == credits(7)
        assert client.quote(IMAGE, None).cost == credits(1)
        assert remote.counts()["busiest"] == {KEY: 2}
