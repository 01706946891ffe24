"""What is said before a click, and what the click is refused for."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from accounts import budget, keys
from accounts.models import ProviderKey
from generations import checks
from generations.catalogue.listings import Offer
from generations.checks import Asked
from generations.checks_lent import Check
from generations.models.states import Charge, State
from generations.money.quotes import PENDING, Total, total
from studio.providers.base import FREE, Balance, Cost, Option, Quote, Request, Response
from studio.providers.registry import DIALECTS
from studio.providers.wayscloud_gpu import WaysCloudGpu
from tests.generations.conftest import GPU, IMAGE, make_job, make_key


class Telling(WaysCloudGpu):
    """A provider that says what an account holds, and fetches pictures by itself."""

    unit: ClassVar[str] = "credits"
    concurrency: ClassVar[int | None] = 2
    takes_media = "link"

    def build_balance(self) -> Request:
        return Request("GET", "/balance")

    def parse_balance(self, response: Response) -> Balance:
        raise NotImplementedError


@pytest.fixture
def provider(monkeypatch) -> Telling:
    provider = Telling()
    monkeypatch.setitem(DIALECTS, GPU, provider)
    return provider


def holds(key: ProviderKey, left: str = "10", *, ago: timedelta = timedelta(0), **facts: Any) -> None:
    key.account = {"left": left, "unit": "credits", "plan": "", **facts}
    key.account_at = timezone.now() - ago
    key.save()


def quote(amount: str | None = "2", unit: str = "credits", **more: Any) -> Quote:
    return Quote(None if amount is None else Cost(Decimal(amount), unit), **more)


def asked(key: ProviderKey | None, price: Quote | None = None, count: int = 1, **model: Any) -> Asked:
    settings = model.pop("settings", {})
    return Asked(Offer(DIALECTS[GPU], key, replace(IMAGE, **model)), settings, price or quote(), count)


def said(*each: Asked) -> list[tuple[str, str]]:
    return [(check.level, check.message.replace("\xa0", " ")) for check in checks.before(each)]


def test_nothing_speaks_against_it(provider, key):
    holds(key)
    assert said(asked(key)) == []
    assert said(asked(None, Quote(FREE))) == []


# -- The key ---------------------------------------------------------------------------------------------------------
def test_a_key_that_is_off(provider, key):
    key.is_enabled = False
    [check] = checks.before([asked(key)])
    assert check == Check("stop", "The key Work is off.", "Switch it on", f"/keys/#key-{key.pk}")


def test_a_key_that_was_refused(provider, key):
    key.status, key.last_error = ProviderKey.Status.REFUSED, "It did not accept the key."
    [check] = checks.before([asked(key)])
    assert check == Check("stop", "It did not accept the key.", "Replace the key", f"/keys/{key.pk}/replace/")


def test_a_key_that_cannot_be_read(provider, key):
    key.last_error = keys.UNREADABLE
    assert said(asked(key)) == [("stop", keys.UNREADABLE)]


def test_an_error_of_another_kind_is_past(provider, key):
    key.last_error = "It could not answer."
    assert said(asked(key)) == []


# -- The balance -----------------------------------------------------------------------------------------------------
def test_more_than_the_account_holds(provider, key):
    holds(key, "23")
    [(level, message)] = said(asked(key, quote("12"), count=2))
    assert (level, message) == ("stop", "This costs 24 credits, and the account of Work holds 23 credits.")


def test_exactly_what_the_account_holds(provider, key):
    holds(key, "24")
    assert said(asked(key, quote("12"), count=2)) == []


def test_models_of_one_key_are_paid_from_one_account(provider, key):
    holds(key, "23")
    [(level, _)] = said(asked(key, quote("12")), asked(key, quote("12"), id="other"))
    assert level == "stop"


def test_keys_have_accounts_of_their_own(provider, key, alice):
    other = make_key(alice, "wayscloud_gpu_other_0123456789")
    holds(key, "12")
    holds(other, "12")
    assert said(asked(key, quote("12")), asked(other, quote("12"))) == []


@pytest.mark.parametrize(
    ("price", "ago"), [(quote("12", estimate=True), timedelta(0)), (quote("12"), timedelta(minutes=11))]
)
def test_what_is_not_sure_is_only_said(provider, key, price, ago):
    holds(key, "11", ago=ago)
    [(level, _)] = said(asked(key, price))
    assert level == "warn"


def test_what_other_jobs_wait_for_is_not_there_any_more(provider, key):
    holds(key, "10")
    make_job(key, quoted_amount=9, quoted_unit="credits")
    [(level, message)] = said(asked(key))
    assert level == "warn"
    assert message == "The account of Work holds 10 credits, of which jobs that still wait will take 9 credits."


def test_what_is_sent_has_been_taken_already(provider, key):
    holds(key, "10")
    make_job(key, quoted_amount=9, quoted_unit="credits", state=State.RUNNING, charge=Charge.UNKNOWN)
    assert said(asked(key)) == []


def test_another_unit_says_nothing_about_the_balance(provider, key):
    holds(key, "1")
    assert said(asked(key, quote("12", "NOK"))) == []
    assert said(asked(key, quote(None))) == []


def test_what_is_left_stands_beside_the_button(provider, key):
    holds(key, "10")
    [left] = checks.accounts([asked(key, quote("11"))])
    assert (left.left, left.is_short, left.is_stale) == (Cost(Decimal(10), "credits"), True, False)
    holds(key, "10", ago=timedelta(minutes=3))
    [left] = checks.accounts([asked(key, quote("10"))])
    assert (left.is_short, left.is_stale, left.old) == (False, True, None)
    holds(key, "10", ago=timedelta(minutes=11))
    assert checks.accounts([asked(key)])[0].old == key.account_at


def test_nothing_stands_there_where_the_provider_does_not_tell(key):
    assert checks.accounts([asked(key)]) == []


# -- The tier --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("facts", "levels"),
    [
        ({}, ["stop"]),
        ({"plan": "pro"}, []),
        ({"plan": "pro", "ends_at": "2000-01-01T00:00:00Z"}, ["stop"]),
        ({"plan": "pro", "ends_at": "2999-01-01T00:00:00Z"}, []),
        ({"plan": "pro", "ends_at": "soon"}, []),
        ({"is_vip": True}, []),
        ({"ago": timedelta(hours=1)}, ["warn"]),
    ],
)
def test_a_model_that_needs_a_subscription(provider, key, facts, levels):
    holds(key, **facts)
    found = said(asked(key, tier_required="subscription"))
    assert [level for level, _ in found] == levels
    assert all("FLUX Fast needs a subscription at WAYSCloud GPU Studio; this account has none" in m for _, m in found)


def test_where_the_account_is_not_known_the_provider_decides(provider, key):
    assert said(asked(key, tier_required="subscription")) == []


# -- The model and what it begins from -------------------------------------------------------------------------------
def test_a_model_that_is_not_to_be_had(provider, key):
    found = said(asked(key, available=False, unavailable_reason="It is away."))
    assert found == [("stop", "It is away.")]


def test_pictures_that_the_provider_cannot_reach(provider, key, settings):
    settings.PUBLIC_URL = ""
    option = Option("image_url", "media", "Image", accept=("image",))
    begin = {"options": (option,), "settings": {"image_url": "asset:0190a3b0-0000-7000-8000-000000000000"}}
    [(level, message)] = said(asked(key, **begin))
    assert level == "stop"
    assert "STUDIO_PUBLIC_URL" in message
    assert said(asked(key, options=(option,), settings={"image_url": "https://example.com/a.png"})) == []


# -- Limits ----------------------------------------------------------------------------------------------------------
def test_beyond_the_limit_of_the_month(provider, key):
    key.hard_limit = Decimal(5)
    make_job(key, quoted_amount=4, quoted_unit="credits")
    [check] = checks.before([asked(key)])
    assert check.level == "stop"
    assert check.url == f"/keys/{key.pk}/limits/"
    assert check.message.replace("\xa0", " ") == (
        "This costs 2 credits, and would take Work beyond its limit of 5 credits a month. "
        "Spent or under way: 4 credits."
    )


def test_beyond_the_warning_of_the_month(provider, key):
    key.soft_limit = Decimal(5)
    make_job(key, quoted_amount=4, quoted_unit="credits")
    assert said(asked(key)) == [("warn", "Work has spent 4 credits this month; you wanted to be warned at 5 credits.")]
    assert said(asked(key, quote("1"))) == []


@pytest.mark.parametrize("price", [quote(None), quote("2", "NOK")])
def test_a_limit_that_cannot_be_kept(provider, key, price):
    key.hard_limit = Decimal(5)
    [(level, message)] = said(asked(key, price))
    assert level == "stop"
    assert "has a monthly limit" in message


def test_a_price_on_its_way_does_not_break_a_limit(provider, key):
    key.hard_limit = Decimal(5)
    assert said(asked(key, PENDING)) == []


# -- Places ----------------------------------------------------------------------------------------------------------
def test_full_places_mean_waiting(provider, key):
    for _ in range(2):
        make_job(key, state=State.RUNNING, charge=Charge.UNKNOWN)
    assert said(asked(key)) == [("warn", "2 of 2 places are busy with this key; this will wait.")]
    make_job(key)
    assert said(asked(key)) == [("warn", "2 of 2 places are busy with this key; this will wait behind 1 more.")]


def test_the_owner_sets_the_places(provider, key):
    make_job(key, state=State.RUNNING, charge=Charge.UNKNOWN)
    key.concurrency = 1
    assert said(asked(key)) == [("warn", "The only place is busy with this key; this will wait.")]
    key.concurrency = 9
    assert said(asked(key)) == []


def test_requests_that_are_used_up_mean_waiting(provider, key):
    key.requests_per_minute = 2
    key.save()
    assert said(asked(key)) == []
    budget.drain(key.pk, 60)
    [(level, message)] = said(asked(key))
    assert level == "warn"
    assert re.fullmatch(r"All requests that Work may send for now are sent; this will leave in about .+\.", message)


def test_the_worst_comes_first_and_each_once(provider, key):
    key.is_enabled = False
    key.concurrency = 1
    make_job(key, state=State.RUNNING, charge=Charge.UNKNOWN)
    found = said(asked(key), asked(key, id="other"))
    assert [level for level, _ in found] == ["stop", "warn"]


# -- The price that was seen -----------------------------------------------------------------------------------------
def seen(*parts: Quote) -> Total:
    return total((part, 1) for part in parts)


def test_the_price_that_was_seen_is_agreed():
    assert checks.agreed(seen(quote("2")).seen, seen(quote("2"))) == []
    assert checks.agreed(seen(quote("2")).seen, seen(quote("1"))) == []
    assert checks.agreed(None, seen(quote("2"))) == []
    assert checks.agreed("", seen(Quote(FREE))) == []


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (quote("2"), quote("3"), "The price has changed from 2 credits to 3 credits."),
        (quote("2"), quote("2", "NOK"), "The price has changed from 2 credits to 2.00 NOK."),
        (quote("2"), quote(None), "The price is not known now."),
        (quote(None), quote("3"), "This costs 3 credits."),
        (PENDING, quote("3"), "This costs 3 credits."),
        (quote("2"), PENDING, "The price is still on its way."),
    ],
)
def test_another_price_is_told_first(before, now, words):
    [check] = checks.agreed(seen(before).seen, seen(now))
    assert check.level == "ask"
    assert check.refuses
    assert check.message.replace("\xa0", " ").startswith(words)
