"""What a key may spend in a month."""

import datetime as dt
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import ProviderKey
from generations import jobs
from generations.models import Job
from generations.models.states import Charge, State
from generations.money import limits
from generations.money.amounts import Month
from studio.providers.base import FREE, Cost, Quote
from tests.generations.conftest import GPU, IMAGE, make_job, make_key

NO, UNKNOWN, YES = Charge.NO, Charge.UNKNOWN, Charge.YES


def order(key: ProviderKey, amount: str | None = "2", unit: str = "NOK") -> jobs.Order:
    cost = None if amount is None else Cost(Decimal(amount), unit)
    return jobs.Order(GPU, key, IMAGE, "a red fox", {}, Quote(cost))


def limit(key: ProviderKey, **limits: str) -> ProviderKey:
    for name, amount in limits.items():
        setattr(key, name, Decimal(amount))
    key.save()
    return key


def spent(key: ProviderKey) -> Decimal:
    return limits.standing(key).spent


@pytest.mark.parametrize(
    ("state", "charge", "counted"),
    [
        (State.QUEUED, NO, "2"),
        (State.RUNNING, UNKNOWN, "2"),
        (State.UNCONFIRMED, UNKNOWN, "2"),
        (State.SUCCEEDED, YES, "2"),
        (State.FAILED, UNKNOWN, "2"),
        (State.FAILED, NO, "0"),
        (State.CANCELLED, NO, "0"),
    ],
)
def test_what_was_charged_or_may_be_counts(key, state, charge, counted):
    make_job(key, state=state, charge=charge)
    assert spent(key) == Decimal(counted)


def test_the_best_known_amount_counts(key):
    make_job(key, state=State.SUCCEEDED, charge=YES, estimated_amount="3", estimated_unit="NOK")
    make_job(
        key,
        state=State.SUCCEEDED,
        charge=YES,
        estimated_amount="3",
        estimated_unit="NOK",
        actual_amount="3.5",
        actual_unit="NOK",
    )
    assert spent(key) == Decimal("6.5")


def test_sums_are_exact(key):
    for _ in range(10):
        make_job(key, state=State.SUCCEEDED, charge=YES, actual_amount="0.1", actual_unit="NOK")
    make_job(key, state=State.SUCCEEDED, charge=YES, actual_amount="0.000001", actual_unit="NOK")
    assert spent(key) == Decimal("1.000001")


def test_other_units_keys_and_months_do_not_count(key, alice):
    other = make_key(alice, "wayscloud_gpu_other_0123456789")
    make_job(other)
    make_job(key, actual_amount="9", actual_unit="EUR")
    make_job(key, created_at=Month.now().start - dt.timedelta(microseconds=1))
    assert spent(key) == 0
    make_job(key, created_at=Month.now().start)
    assert spent(key) == 2


def test_up_to_the_limit_and_not_beyond(key, alice):
    limit(key, hard_limit="4")
    jobs.create(alice, [order(key)])
    jobs.create(alice, [order(key)])
    with pytest.raises(jobs.NotPossible) as refusal:
        jobs.create(alice, [order(key, "0.01")])
    assert str(refusal.value).replace("\xa0", " ") == (
        "This costs 0.01 NOK, and would take Work beyond its limit of 4.00 NOK a month. Spent or under way: 4.00 NOK."
    )
    assert Job.objects.count() == 2


def test_of_one_click_all_are_made_or_none(key, alice):
    limit(key, hard_limit="4")
    with pytest.raises(jobs.NotPossible):
        jobs.create(alice, [order(key)] * 3)
    assert not Job.objects.exists()


def test_the_same_click_twice_is_no_second_spending(key, alice):
    limit(key, hard_limit="2")
    [first] = jobs.create(alice, [order(key)])
    [again] = jobs.create(alice, [order(key)], group=first.group)
    assert again == first


def test_a_retry_is_held_to_the_limit_too(key):
    limit(key, hard_limit="3")
    job = make_job(key, state=State.FAILED, charge=UNKNOWN, finished_at=timezone.now())
    with pytest.raises(jobs.NotPossible, match="beyond its limit"):
        jobs.retry(job, confirmed=True)
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_at_the_same_moment_only_as_many_are_made_as_the_limit_allows(alice):
    key = limit(make_key(alice), hard_limit="6")
    together, refused = Barrier(6), []

    def click() -> None:
        together.wait(20)
        try:
            jobs.create(alice, [order(key)])
        except jobs.NotPossible as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    clicks = [Thread(target=click) for _ in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(60)
    assert Job.objects.count() == 3
    assert len(refused) == 3


def test_a_warning_forbids_nothing(key, alice):
    limit(key, soft_limit="1")
    jobs.create(alice, [order(key)])
    assert limits.standing(key).is_over_soft


@pytest.mark.parametrize(
    ("amount", "unit", "why"),
    [(None, "NOK", "the price of this is not known"), ("1", "EUR", "a monthly limit in NOK, and this costs EUR")],
)
def test_what_cannot_be_counted_is_not_made_under_a_limit(key, alice, amount, unit, why):
    jobs.create(alice, [order(key, amount, unit)])
    limit(key, hard_limit="100")
    with pytest.raises(jobs.NotPossible, match=why):
        jobs.create(alice, [order(key, amount, unit)])


def test_a_limit_of_nothing_lets_free_jobs_through(key, alice):
    limit(key, hard_limit="0")
    jobs.create(alice, [jobs.Order(GPU, key, IMAGE, "a red fox", {}, Quote(FREE))])
    with pytest.raises(jobs.NotPossible):
        jobs.create(alice, [order(key, "0.000001")])


def test_months_follow_one_another():
    assert Month(2026, 12).plus(1) == Month(2027, 1)
    assert Month(2026, 1).plus(-1) == Month(2025, 12)
    assert Month(2026, 3).plus(-12) == Month(2025, 3)
    assert len(Month(2024, 2).days) == 29
    assert Month.read("2026-11") == Month(2026, 11)
    for no_month in ("", "2026-13", "2026", "0000-01", "november", "2026-11-01"):
        assert Month.read(no_month) is None
