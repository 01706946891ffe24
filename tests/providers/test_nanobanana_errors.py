"""Every refusal of the Nano Banana API, under its own HTTP status and under any other."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from studio.providers.base import Json, ProviderError, Response
from studio.providers.nanobanana import NanoBanana

nano = NanoBanana()

# The table of its public reference: HTTP status, code, description; what it means here, and what a person is told.
TABLE: list[tuple[int, str, str, str, str]] = [
    (401, "UNAUTHORIZED", "Missing or invalid API key", "invalid_key", "make a new one"),
    (402, "INSUFFICIENT_CREDITS", "Not enough credits for this operation", "insufficient_credits", "Buy credits"),
    (403, "FORBIDDEN", "API key disabled, expired, or lacks required scope", "forbidden", "may be disabled, expired"),
    (429, "RATE_LIMIT_EXCEEDED", "Too many requests per minute", "rate_limited", "Wait a minute"),
    (400, "INVALID_PROMPT", "Prompt is empty or invalid", "bad_request", "Change the prompt."),
    (400, "INVALID_MODEL", "Unknown model ID", "bad_request", "Choose another model."),
    (404, "TASK_NOT_FOUND", "Generation task does not exist", "not_found", "too long ago"),
    (451, "CONTENT_FILTERED", "Content was rejected by safety filters", "content_filtered", "Change the prompt or"),
    (500, "INTERNAL_ERROR", "Server error, please retry", "unavailable", "Server error, please retry."),
]
each = pytest.mark.parametrize(("status", "code", "words", "kind", "advice"), TABLE, ids=[row[1] for row in TABLE])


def body(code: Json, message: Json = "", **more: Json) -> bytes:
    return json.dumps({"success": False, "error": {"code": code, "message": message, **more}}).encode()


def refused(
    status: int, content: bytes, parse: Callable[[Response], Any] = nano.parse_submit, **headers: str
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        parse(Response(status, content, {name.replace("_", "-"): value for name, value in headers.items()}))
    return caught.value


@each
def test_every_code_under_its_own_status(status: int, code: str, words: str, kind: str, advice: str) -> None:
    error = refused(status, body(code, words))
    assert (error.kind, error.status) == (kind, status)
    assert words in error.message
    assert advice in error.message
    assert error.sent is (code == "INTERNAL_ERROR")


@each
@pytest.mark.parametrize("status_sent", [200, 202, 400, 409, 422])
def test_every_code_under_any_status(
    status: int, code: str, words: str, kind: str, advice: str, status_sent: int
) -> None:
    error = refused(status_sent, body(code, words))
    assert (error.kind, error.status) == (kind, status_sent)
    assert advice in error.message
    assert error.sent is (code == "INTERNAL_ERROR")


@each
def test_under_the_status_of_a_broken_server_it_may_have_acted(
    status: int, code: str, words: str, kind: str, advice: str
) -> None:
    error = refused(502, body(code, words))
    assert (error.kind, error.sent) == (kind, True)


@each
def test_a_question_is_never_sent_in_doubt(status: int, code: str, words: str, kind: str, advice: str) -> None:
    for parse in (nano.parse_check, nano.parse_balance, nano.parse_answer):
        error = refused(200, body(code, words), parse)
        assert (error.kind, error.sent) == (kind, False)


@pytest.mark.parametrize("code", ["SOMETHING_NEW", "", None, 7, ["x"]])
def test_a_refusal_of_an_unknown_code_under_a_good_status_leaves_it_open(code: Json) -> None:
    error = refused(200, body(code, "Out of bananas"))
    assert (error.kind, error.sent, error.status) == ("unavailable", True, 200)
    assert "Out of bananas" in error.message


@pytest.mark.parametrize(
    ("status", "kind", "sent"),
    [(400, "bad_request", False), (403, "forbidden", False), (409, "bad_request", True), (503, "unavailable", True)],
)
def test_a_refusal_of_an_unknown_code_is_what_its_status_says(status: int, kind: str, sent: bool) -> None:
    error = refused(status, body("SOMETHING_NEW", "Out of bananas"))
    assert (error.kind, error.sent) == (kind, sent)


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (401, "invalid_key", "make a new one"),
        (429, "rate_limited", "Wait a minute"),
        (404, "not_found", ""),
        (500, "unavailable", ""),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"null", b'{"success": false}', b"[]"])
def test_a_refusal_without_an_envelope_is_what_its_status_says(
    status: int, kind: str, advice: str, content: bytes
) -> None:
    error = refused(status, content)
    assert error.kind == kind
    assert advice in error.message


@pytest.mark.parametrize(
    "content",
    [
        b'{"success": false}',
        b'{"success": false, "error": null}',
        b'{"success": false, "error": "Out of bananas"}',
        b'{"error": {"code": "X"}}',
        b'{"success": false, "data": {"task_id": "t"}, "error": {"code": "X"}}',
    ],
)
def test_a_failure_that_says_little_under_a_good_status_leaves_it_open(content: bytes) -> None:
    error = refused(200, content)
    assert (error.kind, error.sent) == ("unavailable", True)


def test_the_code_may_stand_alone() -> None:
    error = refused(200, b'{"success": false, "error": "insufficient_credits"}')
    assert (error.kind, error.sent) == ("insufficient_credits", False)


def test_a_success_with_an_error_beside_it_is_one() -> None:
    content = json.dumps({"success": True, "error": {"code": "X"}, "data": {"task_id": "t", "status": "pending"}})
    assert nano.parse_submit(Response(200, content.encode())).remote_id == "t"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"credits_needed": 16, "credits_remaining": 3}, "It needs 16 credits and the account has 3."),
        ({"details": {"required": 16, "balance": 3}}, "It needs 16 credits and the account has 3."),
        ({"required": 16}, "It needs 16 credits."),
        ({"balance": 0}, "The account has 0."),
        ({"required": "many", "balance": None, "details": []}, "Buy credits"),
    ],
)
def test_too_few_credits_are_named_where_the_answer_names_them(more: dict[str, Json], said: str) -> None:
    error = refused(402, body("INSUFFICIENT_CREDITS", "Not enough credits for this operation", **more))
    assert said in error.message
    assert error.message.count("credits for this operation") == 1


def test_too_few_credits_may_be_named_in_data() -> None:
    content = {"success": False, "error": {"code": "INSUFFICIENT_CREDITS"}, "data": {"credits_needed": 5, "credits": 1}}
    assert "It needs 5 credits and the account has 1." in refused(200, json.dumps(content).encode()).message


def test_it_says_how_long_to_wait() -> None:
    assert refused(429, body("RATE_LIMIT_EXCEEDED"), retry_after="7").retry_after == 7
    assert refused(200, body("RATE_LIMIT_EXCEEDED"), retry_after="7").retry_after == 7
    assert refused(429, body("RATE_LIMIT_EXCEEDED")).retry_after is None


@pytest.mark.parametrize("status", [200, 451])
def test_a_status_refused_by_the_content_rules_is_the_end_of_the_task(status: int) -> None:
    progress = nano.parse_status(Response(status, body("CONTENT_FILTERED", "Content was rejected by safety filters")))
    assert (progress.state, progress.error_kind) == ("failed", "content_filtered")
    assert "Change the prompt or the image." in progress.message


@pytest.mark.parametrize("row", [row for row in TABLE if row[1] != "CONTENT_FILTERED"], ids=lambda row: row[1])
def test_a_status_refused_otherwise_says_nothing_of_the_task(row: tuple[int, str, str, str, str]) -> None:
    assert refused(row[0], body(row[1], row[2]), nano.parse_status).kind == row[3]
    assert refused(200, body(row[1], row[2]), nano.parse_status).kind == row[3]


def test_a_long_or_broken_message_is_on_one_line() -> None:
    said = refused(200, body("INVALID_PROMPT", "x\n\u202e" * 5000)).message
    assert len(said) < 500
    assert said.isprintable()
