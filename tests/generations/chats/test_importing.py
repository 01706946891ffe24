"""Conversations out of files: whole or not at all, once, and whatever the file is."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generations.chats.files import exporting, importing, records
from generations.chats.files.importing import Unfit
from generations.models import Conversation, Folder, Message, ReplyState, Role
from tests.generations.chats.test_exporting import whole

pytestmark = pytest.mark.django_db


def take(user, content: bytes | str | list[Any] | dict[str, Any]) -> importing.Report:
    if isinstance(content, list | dict):
        content = json.dumps(content)
    raw = content.encode() if isinstance(content, str) else content
    return importing.take_in(user, SimpleUploadedFile("conversations.json", raw))


def own(*conversations: Any, version: int = 1) -> dict[str, Any]:
    return {"format": "studio.chats", "version": version, "conversations": list(conversations)}


def said(text: str, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "text": text, **fields}


def own_one(**fields: Any) -> dict[str, Any]:
    return {"messages": [said("Hello")], **fields}


def without_ids(text: str) -> Any:
    """The file with every id replaced by the order of its first mention."""
    file, names = json.loads(text), {"": ""}
    for conversation in file["conversations"]:
        conversation["id"] = ""
        for message in conversation["messages"]:
            for name in ("id", "parent", "batch"):
                if name in message:
                    message[name] = names.setdefault(message[name], str(len(names)))
        conversation["current"] = names[conversation["current"]]
    return file


class TestStudiosOwn:
    def test_where_there_are_too_many_folders_it_lies_in_none(self, alice, monkeypatch):
        monkeypatch.setattr("generations.chats.folders.MOST", 1)
        several = (own_one(folder=name) for name in ("A", "B", "a"))
        assert take(alice, own(*several)).sentence == "Imported 3 conversations."
        assert [folder.name for folder in Folder.objects.all()] == ["A"]
        assert Conversation.objects.filter(folder=None).count() == 1

    def test_what_went_out_comes_in_as_it_was(self, alice):
        conversation = whole(alice)
        before = exporting.as_json(conversation)
        Message.objects.filter(conversation=conversation).delete()
        conversation.delete()
        assert take(alice, before).sentence == "Imported 1 conversation."
        found = Conversation.objects.get()
        assert without_ids(exporting.as_json(found)) == without_ids(before)
        assert found.messages.order_by("pk").first().assets.count() == 1

    def test_the_same_file_again_changes_nothing(self, alice, bob):
        before = exporting.as_json(whole(alice))
        assert take(alice, before).sentence == "Imported 0 conversations. Left out 1:"
        assert take(bob, before).imported == 1
        report = take(bob, before)
        assert (report.imported, dict(report.skipped)) == (0, {"It is here already.": 1})
        assert Conversation.objects.filter(owner=bob).count() == 1
        assert not Message.objects.get(conversation__owner=bob, parent=None).assets.exists()  # alice's picture

    def test_one_that_was_deleted_comes_back(self, alice):
        file = own({"id": "a", "messages": [said("one")]})
        take(alice, file)
        Conversation.objects.update(deleted_at="2026-01-01T00:00Z")
        assert take(alice, file).imported == 1
        assert Conversation.objects.get().deleted_at is None

    def test_one_without_an_id_is_known_by_what_it_says(self, alice):
        file = own({"messages": [said("one")]}, {"messages": [said("two")]}, {"messages": [said("one")]})
        report = take(alice, file)
        assert (report.imported, dict(report.skipped)) == (2, {"It is here already.": 1})

    @pytest.mark.parametrize(
        ("record", "why"),
        [
            ("text", "It is no conversation."),
            (None, "It is no conversation."),
            ({}, "It has no messages."),
            ({"messages": {}}, "It has no messages."),
            ({"messages": ["x"]}, "It has a message that is nobody's."),
            ({"messages": [said("x", role="robot")]}, "It has a message that is nobody's."),
            ({"messages": [said("x", parent="y")]}, "It has a message that answers none."),
            ({"messages": [said("x", parent=["y"])]}, "It has a message that answers none."),
            ({"messages": [said("x", id="1"), said("y", id="1")]}, "It has two messages of one id."),
            ({"messages": [said("x", id="1"), {"role": "user", "parent": "2"}]}, "It has a message that answers none."),
        ],
        ids=range(10),
    )
    def test_an_odd_one_is_left_out_whole_and_the_others_are_kept(self, alice, record, why):
        report = take(alice, own({"messages": [said("first")], "folder": "Kept"}, record, {"messages": [said("last")]}))
        assert (report.imported, dict(report.skipped)) == (2, {why: 1})
        assert Conversation.objects.count() == Message.objects.count() == 2
        assert Folder.objects.get().name == "Kept"

    def test_odd_values_become_none(self, alice):
        odd = {
            "state": "dreaming", "provider": 7, "settings": [1], "reasoning": {}, "reasoning_seconds": float("nan"),
            "started_at": "yesterday", "finished_at": 1e300, "prompt_tokens": -1, "completion_tokens": True,
            "reasoning_tokens": 10**40, "cost": "Infinity", "input_price": "x", "output_price": "-1",
            "attachments": [{"reference": "javascript:x"}, 7], "batch": [], "error": None, "created_at": "0001-01-01",
        }  # fmt: skip
        fields = {"title": ["x"], "settings": {"x": float("inf")}, "pinned_at": True, "created_at": [], "current": {}}
        take(alice, json.dumps(own({"id": "a", **fields, "messages": [{"role": "assistant", "text": "x", **odd}]})))
        found = Message.objects.get()
        assert (found.state, found.provider, found.settings, found.reasoning) == (ReplyState.DONE, "", {}, "")
        for name in ("started_at", "finished_at", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cost",
                     "input_price", "output_price", "reasoning_seconds", "batch"):  # fmt: skip
            assert getattr(found, name) is None, name
        assert found.inputs == []
        assert (found.conversation.title, found.conversation.settings, found.conversation.pinned_at) == ("", {}, None)
        assert found.conversation.current == found

    def test_what_no_database_keeps_is_taken_out(self, alice):
        messages = '[{"role": "user", "text": "x\\u0000\\udfff"}]'
        record = '{"id": "\\u0000", "title": "a\\u0000\\nb\\ud800", "messages": ' + messages + "}"
        file = json.dumps(own()).replace("[]", f"[{record}]")
        assert take(alice, file).imported == 1
        assert Conversation.objects.get().title == "a b?"
        assert Message.objects.get().text == "x?"

    def test_long_texts_are_cut_with_a_word(self, alice, monkeypatch):
        monkeypatch.setattr(records, "LONGEST", 10)
        take(alice, own({"messages": [said("x" * 20)]}))
        assert Message.objects.get().text == "x" * 10 + records.CUT

    def test_a_reply_under_way_comes_in_as_cut(self, alice):
        take(alice, own({"messages": [{"role": "assistant", "text": "So", "state": "writing"}]}))
        assert Message.objects.get().state == ReplyState.INTERRUPTED

    def test_too_many_messages(self, alice, monkeypatch):
        monkeypatch.setattr(records, "MOST_MESSAGES", 2)
        report = take(alice, own({"messages": [said(str(number)) for number in range(3)]}))
        assert dict(report.skipped) == {"It has more than 2 messages.": 1}


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "neither"),
            (b"hello", "neither"),
            (b"{}", "neither"),
            (b'{"format": "other", "version": 1, "conversations": []}', "neither"),
            (b'{"format": "studio.chats", "version": 2, "conversations": []}', "newer Studio"),
            (b"[", "breaks off"),
            (b"[{}", "breaks off"),
            (b'[{"a": "b', "breaks off"),
            (b"[nonsense]", "breaks off"),
            (b"[\xff\xfe]", "breaks off"),
            (b"[" * 100_000, "nested too deeply"),
            (b"PK\x03\x04 and no more", "cannot be opened"),
        ],
        ids=range(12),
    )
    def test_what_cannot_be_read_is_refused(self, alice, content, why):
        with pytest.raises(Unfit, match=why):
            take(alice, content)

    def test_of_one_that_breaks_off_nothing_is_kept(self, alice):
        file = json.dumps(own({"messages": [said("one")]}, {"messages": [said("two")]}))
        with pytest.raises(Unfit, match="breaks off"):
            take(alice, file[:-10])
        assert not Conversation.objects.exists()

    def test_it_is_read_a_piece_at_a_time(self, alice, monkeypatch):
        monkeypatch.setattr(importing, "CHUNK", 100)
        file = own(*({"id": str(number), "messages": [said("é😀" * 200)]} for number in range(5)))
        assert take(alice, json.dumps(file, ensure_ascii=False, indent=2)).imported == 5
        assert set(Message.objects.values_list("text", flat=True)) == {"é😀" * 200}

    @pytest.mark.parametrize(
        ("limit", "value", "why"),
        [("LARGEST", 10, "at most 0 MB"), ("MOST", 1, "at most 1 conversations"), ("UNPACKED", 100, "larger than 0 MB"),
         ("LONGEST", 10, "breaks off")],
    )  # fmt: skip
    def test_limits(self, alice, monkeypatch, limit, value, why):
        monkeypatch.setattr(importing, limit, value)
        monkeypatch.setattr(importing, "CHUNK", 60)
        with pytest.raises(Unfit, match=why):
            take(alice, own({"messages": [said("x" * 100)]}, {"messages": [said("y" * 100)]}))
        assert not Conversation.objects.exists()

    def test_a_bomb_goes_off_nowhere(self, alice, monkeypatch):
        monkeypatch.setattr(importing, "UNPACKED", 100_000)
        with pytest.raises(Unfit, match="larger than"):
            take(alice, zipped({"conversations.json": b"[" + b" " * 1_000_000}))

    def test_the_right_member_of_a_zip_is_read(self, alice):
        record = {"id": "a", "messages": [said("one")]}
        files = {"chat.html": b"x", "x/conversations.json": json.dumps(own(record)).encode(), "user.json": b"{"}
        assert take(alice, zipped(files)).imported == 1

    def test_a_zip_without_conversations(self, alice):
        with pytest.raises(Unfit, match=r"no conversations\.json"):
            take(alice, zipped({"my-conversations.json.txt": b"[]"}))

    def test_a_broken_member(self, alice):
        raw = bytearray(zipped({"conversations.json": b"[" + bytes(range(32, 91)) * 50 + b"]"}))
        raw[60:90] = b"\0" * 30
        with pytest.raises(Unfit):
            take(alice, bytes(raw))


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def node(name: str, parent: str | None, role: str = "", *parts: Any, **fields: Any) -> dict[str, Any]:
    content = fields.pop("content", {"content_type": "text", "parts": list(parts)})
    message = {"id": name, "author": {"role": role}, "create_time": 1700000000.5, "content": content, **fields}
    return {"id": name, "message": message if role else None, "parent": parent, "children": []}


def chatgpt(*nodes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """As its export has it."""
    mapping = {one["id"]: one for one in nodes}
    for one in nodes:
        if one["parent"] in mapping:
            mapping[one["parent"]]["children"].append(one["id"])
    times = {"create_time": 1700000000.25, "update_time": 1700000100.0}
    return {"title": "Foxes", "mapping": mapping, "conversation_id": "c-1", **times, **fields}


class TestChatGPT:
    def test_a_conversation_with_branches(self, alice):
        record = chatgpt(
            node("root", None),
            node("hidden", "root", "system", "", weight=0),
            node("q", "hidden", "user", "What is a fox?"),
            node("a1", "q", "assistant", "An animal.", metadata={"model_slug": "gpt-4o"}, recipient="all"),
            node("a2", "q", "assistant", "A browser.", metadata={"model_slug": "gpt-4"}),
            node("q2", "a1", "user", "Thanks"),
            current_node="q2",
        )
        assert take(alice, [record]).imported == 1
        found = Conversation.objects.get()
        assert (found.title, found.current.text, found.created_at.year) == ("Foxes", "Thanks", 2023)
        asked = found.messages.get(text="What is a fox?")
        assert asked.parent is None
        assert [(one.text, one.model_name) for one in asked.children.order_by("pk")] == [
            ("An animal.", "gpt-4o"),
            ("A browser.", "gpt-4"),
        ]
        assert found.messages.count() == 4
        assert take(alice, [record]).imported == 0

    def test_what_nobody_saw_is_left_out_and_thoughts_become_reasoning(self, alice):
        thoughts = {"content_type": "thoughts", "thoughts": [{"content": "Hm."}, {"content": "Yes."}, 7]}
        picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
        record = chatgpt(
            node("root", None),
            node("told", "root", "system", "You are a poet."),
            node("q", "told", "user", "Draw", content={"content_type": "multimodal_text", "parts": [picture, "Draw"]}),
            node("t", "q", "assistant", content=thoughts),
            node("call", "t", "assistant", '{"prompt": "fox"}', recipient="dalle.text2im"),
            node("drawn", "call", "tool", content={"content_type": "multimodal_text", "parts": [picture]}),
            node("secret", "drawn", "user", "x", metadata={"is_visually_hidden_from_conversation": True}),
            node("web", "secret", "tool", "page text"),
            node("a", "web", "assistant", "Here.", "", {"content_type": "unknown"}),
            current_node="web",
        )
        take(alice, [record])
        found = Conversation.objects.get()
        assert found.system == "You are a poet."
        rows = list(found.messages.order_by("pk").values_list("role", "text", "reasoning"))
        picture_text = "*[A picture, which is not in the export]*"
        assert rows == [
            (Role.USER, f"{picture_text}\n\nDraw", ""),
            (Role.ASSISTANT, picture_text, "Hm.\n\nYes."),
            (Role.ASSISTANT, "Here.", ""),
        ]
        assert found.current.text == picture_text

    @pytest.mark.parametrize(
        "record",
        [
            7, {}, {"mapping": []}, {"mapping": {}}, {"mapping": {"a": 7, "b": None}},
            chatgpt(node("root", None)),
            chatgpt(node("a", "b", "user", "x"), node("b", "a", "user", "y")),
            {"mapping": {"a": {"message": {"author": 7, "content": 7}, "children": 7}}},
            chatgpt(node("a", None, "user", content={"content_type": "text", "parts": 7})),
        ],
        ids=range(9),
    )  # fmt: skip
    def test_odd_ones_are_left_out(self, alice, record):
        report = take(alice, [record, chatgpt(node("q", None, "user", "Fine"), conversation_id="good")])
        assert (report.imported, sum(report.skipped.values())) == (1, 1)

    def test_a_deep_one(self, alice):
        nodes = [node("0", None, "user", "0")]
        nodes += [node(str(at), str(at - 1), "assistant" if at % 2 else "user", str(at)) for at in range(1, 3000)]
        assert take(alice, [chatgpt(*nodes, current_node="2999", title=None, is_archived=True)]).imported == 1
        found = Conversation.objects.get()
        assert (found.messages.count(), found.current.text) == (3000, "2999")
        assert found.archived_at
