"""The balance and the limits on the page of keys."""

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts import balances, budget, keys
from accounts.models import ProviderKey
from studio.providers.base import Balance, Cost, ProviderError, Request
from studio.providers.registry import DIALECTS
from studio.providers.wayscloud_gpu import WaysCloudGpu
from tests.accounts.conftest import GPU, OTHER_SECRET, SECRET, make_key

HTMX = {"HX-Request": "true"}
NOTHING = {"concurrency": "", "requests_per_minute": "", "soft_limit": "", "hard_limit": ""}


class Telling(WaysCloudGpu):
    unit: ClassVar[str] = "credits"
    concurrency: ClassVar[int | None] = 5
    requests_per_minute: ClassVar[int | None] = None

    def build_balance(self) -> Request:
        return Request("GET", "/balance")


@pytest.fixture
def told(monkeypatch) -> dict[str, str]:
    """What the provider says of every account: {"left": …}, or {"error": …}."""
    told = {"left": "148"}

    class Account:
        def balance(self) -> Balance:
            if "error" in told:
                raise ProviderError("unavailable", told["error"], sent=False)
            return Balance(Cost(Decimal(told["left"]), "credits"), Decimal(500), "pro", "2999-12-31T00:00:00Z", True)

    monkeypatch.setitem(DIALECTS, GPU, Telling())
    monkeypatch.setattr(balances, "connect", lambda *args: Account())
    return told


@pytest.fixture
def key(alice) -> ProviderKey:
    return make_key(alice)


def words(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# -- The balance -----------------------------------------------------------------------------------------------------
def test_a_new_key_comes_with_its_balance(told, gpu, alice):
    key, _ = keys.add(alice, provider=GPU, label="Main", secret=SECRET)
    assert ProviderKey.objects.get(pk=key.pk).account["left"] == "148"


def test_a_tested_key_has_a_fresh_one(told, gpu, key):
    keys.test(key)
    assert balances.of(key).left.amount == 148


def test_a_replaced_key_may_be_of_another_account(told, gpu, key):
    keys.test(key)
    told["error"] = "It cannot be reached."
    keys.replace(key, OTHER_SECRET)
    assert balances.of(ProviderKey.objects.get(pk=key.pk)) is None


def test_the_page_shows_what_is_left_and_of_what_plan(told, key, as_alice):
    balances.refresh(key, patience=20)
    page = words(as_alice.get("/keys/"))
    assert '148 credits left <span class="muted">of 500 credits</span>' in page
    assert '<meter class="meter" min="0" max="500" value="148"' in page
    assert "Plan pro until" in page
    assert "31 December 2999" in page
    assert "VIP" in page
    assert 'hx-trigger="load"' not in page


def test_an_old_one_is_asked_for_again_by_the_page_itself(told, key, as_alice):
    page = words(as_alice.get("/keys/"))
    assert "What the account holds is not known yet." in page
    address = f"/keys/{key.pk}/balance/"
    assert f'hx-post="{address}" hx-trigger="load"' in page
    answer = as_alice.post(address, headers=HTMX)
    assert "148 credits left" in words(answer)
    assert 'hx-trigger="load"' not in answer.text
    assert "<html" not in answer.text


def test_a_provider_that_cannot_be_asked_is_said_and_left_alone(told, key, as_alice):
    told["error"] = "It cannot be reached."
    answer = as_alice.post(f"/keys/{key.pk}/balance/", headers=HTMX)
    assert "It cannot be reached." in answer.text
    assert 'hx-trigger="load"' not in answer.text


def test_without_htmx_it_comes_back_to_the_page(told, key, as_alice):
    response = as_alice.post(f"/keys/{key.pk}/balance/")
    assert response.url == "/keys/"
    assert said(response) == ["Asked anew."]


def test_a_provider_that_does_not_tell_has_no_such_line(key, as_alice):
    assert "key-account" not in as_alice.get("/keys/").text


def test_a_plan_that_has_ended_is_said(told, key, as_alice):
    key.account = {"left": "1", "unit": "credits", "plan": "pro", "ends_at": "2020-01-02T00:00:00Z"}
    key.account_at = timezone.now() - timedelta(seconds=5)
    key.save()
    assert "Plan pro, ended <time" in words(as_alice.get("/keys/"))


# -- Limits ----------------------------------------------------------------------------------------------------------
def test_limits_are_set_and_shown(told, key, as_alice):
    wish = {"concurrency": "2", "requests_per_minute": "30", "soft_limit": "40", "hard_limit": "50.5"}
    response = as_alice.post(f"/keys/{key.pk}/limits/", wish)
    assert said(response) == ["The limits of Main are set."]
    key.refresh_from_db()
    assert (key.concurrency, key.requests_per_minute) == (2, 30)
    assert (key.soft_limit, key.hard_limit) == (Decimal(40), Decimal("50.5"))
    line = "2 jobs at once. 30 requests a minute. Warns at 40 credits a month. Stops at 50.5 credits a month."
    assert line in words(as_alice.get("/keys/"))
    form = as_alice.get(f"/keys/{key.pk}/limits/").text
    assert 'value="50.5"' in form
    assert 'value="40"' in form


def test_another_limit_counts_from_nothing(told, key, as_alice):
    ProviderKey.objects.filter(pk=key.pk).update(requests_per_minute=1)
    key.refresh_from_db()
    assert [budget.take(key).granted for _ in range(2)] == [1, 0]
    as_alice.post(f"/keys/{key.pk}/limits/", {**NOTHING, "requests_per_minute": "600"})
    key.refresh_from_db()
    assert budget.take(key).granted == 1


def test_what_is_left_empty_is_as_usual(told, key, as_alice):
    form = as_alice.get(f"/keys/{key.pk}/limits/").text
    assert 'placeholder="5, as usual"' in form
    assert 'placeholder="No limit"' in form
    assert "Warn at, credits a month" in form
    key.hard_limit = Decimal(1)
    key.save()
    as_alice.post(f"/keys/{key.pk}/limits/", NOTHING)
    key.refresh_from_db()
    assert (key.concurrency, key.requests_per_minute, key.soft_limit, key.hard_limit) == (None, None, None, None)


def test_a_limit_of_nothing_is_a_limit(told, key, as_alice):
    as_alice.post(f"/keys/{key.pk}/limits/", {**NOTHING, "hard_limit": "0"})
    key.refresh_from_db()
    assert key.hard_limit == 0


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"concurrency": "0"}, "One is the least."),
        ({"requests_per_minute": "0"}, "One is the least."),
        ({"concurrency": "-1"}, "greater than or equal to 0"),
        ({"soft_limit": "-0.01"}, "not below zero"),
        ({"hard_limit": "NaN"}, "Enter a number."),
        ({"hard_limit": "1e30"}, "no more than"),
        ({"hard_limit": "0.0000001"}, "no more than 6 decimal places"),
        ({"soft_limit": "5", "hard_limit": "4"}, "The warning comes before the limit."),
    ],
)
def test_a_limit_that_makes_no_sense_is_not_kept(told, key, as_alice, wish, why):
    page = as_alice.post(f"/keys/{key.pk}/limits/", {**NOTHING, **wish})
    assert page.status_code == 200
    assert why in words(page)
    key.refresh_from_db()
    assert (key.concurrency, key.soft_limit, key.hard_limit) == (None, None, None)


@pytest.mark.parametrize("verb", ["limits", "balance"])
def test_anothers_key_is_not_there(key, as_bob, verb):
    assert as_bob.post(f"/keys/{key.pk}/{verb}/", NOTHING).status_code == 404


def test_a_stranger_is_sent_to_sign_in(client, key):
    for verb in ("limits", "balance"):
        assert client.post(f"/keys/{key.pk}/{verb}/").url == f"/account/login/?next=/keys/{key.pk}/{verb}/"
    assert client.get(f"/keys/{key.pk}/balance/").status_code in {302, 405}
