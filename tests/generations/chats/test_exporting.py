"""Conversations as Markdown and as JSON."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import ProviderKey
from generations.chats import folders
from generations.chats.files import exporting
from generations.models import Asset, Conversation, Message, ReplyPiece, ReplyState, Role
from studio.lib.ids import uuid7

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)


def whole(owner, **fields) -> Conversation:
    """A conversation with everything that one can have."""
    key = ProviderKey(owner=owner, provider="openai", label="Work")
    key.conceal("sk-very-secret")
    key.save()
    conversation = Conversation.objects.create(
        owner=owner,
        **{
            "title": "Über <Füchse> & co",
            "is_title_own": True,
            "system": "Be brief.\nAnswer in verse.",
            "provider": "openai",
            "key": key,
            "model": "gpt-x",
            "settings": {"temperature": 0, "stop": ["a"], "deep": {"x": None}},
            "folder": folders.create(owner, "Work"),
            "created_at": AT,
            "written_at": AT,
            "pinned_at": AT,
            **fields,
        },
    )
    asset = Asset.objects.create(owner=owner, name="fox.png", file="x", kind="image", size=1, sha256="0")
    asked = Message.objects.create(
        conversation=conversation, role=Role.USER, text="What is a fox?", created_at=AT, inputs=[f"asset:{asset.pk}"]
    )
    asked.assets.add(asset)
    reply = {"conversation": conversation, "parent": asked, "role": Role.ASSISTANT, "created_at": AT, "key": key}
    batch = uuid7()
    first = Message.objects.create(
        **reply,
        batch=batch,
        provider="openai",
        model="gpt-x",
        model_name="GPT X",
        text="# An animal\n\n😀",
        settings={"temperature": 0},
        reasoning="They ask of foxes.",
        reasoning_seconds=1.25,
        finish="stop",
        started_at=AT,
        first_token_at=AT,
        finished_at=AT,
        prompt_tokens=1200,
        completion_tokens=34,
        reasoning_tokens=0,
        input_price=Decimal("2.5"),
        output_price=Decimal("10"),
        cost=Decimal("0.00334"),
        cost_unit="USD",
    )
    Message.objects.create(**reply, batch=batch, model_name="Other", text="Another", state=ReplyState.STOPPED)
    Message.objects.create(**reply, model_name="Third", state=ReplyState.FAILED, error="No money", error_kind="credits")
    again = Message.objects.create(conversation=conversation, parent=first, role=Role.USER, text="Go on", created_at=AT)
    Message.objects.create(conversation=conversation, parent=first, role=Role.USER, text="Other way", created_at=AT)
    Message.objects.create(
        conversation=conversation, parent=first, role=Role.USER, text="DELETED", created_at=AT, deleted_at=AT
    )
    conversation.touch(current=again)
    return conversation


def test_markdown_is_the_shown_branch(alice):
    said = exporting.as_markdown(whole(alice))
    assert said.startswith(
        "# Über <Füchse> & co\n\n> **System prompt**\n>\n> Be brief.\n> Answer in verse.\n\n## You · 2026-11-21 09:30"
    )
    assert "- Attached: fox.png\n\nWhat is a fox?" in said
    assert (
        "## GPT X · 2026-11-21 09:30 UTC\n\n<details><summary>Reasoning</summary>\n\nThey ask of foxes.\n\n</details>"
        in said
    )
    assert "*1,200 tokens in, 34 out · 0.00334 USD*" in said
    assert "## Other · " in said  # asked at once, so beside it
    assert "Third" not in said
    assert said.endswith("Go on\n")
    assert "Other way" not in said
    assert "DELETED" not in said


def test_json_is_all_of_it_without_secrets(alice):
    text = exporting.as_json(whole(alice))
    file = json.loads(text)
    assert (file["format"], file["version"]) == ("studio.chats", 1)
    [found] = file["conversations"]
    assert [message["text"][:9] for message in found["messages"]] == [
        "What is a", "# An anim", "Another", "", "Go on", "Other way",
    ]  # fmt: skip
    assert found["folder"] == "Work"
    assert found["settings"] == {"temperature": 0, "stop": ["a"], "deep": {"x": None}}
    assert found["messages"][0]["attachments"][0]["name"] == "fox.png"
    reply = found["messages"][1]
    assert (reply["cost"], reply["input_price"], reply["output_price"]) == ("0.00334", "2.5", "10")
    assert reply["reasoning_tokens"] == 0
    assert found["messages"][3]["error"] == "No money"
    assert "key" not in found
    assert "secret" not in text
    assert "alice" not in text


def test_a_reply_under_way_is_told_as_far_as_it_is(alice):
    conversation = Conversation.objects.create(owner=alice)
    reply = Message.objects.create(conversation=conversation, role=Role.ASSISTANT, state=ReplyState.WRITING)
    ReplyPiece.objects.create(message=reply, text="So far")
    conversation.touch(current=reply)
    assert "So far" in exporting.as_markdown(conversation)
    assert '"So far"' in exporting.as_json(conversation)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A fox: 1/2", "a-fox-1-2.md"),
        ("狐", "conversation.md"),
        ("../../etc", "etc.md"),
        ('"\r\nx', "x.md"),
        ("", "conversation.md"),
    ],
)
def test_file_names(alice, title, name):
    assert exporting.file_name(Conversation(title=title), "md") == name
