"""Every error body seen in the field, and what a person and the worker are told by it."""

import json

import pytest

from studio.providers import errors
from studio.providers.base import Json, ProviderError, Response

HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script>Bad gateway</body></html>"


def refused(status: int, body: Json = None, *, acts: bool = True, **headers: str) -> ProviderError:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return errors.refusal("Acme", Response(status, content, named), acts=acts)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, "malformed"),
        (400, "bad_request"),
        (401, "invalid_key"),
        (402, "insufficient_credits"),
        (403, "forbidden"),
        (404, "not_found"),
        (408, "unavailable"),
        (409, "bad_request"),
        (410, "not_found"),
        (413, "bad_request"),
        (418, "bad_request"),
        (422, "bad_request"),
        (429, "rate_limited"),
        (451, "content_filtered"),
        (500, "unavailable"),
        (501, "bad_request"),
        (502, "unavailable"),
        (503, "unavailable"),
        (504, "unavailable"),
        (529, "unavailable"),
    ],
)
def test_a_status_alone_says_the_kind(status: int, kind: str) -> None:
    error = refused(status)
    assert (error.kind, error.status) == (kind, status)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422, 429, 451, 501])
def test_a_refusal_proves_that_nothing_was_started(status: int) -> None:
    assert refused(status).sent is False


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 409, 418, 499, 500, 502, 503, 504])
def test_anything_else_leaves_it_open_whether_it_was(status: int) -> None:
    assert refused(status).sent is True
    assert refused(status, acts=False).sent is False


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Engine not found"}, "Engine not found"),
        ({"detail": {"code": "INVALID_PARAMETER", "message": "No such engine"}}, "No such engine"),
        (
            {"detail": [{"loc": ["body", "inputs", "prompt"], "msg": "field required", "type": "missing"}]},
            "inputs.prompt: field required",
        ),
        (
            {"detail": [{"loc": ["body", "type"], "msg": "no"}, {"loc": ["body", "inputs", 0], "msg": "odd"}]},
            "type: no; inputs.0: odd",
        ),
        ({"detail": [{"msg": "field required"}]}, "field required"),
        ({"detail": [{"loc": ["body", "seed"]}]}, "seed"),
        ({"detail": ["one", "two"]}, "one; two"),
        ({"error": {"code": "INVALID_PARAMETER", "message": "Bad seed", "details": {"field": "seed"}}}, "Bad seed"),
        ({"error": {"code": "INVALID_PARAMETER"}}, "INVALID_PARAMETER"),
        ({"error": {"code": "X", "message": "", "details": "the seed is odd"}}, "the seed is odd"),
        ({"error": "Bad seed"}, "Bad seed"),
        ({"message": "Bad seed"}, "Bad seed"),
        ({"detail": {"error": "Bad seed"}}, "Bad seed"),
        ({"detail": {"error": {"code": "INVALID_PARAMETER", "message": "Bad seed"}}}, "Bad seed"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "odd"}], "error": "E", "message": "Not valid"}, "seed: odd"),
        ({"error": "Bad Request", "message": "Bad seed"}, "Bad seed"),
        ("Bad seed", "Bad seed"),
        ({"message": "Bad\n  seed\x00\u202e"}, "Bad seed"),
        ({}, "HTTP 400"),
        ([], "HTTP 400"),
        ({"detail": None, "error": None}, "HTTP 400"),
        ({"detail": {"detail": {"detail": {"detail": {"detail": {"detail": "deep"}}}}}}, "HTTP 400"),
        (7, "HTTP 400"),
        (None, "HTTP 400"),
        (b"plain words", "HTTP 400"),
        (HTML, "it sent a web page, HTTP 400"),
        (b"  \n<html>", "it sent a web page, HTTP 400"),
    ],
)
def test_the_providers_own_words_are_found_in_every_shape(body: Json, said: str) -> None:
    error = refused(400, body)
    assert error.message == f"Acme refused the request: {said}."
    assert error.kind == "bad_request"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"code": "AUTH_FAILED", "message": "no"}}, "invalid_key"),
        (403, {"error": {"code": "AUTH_FAILED", "message": "no"}}, "invalid_key"),
        (400, {"detail": {"error": {"code": "AUTH_FAILED", "message": "no"}}}, "invalid_key"),
        (400, {"detail": {"error": "insufficient_credits"}}, "insufficient_credits"),
        (401, {"error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "no"}}, "forbidden"),
        (403, {"detail": {"code": "INSUFFICIENT_CREDITS", "message": "no"}}, "insufficient_credits"),
        (400, {"error_code": "insufficient-balance", "message": "no"}, "insufficient_credits"),
        (400, {"error": {"code": "INVALID_PARAMETER", "message": "no"}}, "bad_request"),
        (400, {"error": {"code": "CONTENT_POLICY_VIOLATION", "message": "no"}}, "content_filtered"),
        (422, {"error": {"type": "content_filter", "message": "no"}}, "content_filtered"),
        (400, {"code": "NSFW_DETECTED", "message": "no"}, "content_filtered"),
        (403, {"detail": "The prompt was blocked by our content policy"}, "content_filtered"),
        (400, {"message": "Rejected by moderation"}, "content_filtered"),
        (400, {"message": "a safety helmet is no engine"}, "bad_request"),
        (403, {"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "no"}}, "rate_limited"),
        (500, {"error": {"code": "CONTENT_FILTER", "message": "no"}}, "unavailable"),
        (401, {"message": "moderation key expected"}, "invalid_key"),
        (400, {"code": 1200, "message": "no"}, "bad_request"),
    ],
)
def test_a_code_within_a_refusal_is_nearer_to_the_truth(status: int, body: Json, kind: str) -> None:
    assert refused(status, body).kind == kind


def test_a_redirect_is_named_as_one() -> None:
    assert "redirects to another address" in refused(307, location="https://elsewhere.example/").message


def test_a_long_message_is_cut() -> None:
    message = refused(400, {"message": "word " * 1000}).message
    assert len(message) < 400
    assert message.endswith("…")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"no healthy\n upstream\x00", "no healthy upstream"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        (b" \n", "HTTP 503"),
        (b"<pre>x</pre>", "it sent a web page, HTTP 503"),
    ],
)
def test_plain_text_is_said_where_it_is_sent_as_that(body: bytes, said: str) -> None:
    error = refused(503, body, content_type="text/plain; charset=utf-8")
    assert error.message == f"Acme could not answer: {said}."


def test_a_web_page_is_never_shown() -> None:
    assert "script" not in refused(502, HTML).message


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 0), ("-3", 0), ("soon", None), ("", None), ("999999", 3600)]
)
def test_it_says_how_long_to_wait(header: str, seconds: float | None) -> None:
    assert refused(429, retry_after=header).retry_after == seconds


def test_a_date_to_wait_for_that_has_passed_is_now() -> None:
    assert refused(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 0


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"", "nothing at all"), (HTML, "a web page instead of data"), (b"ok", "not JSON"), (b"[NaN]", "not JSON")],
)
def test_a_good_status_over_no_json_is_malformed(body: bytes, why: str) -> None:
    with pytest.raises(ProviderError) as caught:
        errors.payload("Acme", Response(200, body), acts=True)
    assert (caught.value.kind, caught.value.sent) == ("malformed", True)
    assert why in caught.value.message


def test_json_nested_without_end_is_malformed() -> None:
    with pytest.raises(ProviderError):
        errors.payload("Acme", Response(200, b"[" * 100_000), acts=False)
