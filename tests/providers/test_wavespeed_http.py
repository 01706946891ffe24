"""WaveSpeedAI over real sockets: its dialect through HttpProvider, against the fake provider that speaks its format."""

import asyncio
import datetime as dt
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from studio.providers import flows
from studio.providers.base import Cost, JobSpec, ModelInfo, Progress, ProviderError
from studio.providers.http import HttpProvider
from studio.providers.transports import Timeouts, Transports
from studio.providers.wavespeed import WaveSpeed
from tests.fake_provider import FakeProvider, run_process, serve_in_thread
from tests.fake_provider.wavespeed import signed
from tests.fake_provider.wavespeed_models import SAMPLES

from .loopback import Raw, answer, raw_server

KEY = "0123456789abcdef0123456789abcdef"
FLUX = "wavespeed-ai/flux-dev"
SPEC = JobSpec("image", FLUX, "a red fox", {"num_images": 2})
VIDEO = JobSpec("video", "alibaba/wan-2.5/text-to-video", "a red fox runs", {"duration": 10})
wavespeed = WaveSpeed()
Verb = Callable[[HttpProvider], Awaitable[Any]]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "backoff", lambda *_, **__: 0.0)


@pytest.fixture(scope="module")
def served() -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire="wavespeed")) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeProvider) -> Iterator[FakeProvider]:
    yield served
    served.clear()
    served.control({**served.wire.settings, "polls": 2, "known_only": True})
    served.reset()


def ask(fake: FakeProvider, *verbs: Verb, key: str = KEY) -> Any:
    """Runs the verbs in turn; the last one's result, or the first error."""

    async def run() -> Any:
        async with Transports() as connections:
            provider = HttpProvider(
                wavespeed, fake.url, key, connections, Timeouts(connect=2, view=5, poll=5, submit=5)
            )
            for verb in verbs:
                result = await verb(provider)
            return result

    try:
        return asyncio.run(run())
    except ProviderError as error:
        return error


def in_view(verb: Callable[[HttpProvider], Any]) -> Verb:
    return lambda provider: asyncio.to_thread(verb, provider)


def made(spec: JobSpec = SPEC) -> Verb:
    async def life(provider: HttpProvider) -> Progress:
        progress = await provider.submit(spec)
        for _ in range(20):
            if progress.ended:
                return progress
            progress = await provider.status(progress.remote_id, spec.kind)
        raise AssertionError(f"it is still {progress.state}")

    return life


def model(model_id: str = FLUX, fake: FakeProvider | None = None) -> ModelInfo:
    rows = (fake or FakeProvider(wire="wavespeed")).wire.catalogue  # type: ignore[attr-defined]
    [found] = [each for each in wavespeed.parse_catalogue({"models": rows}) if each.id == model_id]
    return found


# -- Jobs --------------------------------------------------------------------------------------------------------------
def test_a_job_from_its_submit_to_its_end(fake: FakeProvider) -> None:
    done = ask(fake, made())
    assert (done.state, done.inference, done.flagged) == ("succeeded", 2.5, (False, False))
    assert [output.name for output in done.outputs] == ["output", "output-2"]
    assert all(httpx.get(output.url).headers["content-type"] == "image/png" for output in done.outputs)
    assert (fake.received["a red fox"], fake.leaks, fake.requests["elsewhere"]) == (1, 0, 0)
    assert fake.last["create"]["key"] == KEY
    assert fake.last["create"]["body"] == {"prompt": "a red fox", "num_images": 2}


def test_the_bare_address_is_asked_where_the_other_is_not_there(fake: FakeProvider) -> None:
    fake.control({"bare": 1})
    assert ask(fake, made()).state == "succeeded"
    assert fake.requests["status"] > sum(job.reads for job in fake.jobs.values())


def test_outputs_may_be_objects(fake: FakeProvider) -> None:
    fake.control({"objects": 1})
    assert [output.url.startswith(fake.url) for output in ask(fake, made()).outputs] == [True, True]


def test_a_result_that_may_be_unfit_is_flagged(fake: FakeProvider) -> None:
    assert ask(fake, made(JobSpec("image", FLUX, "something nsfw"))).flagged == (True,)


def test_a_submit_that_is_final_at_once(fake: FakeProvider) -> None:
    fake.fault("job", "done")
    assert ask(fake, lambda provider: provider.submit(SPEC)).state == "succeeded"
    assert fake.requests["status"] == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1200, "content_filtered"), (1400, "bad_request"), (1402, "bad_request"), (5003, "unavailable"), (None, None)],
)
def test_a_task_that_fails_says_why(fake: FakeProvider, code: int | None, kind: str | None) -> None:
    fake.fault("job", "fail", message="It went wrong", code=code)
    failed = ask(fake, made())
    assert (failed.state, failed.error_kind) == ("failed", kind)
    assert "It went wrong" in failed.message


@pytest.mark.parametrize(("word", "state"), [("timeout", "failed"), ("cancelled", "cancelled"), ("paused", "running")])
def test_any_word_is_read(fake: FakeProvider, word: str, state: str) -> None:
    fake.fault("job", "word", message=word)

    async def looked_at(provider: HttpProvider) -> Progress:
        return await provider.status((await provider.submit(SPEC)).remote_id, "image")

    assert ask(fake, looked_at).state == state


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (JobSpec("image", FLUX, ""), 'property "prompt" is required'),
        (JobSpec("image", FLUX, "p", {"steps": 4}), 'property "steps" is unsupported'),
        (JobSpec("image", FLUX, "p", {"num_images": 9}), "out of range"),
        (JobSpec("video", VIDEO.model, "p", {"duration": "10"}), "must be integer"),
        (JobSpec("image", "nobody/nothing", "p"), "choose another model"),
        (JobSpec("image", "predictions/delete", "p"), "is no model"),
    ],
)
def test_what_is_not_valid_is_refused_before_anything_starts(fake: FakeProvider, spec: JobSpec, words: str) -> None:
    error = ask(fake, lambda provider: provider.submit(spec))
    assert error.sent is False
    assert words in error.message
    assert not fake.jobs
    assert fake.requests["delete"] == 0


def filled(found: ModelInfo) -> JobSpec:
    """A form of its defaults, and of an address or a row wherever something is to be given."""
    given: dict[str, Any] = {option.name: option.default for option in found.options}
    for option in found.options:
        if option.type == "media":
            address = f"https://a.example/{option.name}"
            given[option.name] = [address] if option.max_items > 1 else address
        elif option.type == "list":
            given[option.name] = [{field.name: field.default or "a/b" for field in option.fields}]
        elif option.required and option.default is None:
            given[option.name] = "Hello"
    return JobSpec(found.kind, found.id, "a red fox" if found.takes_prompt else "", given)


def test_a_form_that_was_filled_in_is_taken_for_every_model(fake: FakeProvider) -> None:
    rows = [row for row in fake.wire.catalogue if row in SAMPLES]  # type: ignore[attr-defined]
    models = [found for found in wavespeed.parse_catalogue({"models": rows}) if found.available]
    fake.control({"balance": 100.0})

    async def all_of_them(provider: HttpProvider) -> list[Progress]:
        return [await provider.submit(filled(found)) for found in models]

    progress = ask(fake, all_of_them)
    assert [each.model for each in progress] == [found.id for found in models]
    assert len(models) >= 10


def test_a_model_that_the_catalogue_does_not_name(fake: FakeProvider) -> None:
    typed = wavespeed.typed_model("wavespeed-ai/not-in-the-catalogue", "image")
    assert ask(fake, made(JobSpec("image", typed.id, "", {"parameters": {"strength": 0.5}}))).state == "succeeded"
    assert fake.last["create"]["body"] == {"strength": 0.5}


@pytest.mark.parametrize("do", ["drop", "hang"])
def test_a_submit_whose_answer_is_lost_is_found_again(fake: FakeProvider, do: str) -> None:
    fake.fault("create", do, after=True, **({"seconds": 30} if do == "hang" else {}))
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)

    async def lost(provider: HttpProvider) -> Any:
        quick = HttpProvider(wavespeed, fake.url, KEY, provider.transports, Timeouts(submit=0.4))
        with pytest.raises(ProviderError) as caught:
            await quick.submit(SPEC)
        assert caught.value.sent is True
        return await provider.look_up("", FLUX, begun, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))

    [found] = ask(fake, lost)
    assert (found.model, found.prompt, found.state) == (FLUX, "a red fox", "pending")
    assert fake.received["a red fox"] == 1


def test_a_look_up_is_of_one_model_and_one_time(fake: FakeProvider) -> None:
    hour = dt.timedelta(hours=1)
    now = dt.datetime.now(dt.UTC)

    def looked_up(model_id: str, since: dt.datetime, until: dt.datetime) -> Any:
        return ask(fake, lambda provider: provider.look_up("", model_id, since, until))

    ask(fake, made())
    assert len(looked_up(FLUX, now - hour, now + hour)) == 1
    assert looked_up(VIDEO.model, now - hour, now + hour) == []
    assert looked_up(FLUX, now - 2 * hour, now - hour) == []


def test_a_deletion(fake: FakeProvider) -> None:
    async def made_and_deleted(provider: HttpProvider) -> Any:
        remote = (await provider.submit(SPEC)).remote_id
        await asyncio.to_thread(provider.delete, remote)
        assert remote not in fake.jobs
        await asyncio.to_thread(provider.delete, remote)  # once more: it is gone already
        return await provider.status(remote, "image")

    assert ask(fake, made_and_deleted).kind == "not_found"


# -- Money -------------------------------------------------------------------------------------------------------------
def quoted(fake: FakeProvider, spec: JobSpec = SPEC, model_id: str = FLUX) -> Any:
    return ask(fake, in_view(lambda provider: provider.quote(spec, model(model_id, fake))))


def test_a_quote_is_what_the_job_then_costs(fake: FakeProvider) -> None:
    told = quoted(fake)
    assert (told.cost, told.estimate) == (Cost(Decimal("0.024"), "USD"), False)
    ask(fake, made())
    balance = ask(fake, in_view(lambda provider: provider.balance()))
    assert balance.left == Cost(Decimal("9.976"), "USD")


def test_a_discount_is_said(fake: FakeProvider) -> None:
    fake.control({"discount": 0.25})
    told = quoted(fake)
    assert (told.cost, told.note) == (Cost(Decimal("0.018"), "USD"), "Discounted from 0.024 USD.")


@pytest.mark.parametrize(
    ("prices", "amount", "estimate", "asked"),
    [("new", "0.024", False, (1, 0)), ("old", "0.024", False, (1, 1)), ("none", "0.012", True, (1, 1))],
)
def test_a_price_by_whatever_address_there_is(
    fake: FakeProvider, prices: str, amount: str, estimate: bool, asked: tuple[int, int]
) -> None:
    fake.control({"prices": prices})
    told = quoted(fake)
    assert (told.cost, told.estimate) == (Cost(Decimal(amount), "USD"), estimate)
    assert (fake.requests["price"], fake.requests["pricing"]) == asked


def test_a_price_without_the_picture_is_an_estimate(fake: FakeProvider) -> None:
    upscaler = "wavespeed-ai/image-upscaler"
    told = quoted(fake, JobSpec("image", upscaler, ""), upscaler)
    assert (told.cost, told.estimate) == (Cost(Decimal("0.01"), "USD"), True)
    assert "“Image”" in told.note


def test_credits_that_run_out_between_quote_and_submit(fake: FakeProvider) -> None:
    assert quoted(fake).cost == Cost(Decimal("0.024"), "USD")
    fake.control({"balance": 0.01})
    error = ask(fake, lambda provider: provider.submit(SPEC))
    assert (error.kind, error.sent) == ("insufficient_credits", False)
    assert "Top it up" in error.message
    assert not fake.jobs


@pytest.mark.parametrize("retry_after", [3, "date:3"])
def test_a_limit_in_the_middle_of_a_job(fake: FakeProvider, retry_after: Any) -> None:
    fake.fault("status", "status", status=429, retry_after=retry_after, skip=1, times=1)

    async def polled(provider: HttpProvider) -> list[Any]:
        remote = (await provider.submit(SPEC)).remote_id
        seen: list[Any] = []
        for _ in range(3):
            try:
                seen.append((await provider.status(remote, "image")).state)
            except ProviderError as error:
                seen.append((error.kind, error.sent, error.retry_after is not None))
        return seen

    assert ask(fake, polled) == ["running", ("rate_limited", False, True), "succeeded"]


# -- The account and the catalogue -------------------------------------------------------------------------------------
def test_a_key_is_checked(fake: FakeProvider) -> None:
    assert ask(fake, in_view(lambda provider: provider.check())) is None
    error = ask(fake, in_view(lambda provider: provider.check()), key="bad-0123456789")
    assert error.kind == "invalid_key"
    assert "wavespeed.ai/accesskey" in error.message
    assert "bad-0123456789" not in error.message


def test_the_catalogue_of_hundreds_is_taken_though_it_comes_slowly(fake: FakeProvider) -> None:
    fake.control({"models": 800})
    fake.fault("models", "slow", seconds=0.2)
    payloads = ask(fake, in_view(lambda provider: provider.catalogue()))
    assert len(payloads["models"]) == 800
    assert len(wavespeed.parse_catalogue(payloads)) > 780


def test_a_catalogue_that_hangs_is_let_go(fake: FakeProvider) -> None:
    fake.fault("models", "hang")

    def impatient(provider: HttpProvider) -> Any:
        return HttpProvider(wavespeed, fake.url, KEY, provider.transports, Timeouts(view=0.3)).catalogue()

    assert ask(fake, in_view(impatient)).kind == "unavailable"


# -- Uploads -----------------------------------------------------------------------------------------------------------
def test_a_picture_goes_by_its_ticket_and_without_the_key(fake: FakeProvider) -> None:
    content = b"\x89PNG\r\n\x1a\n" + bytes(300)
    ticket = ask(fake, lambda provider: provider.ticket("my cat.png", len(content), "image/png"))
    put = httpx.request(ticket.method, ticket.url, content=content, headers=dict(ticket.headers))
    assert put.status_code == 200
    assert httpx.get(ticket.download_url).content == content
    assert ticket.download_url.endswith("my-cat.png")
    assert fake.leaks == 0
    httpx.put(ticket.url, content=content, headers={**ticket.headers, "Authorization": f"Bearer {KEY}"})
    assert fake.leaks == 1


def test_without_tickets_it_goes_as_a_form(fake: FakeProvider) -> None:
    fake.control({"tickets": 0})
    content = b"--x\r\n\r\n" + bytes(range(256))

    async def brought(provider: HttpProvider) -> str:
        assert await provider.ticket("a.png", len(content), "image/png") is None
        return await provider.upload("a.png", content, "image/png")

    assert httpx.get(ask(fake, brought)).content == content


# -- Callbacks ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("places", [("body", "query"), ("body",), ("query",)])
def test_a_callback_that_is_signed(fake: FakeProvider, places: tuple[str, ...]) -> None:
    """Named in the body, as the reference has it, in the query, as its page on webhooks has it, or in both."""
    fake.control({"polls": 1})
    came = threading.Event()

    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(answer(status="204 No Content"))
        came.set()

    with raw_server(handle) as hook:
        request = wavespeed.build_submit(JobSpec("image", FLUX, "a red fox", webhook_url=f"{hook.url}/hook"))
        body = {name: value for name, value in request.json.items() if name != "webhook_url" or "body" in places}
        params = dict(request.params) if "query" in places else {}
        with httpx.Client(base_url=fake.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
            remote = client.post(request.path, json=body, params=params).json()["data"]["id"]
            client.get(f"/api/v3/predictions/{remote}/result")
        assert came.wait(20)
    head, _, content = hook.requests[0].partition(b"\r\n\r\n")
    lines = [line.decode().partition(": ") for line in head.split(b"\r\n")[1:]]
    headers = {name.lower(): value for name, _, value in lines}
    secret = ask(fake, in_view(lambda provider: provider.webhook_secret()))
    assert secret.startswith("whsec_")
    assert wavespeed.webhook_is_genuine(secret, headers, content, now=time.time())
    assert not wavespeed.webhook_is_genuine(secret + "0", headers, content, now=time.time())
    told = json.loads(content)
    assert (told["id"], told["status"], told["input"]) == (remote, "completed", {"prompt": "a red fox"})


def test_signatures_are_made_here_as_they_are_read_there() -> None:
    headers = signed("whsec_abc", "evt-1", 1_760_000_000, b"{}")
    assert wavespeed.webhook_is_genuine("whsec_abc", headers, b"{}", now=1_760_000_000)


# -- The fake provider -------------------------------------------------------------------------------------------------
def test_as_a_process_of_its_own() -> None:
    with run_process(wire="wavespeed", models=100, prices="old", balance=0.5, tickets=0) as remote:
        with httpx.Client(base_url=remote.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
            assert len(client.get("/api/v3/models").json()["data"]) == 100
            assert client.get("/api/v3/balance").json()["data"] == {"balance": 0.5}
            assert client.post("/api/v3/model/price", json={}).status_code == 404
            assert client.post("/api/v3/media/uploads", json={}).status_code == 404
            remote.fault("create", "status", status=503, times=1)
            assert client.post(f"/api/v3/{FLUX}", json={"prompt": "p"}).json()["error_code"] == 5003
            assert client.post(f"/api/v3/{FLUX}", json={"prompt": "p"}).json()["code"] == 200
        with pytest.raises(httpx.HTTPStatusError):
            remote.control(no_such_setting=1)


def test_an_edit_reaches_the_task_within_its_envelope(fake: FakeProvider) -> None:
    fake.fault("create", "edit", set={"status": "failed", "error": "edited"}, remove=["model"])
    progress = ask(fake, lambda provider: provider.submit(SPEC))
    assert (progress.state, progress.message, progress.model) == ("failed", "edited", "")


def test_a_client_that_waits_is_answered_when_it_is_done(fake: FakeProvider) -> None:
    body = {"prompt": "p", "enable_sync_mode": True}
    said = httpx.post(f"{fake.url}/api/v3/{FLUX}", json=body, headers={"Authorization": f"Bearer {KEY}"}).json()
    assert (said["data"]["status"], len(said["data"]["outputs"])) == ("completed", 1)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_no_address_is_not_there(fake: FakeProvider, method: str) -> None:
    assert httpx.request(method, f"{fake.url}/api/v3/{FLUX}").status_code == 404
