"""The full-text index: what it finds, what it leaves out, and that it is asked."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from generations import fulltext
from generations.chats import searching
from generations.models import Conversation, Message, ReplyState, Role
from studio.lib.ids import uuid7

pytestmark = pytest.mark.django_db


def talk(owner, *texts: str, title: str = "Untold", **fields) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title=title, **fields)
    for text in texts:
        Message.objects.create(conversation=conversation, role=Role.USER, text=text)
    return conversation


def found(owner, query: str) -> list[str]:
    return [hit.conversation.title for hit in searching.find(owner, query)]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("fox", True),
        ("FOX", True),
        ("quic", True),
        ("uick", False),
        ("quick fox", True),
        ("fox quick", True),
        ("quick hare", False),
        ('"quick brown"', True),
        ('"brown quick"', False),
        ('"quick bro"', False),
        ("fox -hare", True),
        ("fox -brown", False),
        ('fox -"brown quick"', True),
        ('fox -"quick brown"', False),
        ("creme", True),
        ("Crème", True),
        ("brulée", True),
        ("foo-bar", True),
        ("bar", True),
        ("foo_bar", True),
        ("дома", True),
        ("'fox'", True),
        ("😀 fox", True),
        ("-quick", False),
        ("", False),
    ],
)
def test_words(alice, query, is_found):
    talk(alice, "The quick brown fox ate a crème brûlée at foo-bar (дома)")
    assert bool(found(alice, query)) is is_found


@pytest.mark.parametrize(
    "query",
    [
        '"', '""', '"""', "-", '-"', "*", "fox*", "(fox", "fox)", "fox OR", "NEAR(fox", "AND", "NOT fox", "text:fox",
        "^fox", "fox & hare", "fox | !", "'", "''", "\\", "fox\\'", ":*", "fox:*", "<->", "%", "%s", "_", "😀", "\0",
        "fo\0x", "\ud800", "x" * 1000, "a " * 500, '"' * 1000, "-" * 1000, "²", "ª", "\u0301", "{fox}", "fox + hare",
    ],
    ids=lambda query: ascii(query)[:20],
)  # fmt: skip
def test_nothing_that_one_writes_is_an_error(alice, query):
    talk(alice, "The quick brown fox")
    searching.find(alice, query)


def test_titles_are_found_and_renamed(alice):
    conversation = talk(alice, title="About foxes")
    assert found(alice, "fox") == ["About foxes"]
    Conversation.objects.filter(pk=conversation.pk).update(title="About hares")
    assert found(alice, "fox") == []
    assert found(alice, "hare") == ["About hares"]


def test_a_reply_is_found_when_it_has_ended(alice):
    conversation = talk(alice, title="One")
    reply = Message.objects.create(conversation=conversation, role=Role.ASSISTANT, state=ReplyState.PENDING)
    assert found(alice, "hedgehog") == []
    reply.end(ReplyState.DONE, text="A hedgehog.", reasoning="")
    [hit] = searching.find(alice, "hedgehog")
    assert hit.message == reply.pk


def test_only_ones_own_and_nothing_deleted(alice, bob):
    now = timezone.now()
    talk(bob, "fox", title="Fox of bob")
    talk(alice, "fox", title="Deleted fox", deleted_at=now)
    talk(alice, "fox", title="Gone")
    Message.objects.filter(conversation__title="Gone").update(deleted_at=now)
    archived = talk(alice, "fox", title="Kept", archived_at=now)
    assert found(alice, "fox") == [archived.title]
    archived.delete()
    assert found(alice, "fox") == []


def test_the_last_written_comes_first_each_once(alice):
    for year, title in ((2024, "Old"), (2026, "New"), (2025, "Middle")):
        talk(alice, "fox", "fox fox", title=title, written_at=timezone.now().replace(year=year))
    assert found(alice, "fox") == ["New", "Middle", "Old"]
    assert len(searching.find(alice, "fox", limit=2)) == 2


def test_the_place_is_shown_and_all_is_escaped(alice):
    talk(alice, "<b>far</b> " * 40 + "a <i>Füchse</i> & friend" + " far" * 80, title="<u>fuchs</u>")
    [hit] = searching.find(alice, "fuchs")
    assert "&lt;i&gt;<mark>Füchse</mark>&lt;/i&gt; &amp; friend" in hit.snippet
    assert hit.snippet.startswith("… ")
    assert hit.snippet.endswith(" …")
    assert "<b>" not in hit.snippet
    assert hit.title == "&lt;u&gt;<mark>fuchs</mark>&lt;/u&gt;"


def test_the_place_is_shown_without_the_signs_of_markdown(alice):
    talk(alice, "?", "## An answer\n\nThe **fox**, `here`:\n- 2 * 3 - 1 boats\n\n| a | b |\n|---|--:|\n| 1 | a|b |")
    [hit] = searching.find(alice, "fox")
    assert hit.snippet == "An answer The <mark>fox</mark>, here: 2 * 3 - 1 boats a b 1 a|b"


def test_a_title_alone_has_no_snippet(alice):
    talk(alice, "something else", title="Foxes")
    [hit] = searching.find(alice, "fox")
    assert (hit.message, hit.snippet) == (None, "")


def test_a_long_message_is_kept_and_found(alice):
    talk(alice, "fox " + "".join(f"w{number} " for number in range(60_000)))
    assert found(alice, "fox") == ["Untold"]
    assert found(alice, "w12345") == ["Untold"]


def test_the_index_is_asked(alice, bob):
    """Not every row."""
    conversation = talk(alice)
    talk(bob, *["another"] * 3)
    words = [f"word{number}" for number in range(300)]
    Message.objects.bulk_create(Message(conversation=conversation, role=Role.USER, text=word) for word in words)
    wanted = fulltext.parts("word77")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE generations_message")
            values = {"query": fulltext.to_tsquery(wanted), "owner": alice.pk, "limit": 5}
            cursor.execute(f"EXPLAIN {searching._POSTGRESQL}", values)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {searching._SQLITE}", [fulltext.to_match(wanted), alice.pk, 5])
        plan = str(cursor.fetchall())
    if connection.vendor == "postgresql":
        assert "chatsearch_message" in plan
    else:
        assert "generations_chatsearch VIRTUAL TABLE INDEX" in plan
        assert "SCAN entry" not in plan
        assert "SCAN message" not in plan
        assert "SCAN conversation" not in plan


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_taken_back_and_indexes_what_is_there(alice):
    talk(alice, "fox", title="Before")
    Message.objects.create(
        pk=uuid7(), conversation=Conversation.objects.get(), role=Role.USER, text="hare", deleted_at=timezone.now()
    )
    loader = MigrationLoader(connection)
    migration = loader.get_migration("generations", "0004_chat_search")
    before = loader.project_state(("generations", "0003_chat"))
    for change in (migration.unapply, migration.apply):  # alone: what came after it touches nothing of it
        with connection.schema_editor() as editor:
            change(before.clone(), editor)
    assert found(alice, "fox") == ["Before"]
    assert found(alice, "before") == ["Before"]
    assert found(alice, "hare") == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_an_emptied_database_begins_anew(alice, time):
    assert found(alice, "fox") == []
    talk(alice, "fox")
    assert found(alice, "fox") == ["Untold"]
