"""The rules of what is sent again, held by the flows alone: no network, no clock."""

from collections.abc import Generator
from typing import Any

import pytest

from studio.providers import verbs
from studio.providers.base import JobSpec, Progress, ProviderError, Request, Response
from studio.providers.flows import LONGEST_WAIT, RETRIES, Wait, adrive, again, drive
from studio.providers.wayscloud_gpu import WaysCloudGpu

GPU = WaysCloudGpu()
GET, POST, DELETE = (Request(method, "/v1/x") for method in ("GET", "POST", "DELETE"))
OK = Response(200, b"[]")
REFUSED = ProviderError("unavailable", "cannot be reached", sent=False)
LOST = ProviderError("unavailable", "broke off", sent=True)
Script = list[Response | ProviderError]


def play(flow: Generator[Any, Any, Any], script: Script) -> tuple[Any, list[Request], list[float]]:
    """Runs a flow against answers in turn: its result, what it sent, how long it slept."""
    sent: list[Request] = []
    slept: list[float] = []
    answers = iter(script)

    def send(request: Request) -> Response:
        sent.append(request)
        said = next(answers)
        if isinstance(said, ProviderError):
            raise said
        return said

    try:
        result = drive(flow, send, slept.append)
    except ProviderError as error:
        result = error
    return result, sent, slept


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_only_reads_is_sent_again(status: int) -> None:
    result, sent, slept = play(again(GET), [Response(status), Response(status), OK])
    assert result is OK
    assert len(sent) == 1 + RETRIES
    assert len(slept) == RETRIES


def test_it_is_sent_again_only_so_often() -> None:
    last = Response(503)
    result, sent, _ = play(again(GET), [Response(503)] * RETRIES + [last])
    assert result is last
    assert len(sent) == 1 + RETRIES


@pytest.mark.parametrize("status", [200, 301, 400, 401, 402, 403, 404, 422])
def test_a_clear_answer_is_not_asked_for_again(status: int) -> None:
    result, sent, _ = play(again(GET), [Response(status)])
    assert (result.status, len(sent)) == (status, 1)


@pytest.mark.parametrize("request_", [POST, DELETE])
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_what_acts_is_never_sent_again_once_it_was_answered(request_: Request, status: int) -> None:
    result, sent, _ = play(again(request_), [Response(status)])
    assert (result.status, len(sent)) == (status, 1)


def test_what_acts_is_sent_again_when_it_never_left() -> None:
    result, sent, slept = play(again(POST), [REFUSED, REFUSED, OK])
    assert result is OK
    assert (len(sent), len(slept)) == (3, 2)


def test_what_acts_is_not_sent_again_when_it_may_have_left() -> None:
    result, sent, _ = play(again(POST), [REFUSED, LOST])
    assert result is LOST
    assert len(sent) == 2


def test_a_key_that_is_none_is_not_tried_again() -> None:
    result, sent, _ = play(again(GET), [ProviderError("invalid_key", "no key", sent=False)])
    assert result.kind == "invalid_key"
    assert len(sent) == 1


@pytest.mark.parametrize(("header", "least"), [("2", 2), ("0", 0), ("1.5", 1.5)])
def test_it_waits_as_long_as_it_is_told(header: str, least: float) -> None:
    _, sent, [slept] = play(again(GET), [Response(429, headers={"retry-after": header}), OK])
    assert len(sent) == 2
    assert least <= slept <= least + LONGEST_WAIT


@pytest.mark.parametrize("header", ["30", "86400", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_longer_wait_is_the_callers(header: str) -> None:
    result, sent, slept = play(again(GET), [Response(429, headers={"retry-after": header})])
    assert (result.status, len(sent), slept) == (429, 1, [])


def test_a_wait_has_jitter_within_its_bounds() -> None:
    waits = [play(again(GET), [Response(503), OK])[2][0] for _ in range(200)]
    assert all(0 <= wait <= LONGEST_WAIT for wait in waits)
    assert len(set(waits)) > 100


# -- The verbs ---------------------------------------------------------------------------------------------------------
JOB = b'{"id": "1", "status": "%s"}'
REFUSAL = Response(409, b'{"detail": "Only queued or processing jobs can be cancelled"}')


def job(word: bytes) -> Response:
    return Response(200, JOB % word)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_cancel_is_believed_only_after_another_look(status: int) -> None:
    result, sent, _ = play(verbs.cancel(GPU, "1", "image"), [Response(status), job(b"processing")])
    assert result.state == "running"
    assert [request.method for request in sent] == ["DELETE", "GET"]


def test_a_cancelled_job_that_is_gone_is_cancelled() -> None:
    result, _, _ = play(verbs.cancel(GPU, "1", "image"), [Response(204), Response(404)])
    assert result == Progress("1", "cancelled")


@pytest.mark.parametrize("refusal", [REFUSAL, Response(400), Response(404), Response(422)])
def test_a_cancel_that_comes_too_late_finds_the_end(refusal: Response) -> None:
    result, sent, _ = play(verbs.cancel(GPU, "1", "image"), [refusal, job(b"completed")])
    assert result.state == "succeeded"
    assert len(sent) == 2


def test_a_refused_cancel_of_an_open_job_is_a_refusal() -> None:
    result, _, _ = play(verbs.cancel(GPU, "1", "image"), [REFUSAL, job(b"processing")])
    assert (result.kind, result.status) == ("bad_request", 409)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_cancel_that_failed_for_another_reason_asks_no_more(status: int) -> None:
    result, sent, _ = play(verbs.cancel(GPU, "1", "image"), [Response(status)])
    assert (result.status, len(sent)) == (status, 1)


@pytest.mark.parametrize("answer", [Response(500), Response(429), LOST, REFUSED])
def test_a_poll_is_one_request(answer: Response | ProviderError) -> None:
    for flow in (verbs.status(GPU, "1", "image"), verbs.list_jobs(GPU, GPU.build_list())):
        result, sent, slept = play(flow, [answer])
        assert isinstance(result, ProviderError)
        assert (len(sent), slept) == (1, [])


def test_a_submit_answered_without_an_id_is_one_request() -> None:
    result, sent, _ = play(verbs.submit(GPU, JobSpec("image", "e", "p")), [Response(200, b"{}")])
    assert (result.kind, result.sent, len(sent)) == ("malformed", True, 1)


def test_a_catalogue_is_its_raw_payloads() -> None:
    answers: Script = [Response(200, b'[{"engine": "a\\u0000"}]'), Response(200, b"[]"), Response(200, b"[1]")]
    result, sent, _ = play(verbs.catalogue(GPU), answers)
    assert result == {"engines": [{"engine": "a"}], "presets": [], "pricing": [1]}
    assert [request.path for request in sent] == ["/v1/gpu/engines", "/v1/gpu/presets", "/v1/gpu/pricing"]


def test_a_catalogue_without_its_minor_parts_is_one() -> None:
    result, _, _ = play(verbs.catalogue(GPU), [Response(200, b"[]"), Response(404), Response(200, b"<html>")])
    assert result == {"engines": []}


def test_a_catalogue_without_its_main_part_is_none() -> None:
    result, sent, _ = play(verbs.catalogue(GPU), [Response(403)])
    assert (result.kind, len(sent)) == ("forbidden", 1)


# -- The drivers -------------------------------------------------------------------------------------------------------
def test_the_drivers_agree() -> None:
    def flow() -> Generator[Any, Any, list[object]]:
        first = yield GET
        yield Wait(2.5)
        try:
            yield POST
        except ProviderError as error:
            return [first, error]
        return []

    log: list[object] = []

    def send(request: Request) -> Response:
        log.append(request.method)
        if request is POST:
            raise LOST
        return OK

    async def asend(request: Request) -> Response:
        return send(request)

    async def asleep(seconds: float) -> None:
        log.append(seconds)

    ours = adrive(flow(), asend, asleep)
    with pytest.raises(StopIteration) as end:
        ours.send(None)
    assert end.value.value == drive(flow(), send, log.append) == [OK, LOST]
    assert log == ["GET", 2.5, "POST"] * 2
