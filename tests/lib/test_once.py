"""Slow questions are asked once at a time."""

import threading
from threading import Event

import pytest

from studio.lib.once import AT_ONCE, Once


def test_who_comes_meanwhile_shares_the_answer():
    once: Once[int] = Once("test")
    may_answer, asked = Event(), []

    def question() -> int:
        asked.append(1)
        assert may_answer.wait(20)
        return 42

    first, second = once.ask("a", question), once.ask("a", question)
    other = once.ask("b", lambda: 7)
    assert other.result(20) == 7
    assert first is second
    assert not first.done()
    may_answer.set()
    assert first.result(20) == 42
    assert len(asked) == 1


def test_an_answer_is_not_kept():
    once: Once[int] = Once("test")
    answers = iter([1, 2])
    assert once.ask("a", lambda: next(answers)).result(20) == 1
    assert once.ask("a", lambda: next(answers)).result(20) == 2


def test_whoever_waits_is_told_of_a_failure_and_the_next_may_ask_again():
    once: Once[int] = Once("test")
    with pytest.raises(ZeroDivisionError):
        once.ask("a", lambda: 1 // 0).result(20)
    assert once.ask("a", lambda: 1).result(20) == 1


def test_a_failure_that_nobody_waits_for_is_nobodys():
    once: Once[int] = Once("test")
    failed = once.ask("a", lambda: 1 // 0)
    assert isinstance(failed.exception(20), ZeroDivisionError)


def test_a_lane_that_hangs_gathers_no_threads_and_holds_up_no_other(monkeypatch):
    monkeypatch.setattr("studio.lib.once.MOST_WAITING", 20)
    once: Once[int] = Once("a lane in a test")
    may_answer = Event()

    def question() -> int:
        assert may_answer.wait(20)
        return 42

    asked = [once.ask(number, question, lane="slow") for number in range(100)]
    assert sum(thread.name == "a lane in a test" for thread in threading.enumerate()) <= AT_ONCE
    assert once.ask("other", lambda: 7, lane="quick").result(20) == 7
    assert 100 - AT_ONCE - 20 <= sum(one.cancelled() for one in asked) <= 100 - 20  # as soon as threads begin
    assert not asked[-1].cancelled()
    may_answer.set()
    assert {one.result(20) for one in asked if not one.cancelled()} == {42}
    assert once.ask(0, lambda: 1, lane="slow").result(20) == 1
