"""Which models a person can ask: by key and server, found by their ids, and said where they are missing."""

import threading

import pytest
from django.utils import timezone

from accounts import offered
from accounts.models import ProviderKey
from generations.catalogue import favourites, renewal
from generations.chats import offers
from generations.models import Catalogue, Conversation
from studio.providers.base import ProviderError
from studio.providers.http import HttpProvider

SERVER, BUILT_IN, LLM = "openai", "local-chat", "wayscloud-llm"
HOME = ("llama3.2:3b", "hf.co/unsloth/Qwen3-4B:Q4_K_M")


@pytest.fixture(autouse=True)
def _nothing_is_asked(monkeypatch, settings):
    """No request leaves: what a provider says is written down by `tell`, and a server that was not told is away."""

    def away(self):
        raise ProviderError("unavailable", f"{self.dialect.label} cannot be reached.", sent=False)

    renewal._asking.clear()
    monkeypatch.setattr(HttpProvider, "catalogue", away)
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, BUILT_IN: "http://127.0.0.1:9"}


def make_key(owner, provider=SERVER, label="Home", base="http://127.0.0.1:9/v1", **fields) -> ProviderKey:
    key = ProviderKey(owner=owner, provider=provider, label=label, **fields)
    key.base_url = base if provider == SERVER else ""
    key.conceal("")
    key.save()
    return key


def tell(provider: str, key: ProviderKey | None, *models: str) -> None:
    payload = renewal.keep({"models": {"data": [{"id": model, "object": "model"} for model in models]}})
    defaults = {"payload": payload, "fetched_at": timezone.now(), "last_error": ""}
    Catalogue.objects.update_or_create(provider=provider, key=key, defaults=defaults)


def ids(found) -> list[str]:
    return [offer.model.id for source in found for offer in source.offers]


def test_the_built_in_model_stands_before_those_of_keys(alice):
    key = make_key(alice)
    tell(BUILT_IN, None, "small")
    tell(SERVER, key, *HOME)
    found = offers.sources(alice)
    assert [(source.provider.name, source.key) for source in found] == [(BUILT_IN, None), (SERVER, key)]
    assert ids(found) == ["small", *HOME]
    assert [source.label for source in found] == [found[0].provider.label, "Home"]
    assert [source.trouble for source in found] == ["", ""]


def test_each_persons_keys_are_their_own_and_those_that_are_off_offer_nothing(alice, bob):
    tell(SERVER, make_key(alice), *HOME)
    tell(SERVER, make_key(alice, label="Off", is_enabled=False), "hidden")
    tell(SERVER, make_key(bob), "bobs")
    assert ids(offers.sources(alice)) == [*HOME]
    assert ids(offers.sources(bob)) == ["bobs"]


def test_a_withheld_provider_offers_nothing(alice):
    tell(SERVER, make_key(alice), *HOME)
    tell(BUILT_IN, None, "small")
    offered.withhold(SERVER)
    assert ids(offers.sources(alice)) == ["small"]
    offered.withhold(BUILT_IN)
    assert offers.sources(alice) == []
    assert offers.default(offers.sources(alice), alice) is None


@pytest.mark.parametrize("model", HOME)
def test_an_offer_is_found_by_its_id_with_slashes_and_colons(alice, model):
    key = make_key(alice)
    tell(SERVER, key, *HOME)
    found = offers.find(offers.sources(alice), f"{SERVER}/{key.pk}/{model}")
    assert found
    assert (found.id, found.model.id, found.typed) == (f"{SERVER}/{key.pk}/{model}", model, False)


def test_a_server_may_be_asked_for_what_it_does_not_name(alice):
    key = make_key(alice)
    found = offers.find(offers.sources(alice), f"{SERVER}/{key.pk}/my/own:model")
    assert found
    assert (found.typed, found.model.id, found.model.name) == (True, "my/own:model", "my/own:model")
    assert offers.find(offers.sources(alice), found.id) == found


@pytest.mark.parametrize("model", ["", " a", "a\nb", "a\0b", "x" * 201], ids=["none", "blank", "line", "nul", "long"])
def test_what_is_no_id_is_not_asked(alice, model):
    key = make_key(alice)
    assert offers.find(offers.sources(alice), f"{SERVER}/{key.pk}/{model}") is None


def test_only_servers_of_ones_own_may_be_asked_for_what_they_do_not_name(alice):
    key = make_key(alice, LLM)
    tell(LLM, key, "named")
    tell(BUILT_IN, None, "small")
    found = offers.sources(alice)
    assert offers.find(found, f"{LLM}/{key.pk}/named")
    assert offers.find(found, f"{LLM}/{key.pk}/other") is None
    assert offers.find(found, f"{BUILT_IN}/0/other") is None


def test_anothers_key_is_not_found(alice, bob):
    key = make_key(bob)
    tell(SERVER, key, *HOME)
    assert offers.find(offers.sources(alice), f"{SERVER}/{key.pk}/{HOME[0]}") is None


def test_an_unreachable_server_is_said_where_its_models_would_be(alice):
    make_key(alice)
    [source] = [source for source in offers.sources(alice) if source.key]
    assert source.offers == ()
    assert source.trouble == "OpenAI-compatible cannot be reached."


def test_a_server_that_names_nothing_can_be_asked_by_id(alice):
    key = make_key(alice)
    tell(SERVER, key)
    [source] = [source for source in offers.sources(alice) if source.key]
    assert "asked by its id" in source.trouble
    assert source.can_type


def test_what_was_told_before_stands_while_its_server_is_away(alice):
    key = make_key(alice)
    tell(SERVER, key, *HOME)
    renewal.refresh(SERVER, key)
    [source] = [source for source in offers.sources(alice) if source.key]
    assert ids([source]) == [*HOME]
    assert source.trouble == ""


def test_where_the_built_in_model_does_not_run_any_more_it_is_not_offered_and_says_what_to_do(alice, settings):
    tell(BUILT_IN, None, "small")
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, BUILT_IN: ""}
    [source] = offers.sources(alice)
    assert source.offers == ()
    assert "“make run” installs it" in source.trouble


def test_several_slow_servers_are_asked_at_once_and_waited_for_together(alice, monkeypatch):
    """The page comes while all three of them still think."""
    monkeypatch.setattr(renewal, "PATIENCE", 0.05)
    offered.withhold(BUILT_IN)
    answer, asked = threading.Event(), threading.Barrier(4)

    def think(self):
        asked.wait(20)
        assert answer.wait(20)
        return {"models": {"data": [{"id": "slow"}]}}

    monkeypatch.setattr(HttpProvider, "catalogue", think)
    for number in range(3):
        make_key(alice, label=f"Slow {number}")
    assert [source.trouble.partition(" to answer")[0] for source in offers.sources(alice)] == [
        "OpenAI-compatible is slow"
    ] * 3
    asked.wait(20)  # all three of them are being asked
    questions = list(renewal._asking.values())
    answer.set()
    assert all(question.result(20) for question in questions)
    assert ids(offers.sources(alice)) == ["slow"] * 3


def test_a_model_of_the_same_name_at_two_servers_is_two_offers(alice):
    for label in ("One", "Two"):
        tell(SERVER, make_key(alice, label=label), "same")
    found = offers.sources(alice)
    assert len({offer.id for source in found for offer in source.offers}) == 2
    assert {offer.name for source in found for offer in source.offers} == {(SERVER, "same")}


def test_what_one_asked_last_is_asked_next(alice):
    key = make_key(alice)
    tell(BUILT_IN, None, "small")
    tell(SERVER, key, *HOME)
    found = offers.sources(alice)
    assert offers.default(found).model.id == HOME[0]  # of a key, before the built-in one
    Conversation.objects.create(owner=alice, provider=SERVER, key=key, model=HOME[1])
    assert offers.default(found, alice).model.id == HOME[1]
    Conversation.objects.create(owner=alice, provider=BUILT_IN, model="small")
    assert offers.default(found, alice).model.id == "small"
    Conversation.objects.create(owner=alice, provider=BUILT_IN, model="gone by now")
    assert offers.default(found, alice).model.id == "small"
    assert offers.default(found).model.id == HOME[0]


def test_a_key_added_since_goes_before_the_built_in_model(alice):
    tell(BUILT_IN, None, "small")
    Conversation.objects.create(owner=alice, provider=BUILT_IN, model="small")
    tell(SERVER, make_key(alice), *HOME)
    assert offers.default(offers.sources(alice), alice).model.id == HOME[0]
    Conversation.objects.create(owner=alice, provider=BUILT_IN, model="small")
    assert offers.default(offers.sources(alice), alice).model.id == "small"


def test_without_a_key_the_built_in_model_is_asked(alice):
    tell(BUILT_IN, None, "small")
    assert offers.default(offers.sources(alice), alice).model.id == "small"


def test_a_search_finds_by_all_words_in_name_server_and_key(alice):
    key = make_key(alice)
    tell(BUILT_IN, None, "small")
    tell(SERVER, key, *HOME)
    found = offers.sources(alice)
    assert ids(offers.search(found, "")) == ["small", *HOME]
    assert ids(offers.search(found, "QWEN unsloth")) == [HOME[1]]
    assert ids(offers.search(found, "home 3b")) == [HOME[0]]
    assert offers.search(found, "nothing like it") == []


def test_favourites_come_in_the_order_of_the_sources(alice, bob):
    key = make_key(alice)
    tell(BUILT_IN, None, "small")
    tell(SERVER, key, *HOME)
    found = offers.sources(alice)
    for name in ((SERVER, HOME[1]), (BUILT_IN, "small"), (SERVER, "gone")):
        favourites.add(alice, name)
    assert [offer.model.id for _, offer in offers.starred(found, alice)] == ["small", HOME[1]]
    assert offers.starred(found, bob) == []


def test_answers_that_were_renewed_meanwhile_are_read_anew(alice):
    key = make_key(alice)
    tell(SERVER, key, "old")
    stale = Catalogue.objects.get(key=key)
    tell(SERVER, key, "new")
    renewal.remove_unreferenced()
    assert [*offers._told(stale)] == ["new"]


def test_many_models_take_no_more_statements(alice, django_assert_num_queries):
    key = make_key(alice)
    tell(SERVER, key, *(f"m{number}" for number in range(300)))
    offered.withhold(BUILT_IN)
    assert len(ids(offers.sources(alice))) == 300
    with django_assert_num_queries(3):  # withheld providers, keys, what they were told
        offers.sources(alice)
