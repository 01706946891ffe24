"""The budget of requests of a key, shared by processes."""

import threading
import time

import pytest
from django.db import close_old_connections, connection

from accounts import budget, keys
from accounts.connect import connect
from accounts.models import Budget, ProviderKey
from studio.lib.buckets import Rate
from studio.providers.base import ProviderError
from studio.providers.transports import Transports
from tests.fake_provider import FakeProvider, serve_in_thread

GPU = "wayscloud-gpu"


@pytest.fixture
def key(alice) -> ProviderKey:
    return make_key(alice, 60)


def make_key(owner, requests_per_minute: int | None) -> ProviderKey:
    key = ProviderKey(owner=owner, provider=GPU, label="Work", requests_per_minute=requests_per_minute)
    key.conceal("wayscloud_gpu_abc12_0123456789abcdef")
    key.save()
    return key


@pytest.fixture
def clock(monkeypatch):
    """Unix time as the test sets it."""

    class Clock:
        now = 1_700_000_000.0

    monkeypatch.setattr(time, "time", lambda: Clock.now)
    return Clock


def test_without_a_limit_the_database_is_not_asked(alice, django_assert_num_queries):
    free = make_key(alice, None)
    with django_assert_num_queries(0):
        assert budget.take(free, want=7) == budget.Taken(7)
    unsaved = ProviderKey(owner=alice, provider=GPU, requests_per_minute=1)
    with django_assert_num_queries(0):
        assert budget.take(unsaved, want=7).granted == 7
    assert not Budget.objects.exists()


def test_the_limit_is_the_owners_or_else_the_providers(alice, monkeypatch):
    assert budget.limit(make_key(alice, None)) is None
    monkeypatch.setattr("studio.providers.wayscloud_gpu.WaysCloudGpu.requests_per_minute", 90)
    assert budget.limit(make_key(alice, None)) == 90
    assert budget.limit(make_key(alice, 7)) == 7


def test_it_gives_a_burst_and_then_evenly(key, clock):
    assert [budget.take(key).granted for _ in range(4)] == [1, 1, 1, 0]
    interval = Rate.within(60).interval
    assert budget.take(key).wait_seconds == pytest.approx(interval, abs=1e-3)
    clock.now += interval + 0.001
    assert [budget.take(key).granted for _ in range(2)] == [1, 0]


def test_polls_leave_a_reserve_to_people(key, clock):
    assert budget.take(key, want=9, poll=True).granted == 2
    assert budget.take(key, poll=True).granted == 0
    assert budget.take(key).granted == 1


def test_a_limit_that_is_changed_counts_from_the_next_take(key, clock):
    budget.take(key, want=3)
    ProviderKey.objects.update(requests_per_minute=6000)
    clock.now += 1
    assert budget.grant({key.pk: budget.Want(50)})[key.pk].granted == 50
    ProviderKey.objects.update(requests_per_minute=None)
    assert budget.grant({key.pk: budget.Want(50)})[key.pk].granted == 50


def test_what_an_old_limit_counted_does_not_hold_up_a_new_one(alice, clock):
    key = make_key(alice, 1)
    assert budget.take(key).granted == 1
    assert budget.take(key).wait_seconds > 60
    keys.set_limits(key, concurrency=None, requests_per_minute=600, soft_limit=None, hard_limit=None)
    assert budget.take(key).granted == 1
    budget.drain(key.pk, 20)
    keys.set_limits(key, concurrency=3, requests_per_minute=600, soft_limit=None, hard_limit=None)
    assert budget.take(key).granted == 0  # the same limit as before: what the provider said holds


def test_many_keys_are_granted_in_one_statement(alice, clock, django_assert_num_queries):
    keys = [make_key(alice, 60) for _ in range(20)]
    wants = {key.pk: budget.Want(2, poll=True) for key in keys} | {10**9: budget.Want(1)}
    budget.grant(wants)
    clock.now += 60
    with django_assert_num_queries(3):
        taken = budget.grant(wants)
    assert {taken[key.pk].granted for key in keys} == {2}
    assert taken[10**9].granted == 1  # no such key: its step is to find that out


def test_a_quote_takes_of_its_share_and_of_the_whole(key, clock):
    granted = 0
    for _ in range(600):
        clock.now += 1
        granted += budget.take(key, purpose=budget.QUOTES).granted
    assert granted == pytest.approx(0.2 * 60 * 10, abs=6)
    budget.take(key, want=3)
    clock.now += 10
    assert budget.take(key, want=3).granted == 3
    left = Budget.objects.get(purpose=budget.QUOTES).empty_until
    assert budget.take(key, purpose=budget.QUOTES).granted == 0
    assert Budget.objects.get(purpose=budget.QUOTES).empty_until == left  # nothing of the share is lost by that


def test_a_key_that_is_told_to_wait_waits_in_every_process(key, clock):
    budget.drain(key.pk, 20)
    assert budget.take(key).granted == 0
    assert budget.take(key).wait_seconds == pytest.approx(20, abs=0.01)
    clock.now += 20.01
    assert budget.take(key).granted == 1


def test_a_person_waits_no_longer_than_that(key):
    assert all(budget.for_person(key, patience=0) for _ in range(3))
    assert not budget.for_person(key, patience=0.1)
    assert budget.for_person(key, patience=3)
    assert budget.for_person(None, patience=0)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_token_goes_to_one(alice):
    key = make_key(alice, 40)
    taken: list[int] = []

    def work() -> None:
        for _ in range(10):
            taken.append(budget.take(key, want=2).granted)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    rate = Rate.within(40)
    assert rate.burst <= sum(taken) <= rate.burst + (time.monotonic() - began + 2) / rate.interval
    close_old_connections()


@pytest.fixture
def fake(settings):
    with serve_in_thread(FakeProvider()) as provider:
        settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, GPU: provider.url}
        yield provider


def test_what_a_page_asks_a_provider_keeps_to_the_budget(key, fake):
    provider = connect(GPU, key, Transports(), patience=0.05)
    for _ in range(3):
        provider.check()
    with pytest.raises(ProviderError, match="used up its requests") as refusal:
        provider.check()
    assert refusal.value.kind == "rate_limited"
    assert not refusal.value.sent
    assert sum(fake.requests.values()) == 3
    provider.transports.close()


def test_a_429_to_a_page_is_heeded_by_all(key, fake):
    fake.fault("*", "status", status=429, retry_after=30)
    provider = connect(GPU, key, Transports(), patience=0.05)
    with pytest.raises(ProviderError):
        provider.check()
    assert sum(fake.requests.values()) == 1
    assert budget.take(key).wait_seconds > 25
    provider.transports.close()


def test_a_limit_that_is_changed_while_one_counts_by_the_old_one_leaves_no_debt(key, clock, monkeypatch):
    buckets, changed = budget._buckets, []

    def meanwhile(*asked):
        if not changed:
            changed.append(True)
            keys.set_limits(key, requests_per_minute=6000)
        return buckets(*asked)

    budget.take(key)
    monkeypatch.setattr(budget, "_buckets", meanwhile)
    assert budget.grant({key.pk: budget.Want(3)})[key.pk] == budget.Taken(0, budget.AGAIN)
    assert Budget.objects.get().empty_until == 0
    assert budget.grant({key.pk: budget.Want(200)})[key.pk].granted == 200
