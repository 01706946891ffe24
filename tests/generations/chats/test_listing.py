"""Which conversations the list holds, and in what order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations.chats import folders, listing
from generations.chats.folders import Unfit
from generations.models import Asset, Conversation, Folder, Message, ReplyState, Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def talk(owner, title: str, ago: float = 0, **fields) -> Conversation:
    """`ago`: days since something was written in it."""
    written = timezone.now() - timedelta(days=ago)
    return Conversation.objects.create(owner=owner, title=title, written_at=written, **fields)


def shown(owner, query: str = "", current: Conversation | None = None) -> listing.Listing:
    return listing.shown(owner, QueryDict(query), current)


def titles(page: listing.Page) -> list[str]:
    return [row.title for row in page.rows]


@pytest.mark.parametrize(
    ("moment", "label"),
    [
        (NOW, "Today"),
        (NOW + timedelta(days=3), "Today"),
        (NOW.replace(hour=0), "Today"),
        (NOW - timedelta(hours=13), "Yesterday"),
        (NOW - timedelta(days=2), "Previous 7 days"),
        (NOW - timedelta(days=7), "Previous 7 days"),
        (NOW - timedelta(days=8), "November"),
        (NOW - timedelta(days=30), "October"),
        (NOW - timedelta(days=365), "November 2025"),
    ],
    ids=str,
)
def test_groups_by_time(moment, label):
    assert listing.label(moment, NOW) == label


def test_what_is_in_it(alice, bob):
    talk(alice, "old", 400)
    talk(alice, "new")
    talk(alice, "pinned", 500, pinned_at=NOW)
    talk(alice, "archived", archived_at=NOW)
    talk(alice, "deleted", deleted_at=NOW)
    talk(bob, "bobs")
    found = shown(alice)
    assert [row.title for row in found.pinned] == ["pinned"]
    assert titles(found.page) == ["new", "old"]
    assert found.page.groups[0].label == "Today"
    assert titles(shown(alice, "archived=1").page) == ["archived"]
    assert shown(bob, f"folder={Folder.objects.create(owner=alice, name='x').pk}").shelves == []


def test_pages_go_on_without_repeating_or_leaving_out(alice, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 3)
    same = timezone.now()
    made = [Conversation.objects.create(owner=alice, title=str(number), written_at=same) for number in range(8)]
    page, seen, labels = shown(alice).page, [], []
    while True:
        seen += titles(page)
        labels += [group.label for group in page.groups]
        if not page.following:
            break
        page = listing.page(alice, QueryDict(page.following.removeprefix("?"))).page
    assert seen == [one.title for one in reversed(made)]
    assert labels == ["Today", "", ""]


def test_it_comes_back_as_far_down_as_it_was_read(alice, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 3)
    for number in range(12):
        talk(alice, str(number), number)
    second = listing.page(alice, QueryDict(shown(alice).page.following.removeprefix("?"))).page
    again = shown(alice, f"down_to={second.last}").page
    assert titles(again) == [str(number) for number in range(6)]
    assert titles(listing.page(alice, QueryDict(again.following.removeprefix("?"))).page) == ["6", "7", "8"]


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=1.2", "before=9999999999999999999.0", "down_to=", "folder=x", "folder=99999999999999999999",
     "open=x&open=0", "current=x", "archived=2", "q=%00", "before=²." + "0" * 32,
     f"before=99999999999999999.{'0' * 32}"],
)  # fmt: skip
def test_odd_addresses_are_read_as_far_as_they_make_sense(alice, query):
    talk(alice, "one")
    assert titles(shown(alice, query).page) == ["one"]


def test_folders_hold_theirs_and_open_where_one_is(alice):
    box = folders.create(alice, "Work")
    inside = talk(alice, "inside", folder=box)
    talk(alice, "archived", folder=box, archived_at=NOW)
    talk(alice, "deleted", folder=box, deleted_at=NOW)
    talk(alice, "free")
    found = shown(alice)
    assert [(shelf.folder, shelf.count, shelf.page) for shelf in found.shelves] == [(box, 1, None)]
    assert titles(found.page) == ["free"]
    for opened in (shown(alice, f"open={box.pk}"), shown(alice, current=inside)):
        assert titles(opened.shelves[0].page) == ["inside"]
    assert titles(listing.page(alice, QueryDict(f"folder={box.pk}")).page) == ["inside"]


def test_one_that_is_being_answered(alice):
    conversation = talk(alice, "busy")
    reply = Message.objects.create(conversation=conversation, role=Role.ASSISTANT, state=ReplyState.WRITING)
    conversation.touch(current=reply)
    assert listing.is_answered(next(shown(alice).page.rows))
    reply.end(ReplyState.DONE, text="x")
    assert not listing.is_answered(next(shown(alice).page.rows))


def test_a_long_list_costs_no_more_queries(alice):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = shown(alice)
            for row in found.page.rows:
                listing.is_answered(row)
                assert row.title
        return len(captured)

    talk(alice, "one", folder=folders.create(alice, "Work"))
    few = cost()
    Conversation.objects.bulk_create(Conversation(owner=alice, title=str(number)) for number in range(200))
    for number in range(5):
        folders.create(alice, str(number))
    assert cost() == few


def test_the_order_is_read_from_an_index(alice):
    Conversation.objects.bulk_create(Conversation(owner=alice, title=str(number)) for number in range(300))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE generations_conversation")
    with CaptureQueriesContext(connection) as captured:
        listing.page(alice, QueryDict(""))
    [asked] = [query["sql"] for query in captured if "ORDER BY" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {asked}")
        plan = str(cursor.fetchall())
    assert "conversation_of_owner" in plan
    assert "TEMP B-TREE" not in plan


class TestChanging:
    def test_a_title_is_ones_own_from_then_on(self, alice):
        conversation = talk(alice, "x")
        folders.rename(conversation, "  A \n\0 new  name " + "y" * 300)
        conversation.refresh_from_db()
        assert conversation.title.startswith("A new name y")
        assert len(conversation.title) == 200
        assert conversation.is_title_own
        with pytest.raises(Unfit, match="needs a word"):
            folders.rename(conversation, " \0 ")

    def test_pinned_is_not_archived(self, alice):
        conversation = talk(alice, "x")
        folders.archive(conversation, True)
        folders.pin(conversation, True)
        conversation.refresh_from_db()
        assert conversation.pinned_at
        assert not conversation.archived_at
        folders.archive(conversation, True)
        conversation.refresh_from_db()
        assert not conversation.pinned_at

    def test_one_folder_of_a_name(self, alice, bob):
        work = folders.create(alice, " Work ")
        assert folders.create(alice, "wORK") == work
        assert folders.create(bob, "Work") != work
        other = folders.create(alice, "Other")
        with pytest.raises(Unfit, match="There is a folder “WORK” already"):
            folders.name(other, "WORK")
        folders.name(work, "WORK")
        with pytest.raises(Unfit, match="needs a name"):
            folders.create(alice, "\0 ")

    def test_folders_have_a_limit(self, alice, monkeypatch):
        monkeypatch.setattr(folders, "MOST", 1)
        folders.create(alice, "One")
        with pytest.raises(Unfit, match="1 folders are the most"):
            folders.create(alice, "Two")

    def test_deleting_stops_what_is_written_and_can_be_undone(self, alice):
        conversation = talk(alice, "x")
        reply = Message.objects.create(conversation=conversation, role=Role.ASSISTANT, state=ReplyState.WRITING)
        assert folders.hide(conversation)
        assert not folders.hide(conversation)
        reply.refresh_from_db()
        assert reply.stop_requested_at
        assert shown(alice).is_empty
        assert folders.unhide(conversation)
        assert not folders.unhide(conversation)
        assert titles(shown(alice).page) == ["x"]


def test_the_purge_takes_what_was_deleted_30_days_ago(alice):
    long_ago, lately = timezone.now() - timedelta(days=31), timezone.now() - timedelta(days=29)
    gone, kept = talk(alice, "gone", deleted_at=long_ago), talk(alice, "kept", deleted_at=lately)
    here = talk(alice, "here")
    for conversation in (gone, kept, here):
        first = Message.objects.create(conversation=conversation, role=Role.USER, text="x")
        Message.objects.create(conversation=conversation, role=Role.ASSISTANT, text="y", parent=first)
        conversation.touch(current=first)
    asset = Asset.objects.create(owner=alice, name="a", file="a", kind="image", size=1, sha256="0")
    Message.objects.filter(conversation=gone, role=Role.USER).get().assets.add(asset)
    old = Message.objects.create(conversation=here, role=Role.USER, text="old", deleted_at=long_ago)
    Message.objects.create(conversation=here, role=Role.ASSISTANT, parent=old, deleted_at=long_ago)
    held = Message.objects.create(conversation=here, role=Role.USER, text="held", deleted_at=long_ago)
    Message.objects.create(conversation=here, role=Role.ASSISTANT, parent=held)
    assert folders.purge() == 1
    assert set(Conversation.objects.values_list("title", flat=True)) == {"kept", "here"}
    assert Message.objects.filter(conversation=kept).count() == 2
    assert sorted(Message.objects.filter(conversation=here).values_list("text", flat=True)) == ["", "held", "x", "y"]
    assert not asset.messages.exists()
    assert folders.purge() == 0


def test_the_purge_takes_a_very_long_branch(alice):
    """What follows goes first: to follow a thousand messages down at once takes more calls than there may be."""
    here, long_ago = talk(alice, "here"), timezone.now() - timedelta(days=31)
    above, rows = None, []
    for _ in range(1600):
        above = Message(conversation=here, role=Role.USER, parent=above, deleted_at=long_ago)
        rows.append(above)
    Message.objects.bulk_create(rows)
    folders.purge()
    assert not here.messages.exists()


def test_places_are_written_and_read():
    place = (NOW + timedelta(microseconds=7), UUID(int=5))
    assert listing._cursor(listing._written(place)) == place
