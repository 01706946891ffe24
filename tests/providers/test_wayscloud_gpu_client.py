"""Where GPU Studio's reference and WAYSCloud's own Python client (0.5.0) differ, or only one of them speaks: both."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from studio.providers import flows
from studio.providers.base import JobSpec, Json, ProviderError, Response
from studio.providers.flows import RETRIES
from studio.providers.http import HttpProvider
from studio.providers.transports import Timeouts, Transports
from tests.fake_provider import FakeProvider, serve_in_thread

from .samples import sample
from .wayscloud_said import JOB, gpu

KEY = "wayscloud_gpu_abc12_YOUR_SECRET"
SPEC = JobSpec("image", "image-flux-fast", "A serene mountain landscape at sunset", {"aspect_ratio": "16:9"})
CREATE = json.loads(sample("wayscloud_gpu", "create"))


def refusal(status: int, body: Json) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        gpu.parse_submit(Response(status, json.dumps(body).encode()))
    return caught.value


def provided(fake: FakeProvider, verb: Any) -> Any:
    async def run() -> Any:
        async with Transports() as connections:
            return await verb(HttpProvider(gpu, fake.url, KEY, connections, Timeouts(1, 1, 1, 1)))

    return asyncio.run(run())


# -- The key -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"},
                                     {"X-API-Key": KEY, "Authorization": f"Bearer {KEY}"}])  # fmt: skip
def test_the_client_sends_a_key_in_either_header_or_both_and_we_in_its_own(headers: dict[str, str]) -> None:
    with serve_in_thread() as fake:
        provided(fake, lambda provider: provider.list_jobs())
        ours = fake.last["list"]["headers"]
        assert (b"x-api-key", KEY.encode()) in ours
        assert not any(name == b"authorization" for name, _ in ours)
        assert httpx.post(f"{fake.url}/v1/gpu/jobs", json=CREATE, headers=headers).status_code == 200
        assert len(provided(fake, lambda provider: provider.list_jobs())) == 1


# -- What is good ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_job_comes_with_every_status_that_the_client_takes(status: int) -> None:
    assert gpu.parse_submit(Response(status, sample("wayscloud_gpu", "job"))) == JOB
    assert gpu.parse_status(Response(status, sample("wayscloud_gpu", "job"))) == JOB
    assert gpu.parse_list(Response(status, sample("wayscloud_gpu", "jobs"))) == [JOB]


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b""), (200, b"OK"), (202, b"<html>")])
def test_nothing_or_no_json_is_ok_to_the_client_and_to_us_where_nothing_is_to_be_read(status: int, body: bytes) -> None:
    """A create needs its id, so one without is looked up later; a cancel needs nothing."""
    gpu.parse_cancel(Response(status, body))
    with pytest.raises(ProviderError) as caught:
        gpu.parse_submit(Response(status, body))
    assert (caught.value.kind, caught.value.sent) == ("malformed", True)


@pytest.mark.parametrize("name", ["jobs", "data", "items"])
def test_lists_are_bare_in_the_reference_and_wrapped_elsewhere_in_the_client(name: str) -> None:
    jobs = json.loads(sample("wayscloud_gpu", "jobs"))
    assert gpu.parse_list(Response(200, json.dumps({name: jobs, "total": 1}).encode())) == [JOB]


def test_the_list_is_asked_for_without_pages_as_neither_names_any() -> None:
    assert (gpu.build_list().path, dict(gpu.build_list().params)) == ("/v1/gpu/jobs", {})


# -- What is refused: the reference shows no body, the client reads these ----------------------------------------------
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "No such engine"}, "No such engine"),
        ({"detail": {"error": "No such engine"}}, "No such engine"),
        ({"detail": {"error": "engine", "message": "No such engine"}}, "No such engine"),
        ({"detail": [{"msg": "odd"}, {"msg": "long"}, "late"]}, "odd; long; late"),
        ({"error": "No such engine"}, "No such engine"),
        ({"error": {"code": "INVALID_PARAMETER", "message": "No such engine", "details": None}}, "No such engine"),
        ({"message": "No such engine"}, "No such engine"),
        ({"detail": "No such engine", "error": "Bad Request", "message": "Refused"}, "No such engine"),
    ],
)
def test_a_refusals_words_are_found_where_the_client_finds_them(body: Json, said: str) -> None:
    assert refusal(400, body).message == f"WAYSCloud GPU Studio refused the request: {said}."


@pytest.mark.parametrize(
    ("status", "kind", "sent"),
    [
        (400, "bad_request", False),
        (401, "invalid_key", False),
        (403, "forbidden", False),
        (404, "not_found", False),
        (409, "bad_request", True),
        (422, "bad_request", False),
        (429, "rate_limited", False),
        (501, "bad_request", False),
        (500, "unavailable", True),
        (502, "unavailable", True),
        (503, "unavailable", True),
        (504, "unavailable", True),
    ],
)
def test_every_status_that_the_client_tells_apart(status: int, kind: str, sent: bool) -> None:
    """401 and 403 are one to the client; to us another key helps with the first and another plan with the second."""
    error = refusal(status, {"detail": "no"})
    assert (error.kind, error.sent, error.status) == (kind, sent, status)


def test_a_key_of_another_service_is_told_by_its_code() -> None:
    error = refusal(401, {"error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "This key is for LLM"}})
    assert (error.kind, error.sent) == ("forbidden", False)


# -- What is tried again -----------------------------------------------------------------------------------------------
@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "backoff", lambda *_, **__: 0.0)


@pytest.mark.usefixtures("_no_waiting")
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_the_client_sends_a_create_again_and_we_never_do(status: int) -> None:
    """The second would be a second job, and paid for; reading costs nothing and is repeated as the client does."""
    with serve_in_thread() as fake:
        fake.fault("create", "status", status=status, times=1)
        with pytest.raises(ProviderError):
            provided(fake, lambda provider: provider.submit(SPEC))
        assert fake.requests["create"] == 1
        fake.fault("list", "status", status=status, times=RETRIES)
        provided(fake, lambda provider: asyncio.to_thread(provider.check))
        assert fake.requests["list"] == 1 + RETRIES


@pytest.mark.parametrize(("header", "seconds"), [("2", 2.0), ("0.5", 0.5), ("soon", None)])
def test_how_long_to_wait_is_read_as_the_client_does(header: str, seconds: float | None) -> None:
    with pytest.raises(ProviderError) as caught:
        gpu.parse_status(Response(429, b"{}", {"retry-after": header}))
    assert caught.value.retry_after == seconds


def test_the_client_follows_redirects_and_we_take_the_key_nowhere() -> None:
    with serve_in_thread() as fake:
        fake.fault("list", "redirect", location=f"{fake.url}/v1/gpu/engines")
        with pytest.raises(ProviderError) as caught:
            provided(fake, lambda provider: provider.list_jobs())
        assert (caught.value.kind, fake.requests["engines"]) == ("malformed", 0)


# -- On the wire -------------------------------------------------------------------------------------------------------
def test_the_sample_create_is_what_arrives() -> None:
    with serve_in_thread() as fake:
        provided(fake, lambda provider: provider.submit(SPEC))
        assert fake.last["create"]["body"] == CREATE


def test_what_is_available_to_an_account_is_asked_with_its_key() -> None:
    with serve_in_thread() as fake:
        provided(fake, lambda provider: asyncio.to_thread(provider.catalogue))
        assert {fake.last[name]["key"] for name in ("engines", "presets", "pricing")} == {KEY}


@pytest.mark.parametrize(("polls", "state"), [(None, "cancelled"), (1, "succeeded")])
def test_only_a_job_that_is_not_over_is_cancelled(polls: int | None, state: str) -> None:
    """Of one that is over the client makes a conflict; here it is what it became."""
    with serve_in_thread() as fake:
        fake.polls = polls
        job = provided(fake, lambda provider: provider.submit(SPEC)).remote_id
        provided(fake, lambda provider: provider.status(job, "image"))
        assert provided(fake, lambda provider: provider.cancel(job, "image")).state == state
