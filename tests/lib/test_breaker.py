import random

import pytest

from studio.lib.breaker import Breaker


def broken(**options) -> Breaker:
    breaker = Breaker(threshold=3, base=8, cap=20, rng=random.Random(1), **options)
    for _ in range(3):
        assert breaker.allow(100)
        breaker.failed(100)
    return breaker


def test_it_opens_after_failures_in_a_row_only():
    breaker = Breaker(threshold=3)
    for _ in range(5):
        breaker.failed(0)
        breaker.failed(0)
        breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.allow(0)
    assert breaker.wait(0) == 0
    assert broken().state == "open"


def test_open_it_lets_nothing_through_until_its_wait_is_over():
    breaker = broken()
    wait = breaker.wait(100)
    assert 4 <= wait <= 8
    assert not breaker.allow(100 + wait - 0.01)
    assert breaker.allow(100 + wait)
    assert breaker.state == "half-open"


def test_half_open_it_lets_one_probe_through_and_closes_on_its_success():
    breaker = broken()
    assert breaker.allow(120)
    assert not breaker.allow(120)
    breaker.succeeded()
    assert breaker.allow(120)
    breaker.failed(120)
    assert breaker.state == "closed"  # counted anew


def test_a_failed_probe_doubles_the_wait_up_to_its_cap():
    breaker = broken()
    waits = []
    now = 100.0
    for _ in range(8):
        waits.append(breaker.wait(now))
        now += waits[-1]
        assert breaker.allow(now)
        breaker.failed(now)
        assert breaker.state == "open"
    assert 4 <= waits[0] <= 8 <= waits[1] <= 16
    assert all(10 <= wait <= 20 for wait in waits[2:])
    assert len(set(waits[2:])) > 3


def test_a_probe_that_never_reports_is_given_up():
    breaker = broken(probe_for=30)
    assert breaker.allow(120)
    assert not breaker.allow(149)
    assert breaker.wait(149) == pytest.approx(1)
    assert breaker.allow(150)


def test_failures_of_requests_that_had_left_before_do_not_lengthen_the_wait():
    breaker = broken()
    wait = breaker.wait(100)
    for _ in range(10):
        breaker.failed(100)
    assert breaker.wait(100) == wait
