"""The page of what tokens cost: whose prices it shows, and who may say them."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from accounts import offered
from accounts.models import ProviderKey
from generations.catalogue import renewal
from generations.chats import price_list, prices
from generations.chats.prices import Priced
from generations.models import Catalogue, ModelPrice

PAGE, SET, REMOVE = "/chat/prices/", "/chat/prices/set/", "/chat/prices/remove/"
BASE = "http://127.0.0.1:9/v1"
MODEL = "hf.co/unsloth/Qwen3-4B:Q4_K_M"
NAMED = {"provider": "openai", "address": BASE, "model": MODEL}
MINE, ALL = {**NAMED, "for": "me"}, {**NAMED, "for": "everyone"}
PRICE = {"input": "0,15", "output": "0.6", "unit": "USD"}
HTMX = {"HX-Request": "true"}


def tell(provider: str, key: ProviderKey | None, *models: str) -> None:
    payload = renewal.keep({"models": {"data": [{"id": model, "object": "model"} for model in models]}})
    Catalogue.objects.create(provider=provider, key=key, payload=payload, fetched_at=timezone.now())


def make_key(owner, label="Home", base=BASE, models=(MODEL,)) -> ProviderKey:
    key = ProviderKey(owner=owner, provider="openai", label=label, base_url=base)
    key.conceal("")
    key.save()
    tell("openai", key, *models)
    return key


@pytest.fixture(autouse=True)
def _told(db):
    tell("local-chat", None, "small")


@pytest.fixture
def key(alice) -> ProviderKey:
    return make_key(alice)


@pytest.mark.parametrize("address", [PAGE, SET, REMOVE])
def test_a_stranger_is_sent_to_sign_in(client, db, address):
    assert client.get(address).url == f"/account/login/?next={address}"


def test_it_lists_what_one_can_ask_and_makes_nothing_up(as_alice, key):
    page = as_alice.get(PAGE).text
    assert MODEL in page
    assert BASE in page
    assert "No price" in page
    assert "It runs in this Studio and costs nothing." in page
    assert "USD" not in page.partition('id="found"')[2]


def test_a_price_is_set_changed_and_removed(as_alice, alice, key):
    assert as_alice.post(SET, {**MINE, **PRICE}).url == PAGE
    row = ModelPrice.objects.get()
    assert (row.owner, row.input, row.output, row.unit) == (alice, Decimal("0.15"), Decimal("0.6"), "USD")
    assert (row.provider, row.address, row.model) == ("openai", BASE, MODEL)
    page = as_alice.get(PAGE).text.replace("\xa0", " ")
    assert "0.15 USD" in page
    assert "0.60 USD" in page
    assert "Yours" in page
    form = as_alice.get(f"{PAGE}?{urlencode(MINE)}").text
    assert 'value="0.15"' in form
    as_alice.post(SET, {**MINE, **PRICE, "input": "1"})
    assert ModelPrice.objects.get().input == 1
    as_alice.post(REMOVE, MINE)
    assert not ModelPrice.objects.exists()


def test_the_unit_of_the_last_price_is_suggested_and_no_amount(as_alice, alice, key):
    empty = as_alice.get(f"{PAGE}?{urlencode(MINE)}", headers=HTMX).text
    assert 'name="unit" value' not in empty
    prices.put(alice, Priced("openai", BASE, "other"), input=Decimal(1), output=Decimal(2), unit="NOK")
    form = as_alice.get(f"{PAGE}?{urlencode(MINE)}", headers=HTMX).text
    assert 'name="unit" value="NOK"' in form
    assert 'name="input" value' not in form


@pytest.mark.parametrize(
    "amount",
    ["", "-1", "NaN", "Infinity", "1e3", "1.2345678", "1,000.50", "1 000", "١", "0x1", "9" * 9, "1.", "$1"],
)
def test_what_is_no_amount_is_refused(as_alice, key, amount):
    page = as_alice.post(SET, {**MINE, **PRICE, "output": amount}, headers=HTMX)
    assert page.status_code == 422
    assert "-output_error" in page.text
    assert "<html" not in page.text
    assert not ModelPrice.objects.exists()


@pytest.mark.parametrize("amount", ["0", "0.000001", "99999999.999999", ",5", "007"])
def test_what_is_an_amount_is_kept_to_the_last_digit(as_alice, key, amount):
    as_alice.post(SET, {**MINE, **PRICE, "output": amount})
    assert ModelPrice.objects.get().output == Decimal(amount.replace(",", "."))


@pytest.mark.parametrize(
    "unit", ["", " ", "x" * 13, "a\x07b", "a\u200bb"], ids=["none", "blank", "long", "bell", "zero"]
)
def test_what_is_no_unit_is_refused(as_alice, key, unit):
    assert as_alice.post(SET, {**MINE, **PRICE, "unit": unit}).status_code == 422
    assert not ModelPrice.objects.exists()


def test_the_operators_price_is_for_everyone_and_ones_own_goes_first(as_alice, as_operator, operator, key):
    make_key(operator)
    assert ">Set for everyone<" in as_operator.get(PAGE).text
    assert as_operator.post(SET, {**ALL, **PRICE}).status_code == 302
    assert ">Change for everyone<" in as_operator.get(PAGE).text
    assert ModelPrice.objects.get().owner is None
    assert "For everyone</span>" in as_alice.get(PAGE).text
    as_alice.post(SET, {**MINE, **PRICE, "unit": "NOK"})
    page = as_alice.get(PAGE).text.replace("\xa0", " ")
    assert "0.15 NOK" in page
    assert "For everyone: 0.15 USD input, 0.60 USD output. For you, yours holds." in page
    assert "NOK" not in as_operator.get(PAGE).text.partition('id="found"')[2]


def test_only_the_operator_speaks_for_everyone(as_alice, key):
    assert "for=everyone" not in as_alice.get(PAGE).text
    assert as_alice.get(f"{PAGE}?{urlencode(ALL)}").status_code == 404
    assert as_alice.post(SET, {**ALL, **PRICE}).status_code == 404
    prices.put(None, Priced(**NAMED), input=Decimal(1), output=Decimal(2), unit="USD")
    assert as_alice.post(REMOVE, ALL).status_code == 404
    as_alice.post(REMOVE, MINE)
    assert ModelPrice.objects.count() == 1


def test_anothers_server_and_prices_are_not_there(as_bob, alice, key):
    prices.put(alice, Priced(**NAMED), input=Decimal(1), output=Decimal(2), unit="USD")
    assert BASE not in as_bob.get(PAGE).text
    assert as_bob.get(f"{PAGE}?{urlencode(MINE)}").status_code == 404
    assert as_bob.post(SET, {**MINE, **PRICE}).status_code == 404
    assert as_bob.post(REMOVE, MINE).status_code == 404
    assert ModelPrice.objects.get().owner == alice


@pytest.mark.parametrize(
    "named",
    [
        {"provider": "local-chat", "address": "", "model": "small"},
        {"provider": "nobody", "address": "", "model": MODEL},
        {"provider": "openai", "address": "http://elsewhere.example.com/v1", "model": MODEL},
        {"provider": "openai", "address": BASE, "model": "a\0b"},
        {"provider": "openai", "address": BASE, "model": "x" * 201},
    ],
    ids=["built-in", "nobody", "elsewhere", "nul", "long"],
)
def test_what_one_cannot_ask_has_no_price(as_alice, key, named):
    assert as_alice.post(SET, {**named, "for": "me", **PRICE}).status_code == 404
    assert not ModelPrice.objects.exists()


def test_a_model_that_its_server_does_not_name_is_priced_by_its_id(as_alice, key):
    form = as_alice.get(f"{PAGE}?{urlencode({**MINE, 'model': 'my/own:model'})}").text
    assert 'value="my/own:model"' in form
    as_alice.post(SET, {**MINE, "model": "my/own:model", **PRICE})
    assert ModelPrice.objects.get().model == "my/own:model"
    assert "my/own:model" in as_alice.get(PAGE).text


def test_a_price_of_what_is_gone_can_still_be_removed(as_alice, alice, key):
    as_alice.post(SET, {**MINE, **PRICE})
    alice.provider_keys.all().delete()
    assert MODEL in as_alice.get(PAGE).text
    as_alice.post(REMOVE, MINE)
    assert MODEL not in as_alice.get(PAGE).text.partition('class="toasts"')[0]


def test_a_withheld_providers_models_are_not_offered_for_a_price(as_alice, key):
    offered.withhold("openai")
    assert MODEL not in as_alice.get(PAGE).text
    assert as_alice.post(SET, {**MINE, **PRICE}).status_code == 404


def test_two_keys_for_one_server_are_one_table(as_alice, alice, key):
    make_key(alice, "Second")
    page = as_alice.get(PAGE).text
    assert page.count(f'<h2 id="group-1">{BASE}</h2>') == 1
    assert "Home, Second" in page
    assert page.count('class="price"') == 1


def test_with_htmx_only_the_row_comes_back(as_alice, key):
    row = as_alice.get(f"{PAGE}?{urlencode(MINE)}", headers=HTMX).text
    assert "<html" not in row
    assert f'hx-post="{SET}"' in row
    done = as_alice.post(SET, {**MINE, **PRICE}, headers=HTMX).text
    assert "<html" not in done
    assert "Replies that are there keep theirs." in done
    assert "Yours" in done
    assert "No price" in as_alice.post(REMOVE, MINE, headers=HTMX).text
    closed = as_alice.get(f"{PAGE}?{urlencode(NAMED)}", headers=HTMX).text
    assert "<form" not in closed


def test_without_htmx_the_open_row_stands_in_the_whole_page(as_alice, key):
    page = as_alice.get(f"{PAGE}?{urlencode(MINE)}").text
    assert "<html" in page
    assert 'action="/chat/prices/set/"' in page
    refused = as_alice.post(SET, {**MINE, **PRICE, "input": "much"})
    assert refused.status_code == 422
    assert 'value="much"' in refused.text


def test_a_search_finds_by_words(as_alice, alice):
    make_key(alice, models=("llama3.2:3b", "qwen3:4b"))
    found = as_alice.get(f"{PAGE}?q=LLAMA", headers=HTMX).text
    assert "<html" not in found
    assert "llama3.2:3b" in found
    assert "qwen3:4b" not in found
    assert "No model has these words" in as_alice.get(f"{PAGE}?q=nothing").text


def test_of_many_models_those_with_a_price_come_first(as_alice, alice, monkeypatch):
    monkeypatch.setattr(price_list, "SHOWN", 2)
    make_key(alice, models=("a", "b", "c", "d"))
    prices.put(alice, Priced("openai", BASE, "d"), input=Decimal(1), output=Decimal(2), unit="USD")
    [group] = [group for group in price_list.groups(alice) if group.address]
    assert ([*group.rows], group.more) == (["d", "a"], 2)
    assert "2 more: find them by name." in as_alice.get(PAGE).text
    opened = as_alice.get(f"{PAGE}?{urlencode({**MINE, 'model': 'c'})}").text
    assert opened.index("Set the price") < opened.index("2 more")


def test_a_change_takes_a_post(as_alice, key):
    assert as_alice.get(SET).status_code == 405
    assert as_alice.get(REMOVE).status_code == 405


def test_the_number_of_statements_does_not_grow_with_the_models(as_alice, alice, django_assert_max_num_queries):
    make_key(alice, models=[f"m{number}" for number in range(50)])
    as_alice.get(PAGE)
    with django_assert_max_num_queries(14):
        as_alice.get(PAGE)
