"""The price in the button, what speaks against it, and the click that is refused for it."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts import balances
from accounts.models import ProviderKey
from generations import outcomes, sentences
from generations.models import Job
from generations.models.states import State
from generations.money import quotes
from studio.providers.base import Balance, Cost, Progress, ProviderError, Quote, Request
from studio.providers.registry import DIALECTS
from studio.providers.wayscloud_gpu import WaysCloudGpu
from tests.generations.pages.conftest import GPU, form, make_paid_job, offer, remember

HTMX = {"HX-Request": "true"}


class Metered(WaysCloudGpu):
    """It names prices and what an account holds."""

    quotes = True

    def build_quotes(self, spec: Any) -> list[Request]:
        return [Request("POST", "/price", json=[spec.model, dict(spec.settings)], reads=True)]

    def build_balance(self) -> Request:
        return Request("GET", "/balance")


class Provider:
    """Behind `connect`. `price` may be a ProviderError; None: it never answers."""

    def __init__(self) -> None:
        self.price: Any = Quote(Cost(Decimal(6), "NOK"))
        self.left = Decimal(148)

    def quote(self, *_: Any) -> Quote:
        if isinstance(self.price, Exception):
            raise self.price
        assert isinstance(self.price, Quote)
        return self.price

    def balance(self) -> Balance:
        return Balance(Cost(self.left, "NOK"))


@pytest.fixture
def provider(monkeypatch, gpu) -> Provider:
    provider = Provider()
    monkeypatch.setitem(DIALECTS, GPU, Metered())
    for module in (quotes, balances):
        monkeypatch.setattr(module, "connect", lambda *args, **kwargs: provider)
    monkeypatch.setattr(quotes, "PATIENCE", 20)
    monkeypatch.setattr(balances, "PATIENCE", 20)
    gpu.account, gpu.account_at = {"left": "148", "unit": "NOK"}, timezone.now()
    gpu.save()
    return provider


def words(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


def priced(client, key: ProviderKey, **fields: Any):
    return client.post("/create/quote/", form(model=offer(key, "flux"), **fields), headers=HTMX)


def click(client, key: ProviderKey, **fields: Any):
    return client.post("/jobs/", form(model=offer(key, "flux"), **fields), headers=HTMX)


# -- The button ------------------------------------------------------------------------------------------------------
def test_the_button_names_the_providers_price_for_all(as_alice, gpu, provider):
    page = words(priced(as_alice, gpu, count="4"))
    assert "· 24.00 NOK</span>" in page
    assert 'name="price" value="24 NOK;0 unknown"' in page
    assert "148.00 NOK left" in page
    assert 'hx-trigger="load delay' not in page


def test_the_page_comes_at_once_and_asks_for_the_price_by_itself(as_alice, gpu, provider, monkeypatch):
    monkeypatch.setattr(
        quotes, "several", lambda wanted, patience: [quotes.PENDING if not patience else None] * len(wanted)
    )
    page = words(as_alice.get("/create/", {"model": offer(gpu, "flux")}))
    assert "price-coming" in page
    assert 'hx-trigger="load delay' in page
    assert 'name="price" value="0 unknown"' in page


def test_a_price_that_the_provider_did_not_name_is_said_to_be_an_estimate(as_alice, gpu, provider):
    provider.price = ProviderError("unavailable", "It did not answer in time.", sent=False)
    page = words(priced(as_alice, gpu))
    assert "· 2.00 NOK</span>" in page
    assert "It did not answer in time. An estimate from its price list." in page


def test_an_old_balance_is_asked_for_with_the_price(as_alice, gpu, provider):
    ProviderKey.objects.update(account_at=None)
    provider.left = Decimal(5)
    page = words(priced(as_alice, gpu))
    assert "5.00 NOK left" in page
    assert "This costs 6.00 NOK, and the account of Work holds 5.00 NOK." in page
    assert 'class="is-short"' in page


# -- The click -------------------------------------------------------------------------------------------------------
def test_the_price_on_the_job_is_the_one_that_was_seen(as_alice, gpu, provider):
    assert click(as_alice, gpu, price="6 NOK;0 unknown").status_code == 200
    job = Job.objects.get()
    assert (job.quoted, job.quote_is_estimate) == (Cost(Decimal(6), "NOK"), False)


@pytest.mark.parametrize("seen", ["5.99 NOK;0 unknown", "6 credits;0 unknown", "0 unknown", "1 unknown"])
def test_another_price_is_told_and_a_second_click_takes_it(as_alice, gpu, provider, seen):
    refusal = click(as_alice, gpu, price=seen, prompt="a very particular fox")
    assert refusal.status_code == 422
    assert "Generate again if that is right." in refusal.text
    assert "a very particular fox" in refusal.text
    assert not Job.objects.exists()
    assert 'name="price" value="6 NOK;0 unknown"' in refusal.text
    assert click(as_alice, gpu, price="6 NOK;0 unknown").status_code == 200


def test_a_lower_price_is_no_question(as_alice, gpu, provider):
    click(as_alice, gpu, price="7 NOK;0 unknown")
    assert Job.objects.get().quoted_amount == 6


def test_without_htmx_it_is_told_on_the_page(as_alice, gpu, provider):
    refusal = as_alice.post("/jobs/", form(model=offer(gpu, "flux"), price="5 NOK"))
    assert refusal.status_code == 422
    assert "<html" in refusal.text
    assert "The price has changed from 5.00 NOK to 6.00 NOK." in words(refusal)


def test_more_than_the_account_holds_is_refused_and_nothing_is_lost(as_alice, gpu, provider):
    gpu.account = {"left": "5", "unit": "NOK"}
    gpu.save()
    refusal = click(as_alice, gpu, price="6 NOK", prompt="a very particular fox")
    assert refusal.status_code == 422
    assert "the account of Work holds 5.00 NOK." in words(refusal)
    assert "a very particular fox" in refusal.text
    assert not Job.objects.exists()


def test_the_limit_of_the_month_is_refused_with_its_figures(as_alice, gpu, provider):
    gpu.hard_limit = Decimal(7)
    gpu.save()
    assert click(as_alice, gpu, price="6 NOK").status_code == 200
    refusal = click(as_alice, gpu, price="6 NOK")
    assert refusal.status_code == 422
    assert "beyond its limit of 7.00 NOK a month. Spent or under way: 6.00 NOK." in words(refusal)
    assert Job.objects.count() == 1


def test_the_limit_holds_where_two_clicks_were_checked_at_once(as_alice, gpu, provider, monkeypatch):
    gpu.hard_limit = Decimal(7)
    gpu.save()
    monkeypatch.setattr("generations.checks.before", lambda asked: [])
    click(as_alice, gpu, price="6 NOK")
    refusal = click(as_alice, gpu, price="6 NOK")
    assert refusal.status_code == 422
    assert "beyond its limit" in refusal.text
    assert Job.objects.count() == 1


# -- Afterwards ------------------------------------------------------------------------------------------------------
def test_a_submit_tells_what_is_left(gpu, provider):
    job = make_paid_job(gpu, State.PENDING)
    outcomes.receive(job, Progress("r1", "running", remaining=Cost(Decimal(142), "NOK")))
    gpu.refresh_from_db()
    assert balances.of(gpu).left == Cost(Decimal(142), "NOK")
    gpu.account_at = None
    gpu.save()
    outcomes.receive(job, Progress("r1", "running", remaining=Cost(Decimal(142), "NOK")))
    gpu.refresh_from_db()
    assert gpu.account_at is None  # it has not told anything new


def test_too_little_says_the_price_and_what_is_left(as_alice, gpu, provider):
    job = make_paid_job(gpu, error_kind="insufficient_credits", error="Not enough credits for this operation")
    assert sentences.shortfall(job) == "It costs 2.00\xa0NOK; the account held 148.00\xa0NOK just now."
    page = words(as_alice.get(f"/jobs/{job.pk}/"))
    assert "Nothing was charged. It costs 2.00 NOK; the account held 148.00 NOK just now." in page
    assert f'<a href="/keys/#key-{gpu.pk}">See what is left</a>' in page


@pytest.mark.parametrize(
    "fields",
    [
        {"error_kind": "invalid_key", "error": "Not this key"},
        {"error_kind": "insufficient_credits", "error": "It needs 2 credits and 1 is left"},
        {"error_kind": "insufficient_credits", "error": "Too little", "quoted_amount": None, "quoted_unit": ""},
    ],
)
def test_no_figures_where_they_are_said_or_unknown(gpu, provider, fields):
    assert sentences.shortfall(make_paid_job(gpu, **fields)) == ""


def test_what_is_spoken_is_priced_line_by_line(as_alice, alice, monkeypatch):
    key = ProviderKey.objects.create(owner=alice, provider="wavespeed", label="Voices", hint="wsk_…")
    remember("wavespeed", {"models": []}, key)

    def by_the_letter(spec: Any, _: Any) -> Quote:
        return Quote(Cost(Decimal(len(spec.prompt)), "USD"))

    monkeypatch.setattr(quotes, "connect", lambda *args, **kwargs: SimpleNamespace(quote=by_the_letter))
    monkeypatch.setattr(quotes, "PATIENCE", 20)
    spoken = form(
        model=f"wavespeed/{key.pk}/typed:audio:maker/voice", prompt="Yes.\nWho is there?", batch="lines", price="17 USD"
    )
    made = as_alice.post("/jobs/", spoken, headers=HTMX)
    assert made.status_code == 200, words(made)
    jobs = Job.objects.order_by("position")
    assert [(job.prompt, job.quoted_amount) for job in jobs] == [("Yes.", 4), ("Who is there?", 13)]


def test_what_takes_no_prompt_is_not_paid_for_again_with_each_line(as_alice, alice, monkeypatch):
    key = ProviderKey.objects.create(owner=alice, provider="wavespeed", label="Scalers", hint="wsk_…")
    schema = {"properties": {"image": {"type": "string"}, "seed": {"type": "integer"}}}
    schemas = {"api_schemas": [{"type": "model_run", "request_schema": schema}]}
    upscaler = {"model_id": "maker/upscaler", "type": "upscaler", "api_schema": schemas}
    remember("wavespeed", {"models": [upscaler]}, key)
    priced = SimpleNamespace(quote=lambda *_: Quote(Cost(Decimal("0.5"), "USD")))
    monkeypatch.setattr(quotes, "connect", lambda *args, **kwargs: priced)
    monkeypatch.setattr(quotes, "PATIENCE", 20)
    chosen = [f"wavespeed/{key.pk}/maker/upscaler", f"wavespeed/{key.pk}/typed:image:maker/painter"]
    lines = form(model=chosen, prompt="a fox\nan owl\na hare", batch="lines", price="2 USD")
    assert as_alice.post("/jobs/", lines, headers=HTMX).status_code == 200
    made = [(job.model, job.prompt) for job in Job.objects.order_by("position")]
    assert made[0] == ("maker/upscaler", "")
    assert made[1:] == [("maker/painter", "a fox"), ("maker/painter", "an owl"), ("maker/painter", "a hare")]
