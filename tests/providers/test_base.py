from decimal import Decimal

import pytest

from studio.providers.base import Cost, Json, Progress, ProviderError, Request
from studio.providers.states import is_known_state, read_state


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "created queued pending submitted starting"),
        ("running", "processing running in_progress"),
        ("succeeded", "completed succeeded success succeed"),
        ("failed", "failed error timeout deleted expired"),
        ("cancelled", "cancelled canceled"),
    ],
)
def test_every_known_word_is_read_in_any_case(state: str, words: str) -> None:
    for word in words.split():
        assert read_state(word) == read_state(word.upper()) == read_state(f" {word.title()} ") == state
        assert is_known_state(word)


@pytest.mark.parametrize("word", ["transmogrifying", "", None, 7, ["queued"], {"status": "queued"}])
def test_an_unknown_word_is_still_running(word: Json) -> None:
    assert read_state(word) == "running"
    assert not is_known_state(word)


@pytest.mark.parametrize(
    ("amount", "unit", "cost"),
    [
        (2.0, "NOK", Cost(Decimal("2.0"), "NOK")),
        ("0.015", "USD", Cost(Decimal("0.015"), "USD")),
        (0, "credits", Cost(Decimal(0), "credits")),
        (1e-6, " EUR ", Cost(Decimal("1E-6"), "EUR")),
        (0.1 + 0.2, "USD", Cost(Decimal("0.3"), "USD")),
        ("1.23456749", "USD", Cost(Decimal("1.234567"), "USD")),
        (1e-7, "USD", Cost(Decimal("0.000001"), "USD")),
        ("1e-999999", "USD", Cost(Decimal("0.000001"), "USD")),
        ("999999999999.999999", "USD", Cost(Decimal("999999999999.999999"), "USD")),
    ],
)
def test_a_cost_is_read_as_exactly_as_it_is_kept(amount: Json, unit: Json, cost: Cost) -> None:
    assert Cost.parse(amount, unit) == cost


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(None, "NOK"), (2, None), (2, ""), (2, " "), (-1, "NOK"), (True, "NOK"), ("free", "NOK"), ("NaN", "NOK"),
     ("Infinity", "NOK"), (1e300, "NOK"), ([2], "NOK"), (2, {"code": "NOK"}), (2, "a unit beyond all sense"),
     ("999999999999.9999999", "NOK"), (2, "N\0K"), (2, "NOK;USD")],
)  # fmt: skip
def test_half_a_cost_is_none(amount: Json, unit: Json) -> None:
    assert Cost.parse(amount, unit) is None


def test_a_number_too_long_to_be_written_is_no_amount() -> None:
    assert Cost.parse(10**5000, "NOK") is None


def test_a_cost_multiplies_without_rounding() -> None:
    assert Cost(Decimal("0.1"), "NOK").times(3) == Cost(Decimal("0.3"), "NOK")


def test_only_reading_is_idempotent() -> None:
    assert [Request(method, "/").idempotent for method in ("GET", "HEAD", "POST", "DELETE", "PUT")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_body_is_json_in_utf_8() -> None:
    assert Request("POST", "/", json={"prompt": "blå fjord"}).body == '{"prompt": "blå fjord"}'.encode()
    assert Request("GET", "/").body == b""


def test_a_job_has_ended_in_three_ways() -> None:
    ended = [
        state for state in ("pending", "running", "succeeded", "failed", "cancelled") if Progress("1", state).ended
    ]
    assert ended == ["succeeded", "failed", "cancelled"]


def test_an_error_says_its_message() -> None:
    assert str(ProviderError("unavailable", "It is away.", sent=True)) == "It is away."
