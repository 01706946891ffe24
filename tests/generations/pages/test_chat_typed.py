"""Models that their server does not name: asked by their ids, on the pages of chat."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations.catalogue import renewal
from generations.models import Catalogue, Message, Role

MODEL = "my/own:model"


@pytest.fixture
def key(alice) -> ProviderKey:
    """Of a server that answers, and names one model; the built-in one is asked as well."""
    key = ProviderKey(owner=alice, provider="openai", label="Home", base_url="http://127.0.0.1:9/v1")
    key.conceal("")
    key.save()
    for provider, of, model in (("openai", key, "named"), ("local-chat", None, "small")):
        payload = renewal.keep({"models": {"data": [{"id": model, "object": "model"}]}})
        Catalogue.objects.create(provider=provider, key=of, payload=payload, fetched_at=timezone.now())
    return key


def say(client, **fields):
    return client.post("/chat/", {"text": "Hello", "click": str(uuid4()), **fields}, follow=True)


def box(page: str, offer: str) -> str:
    found = re.search(rf'<input[^>]*name="model" value="{re.escape(offer)}"[^>]*>', page)
    assert found
    return found[0]


def test_one_is_asked_and_stays_chosen(as_alice, alice, key):
    page = say(as_alice, **{f"typed:openai/{key.pk}": f" {MODEL} "}).text
    reply = Message.objects.get(role=Role.ASSISTANT)
    assert (reply.provider, reply.key, reply.model, reply.model_name) == ("openai", key, MODEL, MODEL)
    assert "checked" in box(page, f"openai/{key.pk}/{MODEL}")
    assert f'name="typed:openai/{key.pk}"' in page
    assert "checked" in box(as_alice.get("/chat/").text, f"openai/{key.pk}/{MODEL}")  # as it was asked last
    again = as_alice.get(f"/chat/messages/{reply.pk}/again/").text
    assert "checked" in box(again, f"openai/{key.pk}/{MODEL}")


def test_an_empty_field_asks_nobody(as_alice, key):
    say(as_alice, **{f"typed:openai/{key.pk}": "  ", "model": f"openai/{key.pk}/named"})
    assert Message.objects.get(role=Role.ASSISTANT).model == "named"


def test_it_is_asked_beside_those_that_are_chosen(as_alice, key):
    say(as_alice, **{f"typed:openai/{key.pk}": MODEL, "model": [f"openai/{key.pk}/named", f"openai/{key.pk}/{MODEL}"]})
    assert sorted(Message.objects.filter(role=Role.ASSISTANT).values_list("model", flat=True)) == [MODEL, "named"]


@pytest.mark.parametrize("field", ["typed:openai/999", "typed:local-chat/0", "typed:", "typed:nobody/1"])
def test_it_is_asked_of_ones_own_servers_alone(as_alice, key, field):
    assert say(as_alice, **{field: MODEL}).status_code == 422
    assert not Message.objects.exists()


def test_a_server_that_names_nothing_can_be_asked_all_the_same(as_alice, key):
    Catalogue.objects.all().delete()
    for provider, of in (("openai", key), ("local-chat", None)):
        payload = renewal.keep({"models": {"data": []}})
        Catalogue.objects.create(provider=provider, key=of, payload=payload, fetched_at=timezone.now())
    page = as_alice.get("/chat/").text
    assert "asked by its id" in page
    assert f'name="typed:openai/{key.pk}"' in page
    chosen = as_alice.get("/chat/", {f"typed:openai/{key.pk}": MODEL}).text
    assert "checked" in box(chosen, f"openai/{key.pk}/{MODEL}")


def test_the_menu_leads_to_what_tokens_cost(as_alice, key):
    menu = as_alice.get("/chat/").text.partition('id="models"')[2]
    assert 'href="/chat/prices/"' in menu
