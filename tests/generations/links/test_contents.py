"""What is behind a link as time goes on: what comes later, what is taken out, deleted or taken back."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Membership, Team
from generations.chats.tree import Turn
from generations.links import contents, making, smart
from generations.models import Album, AlbumItem, Conversation, Job, Message, Role, ShareLink
from generations.search import looking
from tests.generations.links.conftest import make_link
from tests.generations.pages.conftest import make_job


@pytest.fixture
def album(alice) -> Album:
    return Album.objects.create(owner=alice, title="Foxes")


def put(album: Album, job: Job, place: float = 0.0) -> AlbumItem:
    return AlbumItem.objects.create(album=album, job=job, place=place)


@pytest.mark.parametrize("grows", [False, True])
def test_what_comes_into_an_album_later(grows, alice, album):
    first, later = make_job(alice), make_job(alice)
    put(album, first)
    link, _ = make_link(alice, album=album, grows=grows)
    put(album, later, 1)
    assert contents.ids(link) == [first.pk, later.pk][: 1 + grows]
    assert contents.jobs(link).filter(pk=later.pk).exists() is grows
    album.items.filter(job=first).delete()
    assert first.pk not in contents.ids(link), "what is taken out of an album is taken out for its guests"


@pytest.mark.parametrize("grows", [False, True])
def test_what_a_smart_album_finds_later(grows, alice):
    album = Album.objects.create(owner=alice, title="Best", query="?stars=4")
    old, best, plain = (make_job(alice, stars=stars) for stars in (4, 5, 1))
    link, _ = make_link(alice, album=album, grows=grows)
    assert contents.ids(link) == [best.pk, old.pk]
    later = [make_job(alice, stars=5) for _ in range(2)]
    Job.objects.filter(pk=old.pk).update(stars=1)
    cache.clear()  # time goes by
    smart.keep_up(link)
    assert contents.ids(link) == ([later[1].pk, later[0].pk, best.pk] if grows else [best.pk, old.pk])
    Job.objects.filter(pk=plain.pk).update(stars=4)  # comes in the middle of the list
    Job.objects.filter(pk=old.pk).update(stars=4)
    cache.clear()  # time goes by
    smart.keep_up(link)
    expected = [later[1].pk, later[0].pk, plain.pk, best.pk, old.pk] if grows else [best.pk, old.pk]
    assert contents.ids(link) == expected
    Album.objects.filter(pk=album.pk).update(query="?stars=5&kind=video")
    link.refresh_from_db()
    cache.clear()  # time goes by
    smart.keep_up(link)
    assert contents.ids(link) == ([] if grows else [best.pk, old.pk])


def test_a_smart_album_keeps_what_was_not_looked_for_to_the_end(alice, monkeypatch):
    album = Album.objects.create(owner=alice, title="Seeds", query="?seed=1")
    jobs = [make_job(alice, has_seed=True) for _ in range(5)]
    link, _ = make_link(alice, album=album, grows=True)
    monkeypatch.setattr(smart, "PATIENCE", 0)
    monkeypatch.setattr(looking, "STEP", 1)
    later = make_job(alice, has_seed=True)
    cache.clear()  # time goes by
    smart.keep_up(link)
    assert contents.ids(link) == [job.pk for job in (later, *jobs[::-1])]


def test_a_smart_album_without_a_match_opens_for_what_comes(alice, client):
    album = Album.objects.create(owner=alice, title="Best", query="?stars=4")
    _, token = make_link(alice, album=album, grows=True)
    assert "What comes later appears by itself." in client.get(f"/s/{token}/").text
    made = make_job(alice, stars=5)
    cache.clear()  # time goes by
    assert f'id="job-{made.pk}"' in client.get(f"/s/{token}/").text


def test_a_selection_stays_in_its_order_without_what_was_deleted(alice):
    jobs = tuple(make_job(alice) for _ in range(3))
    link, _ = make_link(alice, jobs[::-1])
    jobs[1].hide()
    assert [job.pk for job in contents.page(link)[0]] == [jobs[2].pk, jobs[0].pk]
    assert contents.neighbours(link, jobs[2]) == (None, jobs[0].pk)


def test_what_a_colleague_takes_back_is_gone(alice, bob):
    team = Team.objects.create(name="Studio")
    mine = Membership.objects.create(team=team, user=alice)
    theirs = make_job(bob, team=team)
    one, _ = make_link(alice, (theirs,))
    several, _ = make_link(alice, (theirs, make_job(alice)))
    assert contents.is_there(one)
    assert len(contents.ids(several)) == 2
    Membership.objects.filter(pk=mine.pk).update(role="viewer")  # who only looks does not show it to others
    assert not contents.is_there(one)
    assert len(contents.ids(several)) == 1


def test_pages_of_many_jobs_have_each_once(alice, album, monkeypatch):
    monkeypatch.setattr(contents, "PAGE", 2)
    jobs = [make_job(alice) for _ in range(5)]
    for job in jobs:
        put(album, job)  # all in one place: the item's id decides
    link, _ = make_link(alice, album=album)
    found, after = contents.page(link)
    while after is not None:
        more, after = contents.page(link, after)
        found += more
    assert [job.pk for job in found] == [job.pk for job in jobs]


def say(chat: Conversation, text: str, parent: Message | None = None) -> Message:
    said = Message.objects.create(conversation=chat, role=Role.USER, text=text, parent=parent)
    chat.touch(current_id=said.pk)
    return said


def texts(turns: list[Turn]) -> list[str]:
    return [turn.message.text for turn in turns]


def test_a_chat_ends_where_it_was_when_the_link_was_made(alice):
    chat = Conversation.objects.create(owner=alice)
    beginning = say(chat, "one")
    say(chat, "never meant for others", beginning)
    end = say(chat, "two", beginning)
    link, _ = make_link(alice, conversation=chat)
    growing, _ = make_link(alice, conversation=chat, grows=True)
    later = say(chat, "three", end)
    fresh = [ShareLink.objects.get(pk=one.pk) for one in (link, growing)]
    assert [texts(contents.turns(one)) for one in fresh] == [["one", "two"], ["one", "two", "three"]]
    assert contents.message(ShareLink.objects.get(pk=link.pk), later.pk) is None
    Message.objects.filter(pk=end.pk).update(deleted_at=timezone.now())
    assert texts(contents.turns(ShareLink.objects.get(pk=link.pk))) == ["one"]


def test_a_new_address_ends_the_old_one(alice):
    link, old = make_link(alice, (make_job(alice),))
    new = making.new_address(link)
    assert new
    assert new != old
    fresh = ShareLink.objects.get()
    assert (fresh.version, len(fresh.token_hash)) == (2, 64)
    assert old not in str(vars(fresh))
    making.revoke(fresh)
    assert making.new_address(fresh) is None
    assert not making.change(fresh, label="late")


def test_only_a_changed_password_or_audience_ends_open_viewings(alice):
    link, _ = make_link(alice, (make_job(alice),))
    making.change(link, label="For you", expires_at=timezone.now() + timedelta(days=2))
    assert ShareLink.objects.get().version == 1
    making.change(link, audience="signed_in")
    assert ShareLink.objects.get().version == 2
