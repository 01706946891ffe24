"""Presets: kept, changed, deleted and kept again, and begun with."""

import re

import pytest

from generations.chats import offers, presets
from generations.chats.offers import ChatOffer, ChatSource
from generations.models import ChatPreset, Conversation
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

PRESETS = "/chat/presets/"


def keep(owner, name: str = "Editor", **fields) -> ChatPreset:
    return ChatPreset.objects.create(owner=owner, name=name, **{"system": "Be brief.", **fields})


def html(response, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


def test_keeping_one(as_alice, alice):
    assert "No presets yet" in html(as_alice.get(PRESETS))
    answer = as_alice.post(PRESETS, {"name": " Editor ", "system": "Be\r\nbrief.", "model": ""})
    assert answer.url == PRESETS
    kept = ChatPreset.objects.get()
    assert (kept.owner, kept.name, kept.system, kept.model) == (alice, "Editor", "Be\nbrief.", "")
    text = html(as_alice.get(PRESETS))
    assert f'href="/chat/?preset={kept.pk}"' in text
    assert "Any model" in text


def test_changing_one(as_alice, alice):
    kept = keep(alice, provider="gone", model="old-model")
    text = html(as_alice.get(f"{PRESETS}{kept.pk}/"))
    assert "old-model (not there any more)" in text
    assert "Be brief." in text
    as_alice.post(f"{PRESETS}{kept.pk}/", {"name": "Poet", "system": "", "model": ""})
    kept.refresh_from_db()
    assert (kept.name, kept.system, kept.provider, kept.model) == ("Poet", "", "", "")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"name": "  "}, "A preset needs a name."),
        ({"name": "eDITOR"}, "There is a preset “eDITOR” already."),
        ({"name": "New", "model": "gone/0/x"}, "This model is not there any more."),
        ({"name": "New", "system": "x" * 40_001}, "at most 40,000 characters"),
    ],
)
def test_what_cannot_be_kept_comes_back(as_alice, alice, sent, why):
    keep(alice)
    text = html(as_alice.post(PRESETS, {"system": "Kept words", **sent}), 422)
    assert why in text
    assert "system" in sent or "Kept words" in text
    assert ChatPreset.objects.count() == 1


def test_there_is_a_limit(as_alice, alice, monkeypatch):
    monkeypatch.setattr(presets, "MOST", 1)
    kept = keep(alice)
    assert "1 presets are the most." in html(as_alice.post(PRESETS, {"name": "New"}), 422)
    assert as_alice.post(f"{PRESETS}{kept.pk}/", {"name": "Renamed"}).status_code == 302


def test_deleting_one_can_be_undone(as_alice, alice):
    kept = keep(alice, name="A & b", system='Say "no"\nor yes')
    text = html(as_alice.post(f"{PRESETS}{kept.pk}/delete/"))
    assert "Deleted: A &amp; b" in text
    assert not ChatPreset.objects.exists()
    undo = text[text.index('<form class="note') :].partition("</form>")[0]
    fields = dict(re.findall(r'type="hidden" name="(name|system|model)" value="([^"]*)"', undo))
    assert fields == {"name": "A &amp; b", "system": "Say &quot;no&quot;\nor yes", "model": ""}


def test_as_a_conversation_is(as_alice, alice, bob):
    mine = Conversation.objects.create(owner=alice, title="Foxes", system="Be a fox.")
    theirs = Conversation.objects.create(owner=bob, title="Secret", system="Be bob.")
    text = html(as_alice.get(f"{PRESETS}new/?from={mine.pk}"))
    assert 'value="Foxes"' in text
    assert "Be a fox." in text
    assert "Be bob." not in html(as_alice.get(f"{PRESETS}new/?from={theirs.pk}"))
    assert html(as_alice.get(f"{PRESETS}new/?from=x"))


def test_what_is_not_yours_does_not_exist(as_bob, alice):
    kept = keep(alice)
    assert as_bob.get(f"{PRESETS}{kept.pk}/").status_code == 404
    assert as_bob.post(f"{PRESETS}{kept.pk}/", {"name": "x"}).status_code == 404
    assert as_bob.post(f"{PRESETS}{kept.pk}/delete/").status_code == 404
    assert "Editor" not in html(as_bob.get(PRESETS))
    kept.refresh_from_db()
    assert kept.name == "Editor"


def test_the_chat_begins_with_it(as_alice, alice, bob, monkeypatch):
    spoken = chat_dialect("openai")
    small, large = (ChatOffer(spoken, None, ChatModel(name, name.title())) for name in ("small", "large"))
    monkeypatch.setattr(offers, "sources", lambda user: [ChatSource(spoken, None, (small, large))])
    able = keep(alice, "Able", provider="openai", model="large", settings={"temperature": 1.5})
    text = html(as_alice.get(f"/chat/?preset={able.pk}"))
    assert "Large will answer" in text
    assert 'value="1.5"' in text
    assert re.findall(r'href="(/chat/[^"]+)" aria-current="true"', text) == [f"/chat/?preset={able.pk}"]
    mine, theirs = keep(alice), keep(bob, system="Be bob.")
    assert "Be brief." in html(as_alice.get(f"/chat/?preset={mine.pk}"))
    assert "Be bob." not in html(as_alice.get(f"/chat/?preset={theirs.pk}"))
    for odd in ("x", "9" * 40, ""):
        assert html(as_alice.get(f"/chat/?preset={odd}"))
