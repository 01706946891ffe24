"""The stream of a conversation's page, as the ASGI function that it is: who gets what, from when, and until when."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from generations.chats import posting
from generations.chats.replies import following, painter
from generations.chats.replies import hub as hubs
from generations.chats.replies.hub import Hub
from generations.chats.replies.reply import LiveReply
from generations.models import Conversation, Job, Message, ReplyPiece, ReplyState, Role
from generations.models.states import State
from generations.views import chat_live
from studio.asgi import application
from studio.database import query
from studio.providers.chat import Delta
from tests.conftest import PASSWORD
from tests.generations.pages import test_live
from tests.generations.pages.conftest import make_job
from tests.generations.pages.test_live import PATIENCE, Page, cookie, run

pytestmark = pytest.mark.django_db(transaction=True)

watcher = test_live.watcher
ELSEWHERE = "another-machine/7/1"


@pytest.fixture(autouse=True)
def hub(monkeypatch, watcher) -> Hub:
    """A hub of the test's own, quicker than in real life."""
    monkeypatch.setattr(following, "LOOK", 0.02)
    monkeypatch.setattr(painter, "FRAME", 0.002)
    monkeypatch.setattr(hubs, "hub", Hub())
    monkeypatch.setattr(chat_live, "hub", hubs.hub)
    return hubs.hub


@pytest.fixture
def conversation(alice) -> Conversation:
    return posting.begin(alice)


def reply_in(conversation: Conversation, **fields) -> Message:
    given = {"state": ReplyState.WRITING, "writer": ELSEWHERE, "started_at": timezone.now(), "beat_at": timezone.now()}
    return Message.objects.create(conversation=conversation, role=Role.ASSISTANT, **{**given, **fields})


def ops(page: Page) -> list[dict]:
    lines = [line.removeprefix("data: ") for line in page.text.split("\n") if line.startswith('data: {"ops"')]
    return [op for line in lines for op in orjson.loads(line)["ops"]]


@asynccontextmanager
async def page(given: bytes | None, conversation_id: object, *, headers=(), method="GET", **asked):
    opened = Page([*headers, *([(b"cookie", given)] if given else [])], asked, method)
    opened.scope["path"] = f"/live/chat/{conversation_id}/"
    task = asyncio.create_task(application(opened.scope, opened.receive, opened.send))
    try:
        await opened.until(lambda page: page.status)
        if opened.status == 200:
            await opened.until(lambda page: ops(page))
        yield opened
    finally:
        opened.closed.set()
        async with asyncio.timeout(PATIENCE):
            await task


class TestWho:
    @pytest.mark.parametrize("given", [None, b"sessionid=nonsense", b"other=1"])
    def test_who_is_not_signed_in_gets_nothing(self, conversation, given, hub):
        async def test():
            async with page(given, conversation.pk) as opened:
                assert (opened.status, opened.text, opened.ended) == (401, "", True)
                assert not hub.feeds

        run(test())

    def test_anothers_is_not_there_nor_what_is_deleted_nor_nonsense(self, conversation, alice, bob):
        alices, bobs = cookie(alice), cookie(bob)

        async def status(given, conversation_id) -> int:
            async with page(given, conversation_id) as opened:
                return opened.status

        async def test():
            assert await status(alices, conversation.pk) == 200
            assert await status(bobs, conversation.pk) == 404
            assert await status(alices, "nonsense") == 404
            await query(lambda: conversation.touch(deleted_at=timezone.now()))
            assert await status(alices, conversation.pk) == 404

        run(test())

    def test_it_is_asked_for_by_get(self, conversation, alice):
        given = cookie(alice)

        async def test():
            async with page(given, conversation.pk, method="POST") as opened:
                assert opened.status == 405

        run(test())

    @pytest.mark.parametrize("what", ["sign out", "delete"])
    def test_it_ends_when_the_person_may_not_see_it_any_more(self, conversation, alice, monkeypatch, what):
        monkeypatch.setattr(chat_live, "CHECK", 0)
        monkeypatch.setattr(chat_live, "HEARTBEAT", 0.01)
        browser = Client()
        browser.login(email=alice.email, password=PASSWORD)
        given = f"sessionid={browser.cookies['sessionid'].value}".encode()

        async def test():
            async with page(given, conversation.pk) as opened:
                if what == "sign out":
                    await query(browser.logout)
                else:
                    await query(lambda: conversation.touch(deleted_at=timezone.now()))
                await opened.until(lambda page: page.ended)

        run(test())


class TestWhatItTells:
    def test_a_reply_of_another_process_as_it_grows_and_ends(self, conversation, alice):
        given, reply = cookie(alice), reply_in(conversation, text="# Begun")

        async def test():
            async with page(given, conversation.pk) as opened:
                assert ops(opened)[0] == {"active": [str(reply.pk)]}
                await query(ReplyPiece.objects.create, message=reply, text="\n\nand on", is_reasoning=False)
                await opened.until(lambda page: "and on" in page.text)
                await query(lambda: reply.end(ReplyState.DONE))
                await opened.until(lambda page: {"m": str(reply.pk), "done": True} in ops(page))

        run(test())

    def test_a_reply_that_is_written_here_at_its_first_word(self, conversation, alice, hub):
        given, reply = cookie(alice), reply_in(conversation)
        written = LiveReply(reply.pk, conversation.pk, life=1)

        async def test():
            async with page(given, conversation.pk) as opened:
                hub.begin(written)
                written.add(Delta(reasoning="Hm."))
                hub.grew(written)
                await opened.until(lambda page: {"m": str(reply.pk), "r": 0, "text": "Hm."} in ops(page))
                written.add(Delta(text="Begun"))
                hub.grew(written)
                await opened.until(lambda page: "Begun" in page.text)
                hub.ended(written)

        run(test())

    def test_one_who_comes_back_goes_on_where_it_was(self, conversation, alice, hub):
        given, reply = cookie(alice), reply_in(conversation)
        gone = reply_in(conversation, state=ReplyState.DONE)
        written = LiveReply(reply.pk, conversation.pk, "# One\n\nTwo\n\nThree", life=1)

        async def test():
            hub.begin(written)
            async with page(given, conversation.pk) as opened:
                await opened.until(lambda page: "Three" in page.text)
                assert "One" in opened.text
                last = f"{opened.last_id},{gone.pk.hex}=1.0.0".encode()
            written.add(Delta(text=" and more"))
            async with page(given, conversation.pk, headers=[(b"last-event-id", last)]) as opened:
                await opened.until(lambda page: "and more" in page.text)
                assert "One" not in opened.text
                assert {"m": str(gone.pk), "done": True} in ops(opened)
            hub.ended(written)

        run(test())

    def test_a_thread_that_changed_since_the_page_was_made(self, conversation, alice):
        given, before = cookie(alice), conversation.changed_at.isoformat()
        conversation.touch(title="Another")

        async def test():
            async with page(given, conversation.pk, since=before) as opened:
                await opened.until(lambda page: {"thread": conversation.changed_at.isoformat()} in ops(page))
            async with page(given, conversation.pk, since=conversation.changed_at.isoformat()) as opened:
                await opened.until(lambda page: page.counts)
                assert "thread" not in opened.text

        run(test())

    def test_the_count_of_running_jobs_and_no_card(self, conversation, alice):
        given, job = cookie(alice), make_job(alice, State.RUNNING)

        async def test():
            async with page(given, conversation.pk) as opened:
                await opened.until(lambda page: set(page.counts) == {1})
                change = {"state": State.SUCCEEDED, "changed_at": timezone.now()}
                await query(lambda: Job.objects.filter(pk=job.pk).update(**change))
                await opened.until(lambda page: page.counts[-1] == 0)
                assert not opened.shows(job)

        run(test())

    def test_a_sign_of_life(self, conversation, alice, monkeypatch):
        monkeypatch.setattr(chat_live, "HEARTBEAT", 0.01)
        given = cookie(alice)

        async def test():
            async with page(given, conversation.pk) as opened:
                await opened.until(lambda page: 'data: {"ops":[]}' in page.text)

        run(test())


class TestLeaving:
    def test_a_page_that_is_gone_is_forgotten(self, conversation, alice, hub, watcher):
        given = cookie(alice)

        async def test():
            async with page(given, conversation.pk), page(given, conversation.pk):
                assert len(hub.feeds[conversation.pk]) == 2
                assert watcher.streams
            assert not hub.feeds
            assert not watcher.streams

        run(test())


class TestPolling:
    def test_it_tells_what_is_new_and_ends(self, conversation, alice, hub):
        given, reply = cookie(alice), reply_in(conversation)
        written = LiveReply(reply.pk, conversation.pk, "# One\n\nTwo\n\nThree", life=1)

        async def test():
            hub.begin(written)
            async with page(given, conversation.pk, poll="1") as opened:
                assert opened.ended
                assert "One" in opened.text
                assert set(opened.counts) == {0}
                place = opened.last_id
            written.add(Delta(text=" and more"))
            async with page(given, conversation.pk, poll="1", at=place) as opened:
                assert opened.ended
                assert "and more" in opened.text
                assert "One" not in opened.text
            assert not hub.feeds
            hub.ended(written)

        run(test())
