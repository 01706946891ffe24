"""The stream of a page behind a link: what it is told, and that it ends with the link."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import Membership
from generations.links import contents, making, smart
from generations.models import Album, AlbumItem, Conversation, Job, Message, ReplyPiece, ReplyState, Role
from generations.models.states import State
from generations.together import comments
from generations.views import live, shared_following, shared_live
from studio import database
from studio.asgi import application
from tests.generations.links.conftest import make_link
from tests.generations.pages.conftest import long_ago, make_job
from tests.generations.pages.test_live import PATIENCE, Page, cookie, run
from tests.generations.together.cast import make_team, person

pytestmark = pytest.mark.django_db(transaction=True)

ENDED = "This link has ended"


@pytest.fixture(autouse=True)
def _quick(monkeypatch, db):
    monkeypatch.setattr(live, "TICK", 0.01)
    monkeypatch.setattr(live, "watcher", live.Watcher())
    monkeypatch.setattr(shared_following, "LOOK", 0.01)
    monkeypatch.setattr(smart, "FRESH", 0)
    monkeypatch.setattr(shared_live, "following", shared_following.Following())
    yield
    database._thread.submit(lambda: connection.close()).result()


@asynccontextmanager
async def page(token: str, given: bytes | None = None, **query: str):
    opened = Page([(b"cookie", given)] if given else [], query)
    opened.scope["path"] = f"/live/s/{token}/"
    task = asyncio.create_task(application(opened.scope, opened.receive, opened.send))
    try:
        await opened.until(lambda page: page.text or page.ended)
        yield opened
    finally:
        opened.closed.set()
        async with asyncio.timeout(PATIENCE):
            await task


def test_a_stranger_is_told_of_that_job_alone_until_it_is_revoked(alice):
    job, other = make_job(alice, State.RUNNING), make_job(alice, State.RUNNING)
    link, token = make_link(alice, (job,), shows_prompt=False)

    async def test():
        async with page(token) as opened:
            for changed in (other, job):
                await database.query(changed.note_facts, remaining=None, inference=1.0)
            await opened.until(lambda page: page.shows(job))
            assert not opened.shows(other)
            assert "red fox" not in opened.text
            await database.query(making.revoke, link)
            await opened.until(lambda page: page.ended)
            assert ENDED in opened.text

    run(test())


@pytest.mark.parametrize("change", [{"password": "x"}, {"audience": "signed_in"}], ids=str)
def test_other_terms_end_what_is_open(change, alice):
    link, token = make_link(alice, (make_job(alice),))

    async def test():
        async with page(token) as opened:
            await database.query(lambda: making.change(link, **change))
            await opened.until(lambda page: page.ended)
            assert ENDED in opened.text

    run(test())


def test_who_does_not_get_in_is_told_so_and_nothing_else(alice, bob):
    _, token = make_link(alice, (make_job(alice),), password=make_password("swordfish"))
    given = cookie(bob)

    async def test():
        for place in (token, "x" * 32):
            async with page(place, given) as opened:
                assert opened.ended
                assert ENDED in opened.text
                assert "red fox" not in opened.text

    run(test())


def test_a_teams_link_ends_at_once_for_who_is_taken_out(alice):
    team = make_team()
    _, token = make_link(alice, (make_job(alice),), audience="team", team=team)
    bob, bobs, carols = person("Bob"), cookie(person("Bob")), cookie(person("Carol"))

    async def test():
        async with page(token, bobs) as opened, page(token, carols) as staying:
            assert ENDED not in opened.text
            await database.query(Membership.objects.filter(user=bob).delete)
            await opened.until(lambda page: page.ended)
            assert ENDED in opened.text
            assert not staying.ended

    run(test())


def test_a_deleted_job_ends_the_page_of_its_link(alice):
    job = make_job(alice)
    _, token = make_link(alice, (job,))

    async def test():
        async with page(token) as opened:
            await database.query(job.hide)
            await opened.until(lambda page: page.ended)

    run(test())


def test_what_comes_into_an_album_comes_to_its_page(alice):
    album = Album.objects.create(owner=alice, title="Foxes")
    first, second, later = (long_ago(make_job(alice), hours=1) for _ in range(3))
    for job in (first, second):
        AlbumItem.objects.create(album=album, job=job, place=0)
    link, token = make_link(alice, album=album, grows=True)
    seen = contents.edition(link).name

    async def test():
        async with page(token, seen=seen) as opened:
            opened.fresh()
            await database.query(lambda: AlbumItem.objects.create(album=album, job=later, place=-1))
            await opened.until(lambda page: f'id="job-{later.pk}"' in page.text)
            assert f'id="job-{first.pk}"' not in opened.text, "what is there already is not sent again"
            await database.query(album.items.filter(job=first).delete)
            await opened.until(lambda page: page.shows(first))

    run(test())


def test_what_a_smart_album_finds_comes_to_its_page(alice):
    album = Album.objects.create(owner=alice, title="Best", query="?stars=4")
    running, later = long_ago(make_job(alice, State.RUNNING, stars=4), hours=1), make_job(alice)
    link, token = make_link(alice, album=album, grows=True)
    seen = contents.edition(link).name

    async def test():
        async with page(token, seen=seen) as opened:
            await database.query(running.note_facts, remaining=None, inference=1.0)
            await opened.until(lambda page: page.shows(running))
            assert not opened.shows(later)
            await database.query(Job.objects.filter(pk=later.pk).update, stars=5)
            await opened.until(lambda page: f'id="job-{later.pk}"' in page.text)
            opened.fresh()
            await database.query(Job.objects.filter(pk=running.pk).update, stars=0)
            await opened.until(lambda page: page.shows(running))
            assert f'id="job-{running.pk}"' not in opened.text, "it goes"

    run(test())


def test_what_is_said_by_a_link_comes_to_its_page(alice, bob):
    job = make_job(alice)
    link, token = make_link(alice, (job,), may_comment=True)
    _, silent_token = make_link(alice, (job,))

    async def test():
        async with page(token) as opened, page(silent_token) as other:
            said = await database.query(
                lambda: comments.add(job, author=None, guest="Gil", link=link, text="More <blue>")
            )
            await opened.until(lambda page: "More &lt;blue&gt;" in page.text)
            await other.until(lambda page: page.shows(job))
            opened.fresh()
            await database.query(lambda: comments.add(job, author=bob, text="Only for us"))
            await database.query(comments.delete, said)
            await opened.until(lambda page: "blue" not in (page.text.split('id="shared-said"')[1:] or ["blue"])[-1])
            assert "Only for us" not in opened.text
            assert "shared-said" not in other.text, "another link of the same job"

    run(test())


def test_a_reply_grows_on_the_page_of_its_link(alice):
    chat = Conversation.objects.create(owner=alice)
    asked = Message.objects.create(conversation=chat, role=Role.USER, text="Tell me")
    reply = Message.objects.create(
        conversation=chat, role=Role.ASSISTANT, parent=asked, state=ReplyState.WRITING, model="gpt"
    )
    chat.touch(current_id=reply.pk)
    link, token = make_link(alice, conversation=chat)
    seen = contents.edition(link).name

    async def test():
        async with page(token, seen=seen) as opened:
            opened.fresh()
            await database.query(lambda: ReplyPiece.objects.create(message=reply, text="Once upon"))
            await opened.until(lambda page: "Once upon" in page.text)
            assert "Tell me" not in opened.text, "only what grows is sent"
            await database.query(lambda: reply.end(ReplyState.DONE, text="Once upon a time"))
            await opened.until(lambda page: "Once upon a time" in page.text)

    run(test())
