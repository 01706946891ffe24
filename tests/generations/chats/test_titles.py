"""Titles that a model gives: only where they are wanted, once, and never over a person's own."""

import asyncio

import pytest

from accounts import budget
from generations.chats import titles
from generations.chats.posting import first_words
from generations.models import Conversation, Message, ReplyState, Role
from studio.lib.ids import uuid7
from tests.generations.chats.conftest import ask, at_work, ended, run, until, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


@pytest.fixture
def key(key):
    key.owner.names_chats = True
    key.owner.save()
    return key


def first(key, message: str = "[whole] Tell me of foxes", **fields) -> Message:
    """The first reply of a conversation that is called by its first words."""
    reply = ask(key, message, **fields)
    Conversation.objects.filter(pk=reply.conversation_id).update(title=first_words(message))
    return reply


def title_of(reply: Message) -> str:
    return Conversation.objects.get(pk=reply.conversation_id).title


def test_it_is_asked_after_the_first_reply(key, llm):
    reply = first(key)
    before = Conversation.objects.get().changed_at
    write(reply)
    asked = llm.exchanges[1].body
    assert (asked["model"], asked["max_tokens"], asked.get("stream", False)) == ("fake-small", 12, False)
    assert len(asked["messages"]) == 1
    assert "Tell me of foxes" in asked["messages"][0]["content"]
    assert len(asked["messages"][0]["content"]) < titles.READ + 300
    assert title_of(reply) not in ("", first_words("[whole] Tell me of foxes"))
    assert not Conversation.objects.get().is_title_own
    assert Conversation.objects.get().changed_at > before


def test_it_is_asked_once_however_often_the_reply_is_called_for(key, monkeypatch):
    """The same form, sent twice, calls for the same reply: while it is written, and when it has ended."""
    reply, asked = first(key), []

    async def after(reply_id, _):
        asked.append(reply_id)

    monkeypatch.setattr(titles, "after", after)

    async def test():
        async with at_work() as desk:
            desk.call(reply.pk, reply.pk)
            await ended(reply)
            desk.call(reply.pk)
            await asyncio.sleep(0)
            await until(lambda: not desk._writings)

    run(test())
    assert asked == [reply.pk]


@pytest.mark.parametrize(
    "change",
    [
        {"owner": {"names_chats": False}},
        {"conversation": {"is_title_own": True}},
        {"conversation": {"title": "Another"}},
        {"conversation": {"deleted_at": "2026-01-01T00:00Z"}},
        {"reply": {"state": ReplyState.STOPPED}},
        {"reply": {"state": ReplyState.FAILED}},
        {"reply": {"deleted_at": "2026-01-01T00:00Z"}},
    ],
    ids=lambda change: "-".join(f"{record}-{field}" for record, fields in change.items() for field in fields),
)
def test_it_is_not_asked(key, change):
    reply = first(key, state=ReplyState.DONE, text="Foxes are animals.")
    assert titles.wanted(reply.pk)
    for record, fields in change.items():
        one = {"owner": key.owner, "conversation": reply.conversation, "reply": reply}[record]
        type(one).objects.filter(pk=one.pk).update(**fields)
    assert titles.wanted(reply.pk) is None


def test_only_of_the_first_of_all_replies(key):
    reply = first(key, state=ReplyState.DONE, text="x")
    beside = {"conversation": reply.conversation, "role": Role.ASSISTANT, "state": ReplyState.DONE}
    other = Message.objects.create(**beside, parent=reply.parent)
    said = Message.objects.create(conversation=reply.conversation, role=Role.USER, text="More", parent=reply)
    later = Message.objects.create(**beside, parent=said)
    assert titles.wanted(reply.pk)
    assert titles.wanted(other.pk) is None
    assert titles.wanted(later.pk) is None
    assert titles.wanted(uuid7()) is None


def test_a_key_that_may_send_no_more_now_is_left_alone(key):
    key.requests_per_minute = 1
    key.save()
    while budget.take(key).granted:
        pass
    assert titles.wanted(first(key, state=ReplyState.DONE, text="x").pk) is None


@pytest.mark.parametrize("script", ["[error]", "[die]"])
def test_what_goes_wrong_is_not_the_persons_trouble(key, llm, script):
    reply = first(key, f"Hello {script}")
    write(reply)
    assert title_of(reply) == f"Hello {script}"


def test_a_name_that_a_person_gave_meanwhile_stays(key):
    conversation = Conversation.objects.create(owner=key.owner, title="First words")
    Conversation.objects.filter(pk=conversation.pk).update(title="Mine", is_title_own=True)
    titles._give(conversation, "Theirs")
    conversation.refresh_from_db()
    assert conversation.title == "Mine"


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Foxes at night", "Foxes at night"),
        ('"Foxes at night."', "Foxes at night"),
        ("\n\n**Title: Foxes**\nand more", "Foxes"),
        ("<think>They ask\nof foxes</think>\n# Füchse", "Füchse"),
        ("<think>no end", ""),
        ("...", ""),
        ("", ""),
        ("a\0b\tc", "ab c"),
        ("x" * 200, "x" * 80),
    ],
)
def test_the_title_in_an_answer(answer, title):
    assert titles.cleaned(answer) == title
