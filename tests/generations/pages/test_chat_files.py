"""Files of conversations over HTTP."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile

from generations.chats.files import exporting
from generations.models import Conversation, Message, Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def talk(owner, title: str = "Foxes", **fields) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title=title, **fields)
    said = Message.objects.create(conversation=conversation, role=Role.USER, text="What is a fox?")
    conversation.touch(current=said)
    return conversation


def whole(answer) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(read)()


def upload(client, content: bytes, name: str = "conversations.json"):
    return client.post("/chat/import/", {"file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize(
    ("verb", "name", "kind"),
    [("markdown", "foxes.md", "text/markdown; charset=utf-8"), ("json", "foxes.json", "application/json")],
)
def test_one_conversation(as_alice, alice, verb, name, kind):
    answer = as_alice.get(f"/chat/{talk(alice).pk}/{verb}/")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == kind
    assert "no-store" in answer["Cache-Control"]
    assert "What is a fox?" in answer.content.decode()


def test_all_of_ones_conversations(as_alice, alice, bob, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for number in range(5):
        talk(alice, str(number))
    talk(alice, "deleted", deleted_at="2026-01-01T00:00Z")
    talk(bob, "bobs")
    answer = as_alice.get("/chat/export/")
    file = json.loads(whole(answer))
    assert [one["title"] for one in file["conversations"]] == ["0", "1", "2", "3", "4"]
    assert answer["Content-Disposition"] == 'attachment; filename="studio-conversations.json"'


def test_nothing_is_an_empty_file_that_can_be_read_again(as_alice):
    assert json.loads(raw := whole(as_alice.get("/chat/export/")))["conversations"] == []
    assert "Imported 0 conversations." in upload(as_alice, raw).content.decode()


def test_what_went_out_comes_in(as_alice, as_bob, alice, bob):
    raw = as_alice.get(f"/chat/{talk(alice).pk}/json/").content
    answer = upload(as_bob, raw)
    assert "Imported 1 conversation." in answer.content.decode()
    assert Conversation.objects.get(owner=bob).title == "Foxes"
    again = upload(as_bob, raw).content.decode()
    assert "Imported 0 conversations. Left out 1:" in again
    assert "1: It is here already." in again


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x", "This is neither Studio&#x27;s export"),
        (b"[{", "The file breaks off"),
        (b"PK\x03\x04", "cannot be opened"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(as_alice, content, why):
    answer = upload(as_alice, content)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert "Nothing was imported." in answer.content.decode()


def test_no_file(as_alice):
    answer = as_alice.post("/chat/import/")
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()
    assert as_alice.get("/chat/import/").status_code == 200
