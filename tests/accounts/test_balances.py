"""What a key's account holds: asked for, kept, and never waited for long."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts import balances
from accounts.models import ProviderKey
from studio.providers.base import Balance, Cost, ProviderError, Request
from studio.providers.registry import DIALECTS
from studio.providers.wayscloud_gpu import WaysCloudGpu
from tests.accounts.conftest import GPU, make_key

HELD = Balance(Cost(Decimal("148"), "credits"), Decimal(500), "pro", "2999-12-31T00:00:00Z", is_vip=True)


class Telling(WaysCloudGpu):
    unit: ClassVar[str] = ""

    def build_balance(self) -> Request:
        return Request("GET", "/balance")


class Account:
    """The account behind `connect`."""

    def __init__(self) -> None:
        self.answer: Any = HELD
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()

    def balance(self) -> Balance:
        self.asked += 1
        assert self.gate.wait(20)
        if isinstance(self.answer, Exception):
            raise self.answer
        assert isinstance(self.answer, Balance)
        return self.answer


@pytest.fixture
def account(monkeypatch) -> Iterator[Account]:
    account = Account()
    monkeypatch.setitem(DIALECTS, GPU, Telling())
    monkeypatch.setattr(balances, "connect", lambda *args: account)
    yield account
    account.gate.set()
    settle()


@pytest.fixture
def key(alice) -> ProviderKey:
    return make_key(alice)


def settle() -> None:
    for thread in threading.enumerate():
        if thread.name == "balance":
            thread.join(20)


def saved(key: ProviderKey) -> balances.Account | None:
    return balances.of(ProviderKey.objects.get(pk=key.pk))


def test_what_the_provider_says_is_kept(account, key):
    before = timezone.now()
    assert balances.refresh(key, patience=20) == ""
    for held in (balances.of(key), saved(key)):
        assert held is not None
        assert (held.left, held.total) == (Cost(Decimal(148), "credits"), Cost(Decimal(500), "credits"))
        assert (held.plan, held.ends_at, held.is_vip) == ("pro", datetime(2999, 12, 31, tzinfo=UTC), True)
        assert before <= held.at <= timezone.now()
    assert balances.unit(key) == "credits"


def test_a_provider_that_does_not_tell_is_not_asked(key):
    assert balances.refresh(key) == ""
    assert balances.of(key) is None
    assert not balances.is_stale(key)


def test_a_failure_leaves_what_was_known_and_says_why(account, key):
    balances.refresh(key, patience=20)
    account.answer = ProviderError("unavailable", "It cannot be reached.", sent=False)
    assert balances.refresh(key, patience=20) == "It cannot be reached."
    assert saved(key).left.amount == 148


def test_after_a_failure_it_is_not_asked_by_itself_for_a_while(account, key):
    account.answer = ProviderError("unavailable", "It cannot be reached.", sent=False)
    assert balances.is_stale(key)
    balances.renew([key], patience=20)
    balances.renew([key], patience=20)
    assert account.asked == 1
    cache.clear()
    balances.renew([key], patience=20)
    assert account.asked == 2


def test_it_is_asked_again_after_two_minutes(account, key):
    balances.renew([key], patience=20)
    assert not balances.is_stale(key)
    cache.clear()
    ProviderKey.objects.update(account_at=timezone.now() - timedelta(seconds=121))
    key.refresh_from_db()
    assert balances.is_stale(key)
    balances.renew([key], patience=20)
    assert account.asked == 2


def test_nobody_waits_for_a_slow_one_and_its_answer_is_taken_up(account, key):
    account.gate.clear()
    assert balances.refresh(key, patience=0) == "WAYSCloud GPU Studio is slow to answer."
    assert balances.refresh(key, patience=0) == "WAYSCloud GPU Studio is slow to answer."
    account.gate.set()
    settle()
    assert balances.refresh(key, patience=0) == ""
    assert saved(key).left.amount == 148
    assert account.asked == 1


def test_a_slow_one_is_not_asked_again_and_again(account, key):
    account.gate.clear()
    balances.renew([key], patience=0)
    assert not balances.is_stale(key)
    account.gate.set()
    settle()
    balances.renew([key], patience=0)
    assert saved(key).left.amount == 148
    assert account.asked == 1


def test_a_wish_to_ask_again_is_not_answered_from_memory(account, key):
    balances.refresh(key, patience=20)
    account.answer = Balance(Cost(Decimal(99), "credits"))
    assert balances.refresh(key, patience=20) == ""
    assert saved(key).left.amount == 99


def test_a_job_tells_what_is_left(account, key):
    balances.refresh(key, patience=20)
    balances.note_remaining(key.pk, Cost(Decimal("133.5"), "credits"))
    held = saved(key)
    assert (held.left.amount, held.total.amount, held.plan) == (Decimal("133.5"), 500, "pro")
    balances.note_remaining(key.pk + 1, Cost(Decimal(1), "credits"))  # a key that is gone


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"left": "x", "unit": "credits"},
        {"left": "5"},
        {"left": "-1", "unit": "credits"},
        {"left": None, "unit": None},
    ],
)
def test_nonsense_is_nothing(key, facts):
    key.account, key.account_at = facts, timezone.now()
    assert balances.of(key) is None


@pytest.mark.parametrize(
    ("facts", "has_plan"),
    [
        ({}, False),
        ({"plan": "pro"}, True),
        ({"plan": "pro", "ends_at": "2000-01-01T00:00:00Z"}, False),
        ({"plan": "pro", "ends_at": "next year"}, True),
        ({"plan": "pro", "ends_at": "2000-01-01T00:00:00"}, False),
        ({"plan": "pro", "ends_at": "2000-13-41T00:00:00Z"}, True),
        ({"is_vip": True, "ends_at": "2000-01-01T00:00:00Z"}, True),
    ],
)
def test_a_plan_lasts_until_its_end(key, facts, has_plan):
    key.account, key.account_at = {"left": "1", "unit": "credits", **facts}, timezone.now()
    held = balances.of(key)
    assert held is not None
    assert held.has_plan is has_plan
