"""The live stream, as the ASGI function that it is: who gets what, from when on, and when it ends."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import sentences
from generations.models import Job
from generations.models.states import State
from generations.views import live
from studio import database
from studio.asgi import application
from tests.generations.pages.conftest import long_ago, make_job

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 5.0


@pytest.fixture(autouse=True)
def watcher(monkeypatch, db):
    """A watcher of the test's own, quicker than in real life; its thread's connection is closed at the end."""
    monkeypatch.setattr(live, "TICK", 0.01)
    monkeypatch.setattr(live, "watcher", live.Watcher())
    yield live.watcher
    database._thread.submit(lambda: connection.close()).result()


def cookie(user) -> bytes:
    client = Client()
    client.force_login(user)
    return f"{site.SESSION_COOKIE_NAME}={client.cookies[site.SESSION_COOKIE_NAME].value}".encode()


class Page:
    """An open page: what it was sent so far, and a way to close it."""

    def __init__(self, headers: list[tuple[bytes, bytes]], query: dict[str, str], method: str = "GET") -> None:
        self.scope = {
            "type": "http",
            "path": "/live/",
            "method": method,
            "headers": headers,
            "query_string": urlencode(query).encode(),
        }
        self.closed = asyncio.Event()
        self.news = asyncio.Event()
        self.status = 0
        self.text = ""
        self.ended = False

    async def receive(self) -> dict[str, str]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message) -> None:
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        self.news.set()

    async def until(self, condition: Callable[["Page"], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition(self):
                self.news.clear()
                await self.news.wait()

    @property
    def counts(self) -> list[int]:
        return [int(count) for count in re.findall(r"event: running\ndata: (\d+)\n", self.text)]

    @property
    def last_id(self) -> str:
        return re.findall(r"(?m)^id: (.+)$", self.text)[-1]

    def shows(self, job: Job) -> bool:
        return f'hx-target="#job-{job.pk}"' in self.text

    def fresh(self) -> None:
        """Forgets what came so far."""
        self.text = ""


@asynccontextmanager
async def page(given: bytes | None, *, headers=(), method="GET", **query):
    opened = Page([*headers, *([(b"cookie", given)] if given else [])], query, method)
    task = asyncio.create_task(application(opened.scope, opened.receive, opened.send))
    try:
        await opened.until(lambda page: page.status)
        if opened.status == 200:
            await opened.until(lambda page: page.counts)
        yield opened
    finally:
        opened.closed.set()
        async with asyncio.timeout(PATIENCE):
            await task


def run(test: Awaitable[None]) -> None:
    asyncio.run(test)


async def change(job: Job, **fields) -> None:
    await database.query(lambda: Job.objects.filter(pk=job.pk).update(changed_at=timezone.now(), **fields))


async def looked(watcher, times: int = 2) -> None:
    """Until the watcher has looked again, so that what was to come has come."""
    over, look = asyncio.Event(), watcher.look
    looks = iter(range(times))

    async def counted() -> None:
        await look()
        if next(looks, None) is None:
            over.set()

    watcher.look = counted
    async with asyncio.timeout(PATIENCE):
        await over.wait()
    watcher.look = look


class TestWho:
    @pytest.mark.parametrize("given", [None, b"sessionid=nonsense", b"other=1", b"sessionid="])
    def test_who_is_not_signed_in_gets_nothing(self, given, watcher):
        async def test():
            async with page(given) as opened:
                assert (opened.status, opened.text, opened.ended) == (401, "", True)
                assert not watcher.streams

        run(test())

    def test_nor_does_who_was_let_go(self, alice):
        given = cookie(alice)
        type(alice).objects.update(is_active=False)

        async def test():
            async with page(given) as opened:
                assert opened.status == 401

        run(test())

    def test_nor_a_session_from_before_another_password(self, alice):
        given = cookie(alice)
        alice.set_password("another one entirely")
        alice.save()

        async def test():
            async with page(given) as opened:
                assert opened.status == 401

        run(test())

    def test_a_session_that_an_older_secret_signed_goes_on_under_its_cookie(self, alice, settings):
        given = cookie(alice)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "n" * 50

        async def test():
            for _ in range(2):
                async with page(given) as opened:
                    assert opened.status == 200

        run(test())

    def test_it_is_asked_for_by_get(self, alice):
        given = cookie(alice)

        async def test():
            async with page(given, method="POST") as opened:
                assert opened.status == 405

        run(test())


class TestChanges:
    def test_a_changed_job_arrives_as_its_card(self, alice):
        given, job = cookie(alice), long_ago(make_job(alice, State.PENDING), minutes=9)

        async def test():
            async with page(given) as opened:
                assert not opened.shows(job)
                await change(job, state=State.RUNNING, progress=43)
                await opened.until(lambda page: page.shows(job))
                assert f'<hx-partial hx-target="#job-{job.pk}" hx-swap="outerMorph"><article class="card' in opened.text
                assert "Generating, 43 %" in opened.text

        run(test())

    def test_the_page_of_a_job_gets_that_one_as_its_page(self, alice, watcher):
        given = cookie(alice)
        job, other = (long_ago(make_job(alice, State.PENDING), minutes=9) for _ in range(2))

        async def test():
            async with page(given, job=str(job.pk)) as opened:
                await change(other, progress=1)
                await looked(watcher)
                await change(job, progress=2)
                await opened.until(lambda page: page.shows(job))
                assert '<article class="viewer"' in opened.text
                assert not opened.shows(other)

        run(test())

    def test_others_jobs_never_do(self, alice, bob, watcher):
        mine, theirs = (long_ago(make_job(user, State.PENDING), minutes=9) for user in (alice, bob))
        given, bobs = cookie(alice), cookie(bob)

        async def test():
            async with (
                page(given) as opened,
                page(given, job=str(theirs.pk)) as prying,
                page(bobs) as of_bob,
            ):
                await change(theirs, progress=1)
                await of_bob.until(lambda page: page.shows(theirs))
                await change(mine, progress=1)
                await opened.until(lambda page: page.shows(mine))
                await looked(watcher)
                assert not opened.shows(theirs)
                assert not prying.shows(theirs)
                assert not of_bob.shows(mine)

        run(test())

    def test_the_forms_in_it_can_be_sent(self, alice):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice)
        secret = "s" * 32
        browser.cookies[site.CSRF_COOKIE_NAME] = secret
        given = b"; ".join([cookie(alice), f"{site.CSRF_COOKIE_NAME}={secret}".encode()])
        job = long_ago(make_job(alice, State.RUNNING), minutes=9)
        tokens = set()

        async def test():
            async with page(given) as one, page(given, job=str(job.pk)) as other:
                await change(job, state=State.FAILED)
                for opened in (one, other):
                    await opened.until(lambda page: page.shows(job))
                    tokens.update(re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', opened.text))

        run(test())
        assert len(tokens) == 2
        for token in tokens:
            answer = browser.post(f"/jobs/{job.pk}/retry/", {"csrfmiddlewaretoken": token})
            assert answer.status_code == 302

    @pytest.mark.parametrize("odd", ["", "x", "%s" % ("!" * 32), "a" * 33])
    def test_a_browser_without_the_cookie_for_forms_gets_none(self, alice, odd):
        given = b"; ".join([cookie(alice), f"{site.CSRF_COOKIE_NAME}={odd}".encode()])
        job = make_job(alice)

        async def test():
            async with page(given) as opened:
                assert opened.shows(job)
                assert live.TOKEN not in opened.text

        run(test())

    def test_what_is_deleted_is_taken_off(self, alice):
        given, job = cookie(alice), long_ago(make_job(alice), minutes=9)

        async def test():
            async with page(given) as opened:
                await database.query(job.hide)
                await opened.until(lambda page: page.shows(job))
                assert f'<hx-partial hx-target="#job-{job.pk}" hx-swap="delete">' in opened.text
                assert job.prompt not in opened.text

        run(test())

    def test_a_change_is_told_once(self, alice, watcher):
        given, job = cookie(alice), long_ago(make_job(alice, State.PENDING), minutes=9)

        async def test():
            async with page(given) as opened:
                await change(job, progress=1)
                await opened.until(lambda page: page.shows(job))
                opened.fresh()
                await looked(watcher, 4)
                assert opened.text == ""

        run(test())

    def test_a_prompt_stays_one_piece_of_text(self, alice):
        prompt = "a\r\rdata: <b>\n\nevent: running\ndata: 99\n\n\u2028 🦊"
        given, job = cookie(alice), long_ago(make_job(alice, State.PENDING, prompt=prompt), minutes=9)

        async def test():
            async with page(given, job=str(job.pk)) as opened:
                await change(job, progress=1)
                await opened.until(lambda page: page.shows(job))
                lines = [line for line in re.split(r"\r\n|\r|\n", opened.text) if line]
                assert all(re.match(r"(id|data|event): ?|:", line) for line in lines)
                assert set(opened.counts) == {1}

        run(test())


class TestTheCount:
    def test_it_comes_first_and_with_every_change(self, alice, bob):
        jobs = [make_job(alice, State.RUNNING), make_job(alice, State.QUEUED)]
        make_job(alice)
        make_job(bob, State.RUNNING)
        given = cookie(alice)

        async def test():
            async with page(given) as opened:
                assert set(opened.counts) == {2}, "it may be said twice"
                await change(jobs[0], state=State.SUCCEEDED)
                await opened.until(lambda page: page.counts[-1] == 1)

        run(test())


class TestComingBack:
    def test_a_page_is_told_what_it_missed(self, alice):
        given = cookie(alice)
        before, after = long_ago(make_job(alice), minutes=9), long_ago(make_job(alice), minutes=3)
        since = (timezone.now() - timedelta(minutes=5)).isoformat()

        async def test():
            async with page(given, since=since) as opened:
                assert opened.shows(after)
                assert not opened.shows(before)
            back = [(b"last-event-id", since.encode())]
            newer = (timezone.now() - timedelta(minutes=1)).isoformat()
            async with page(given, headers=back, since=newer) as opened:
                assert opened.shows(after)

        run(test())

    def test_also_after_a_night(self, alice):
        given, job = cookie(alice), long_ago(make_job(alice), hours=9)

        async def test():
            async with page(given, since=(timezone.now() - timedelta(hours=10)).isoformat()) as opened:
                assert opened.shows(job)

        run(test())

    def test_each_message_says_from_when_to_go_on(self, alice):
        given = cookie(alice)

        async def test():
            async with page(given) as opened:
                told = datetime.fromisoformat(opened.last_id)
                assert timezone.now() - timedelta(seconds=PATIENCE) < told <= timezone.now()

        run(test())

    @pytest.mark.parametrize("since", ["", "x", "2026-01-01", "2026-01-01T00:00", "9" * 400, "0001-01-01T00:00+00:00"])
    def test_an_odd_moment_opens_the_stream_all_the_same(self, alice, since):
        given, job = cookie(alice), long_ago(make_job(alice), days=30)

        async def test():
            async with page(given, since=since) as opened:
                assert set(opened.counts) == {0}
                assert not opened.shows(job)

        run(test())


class TestPolling:
    def test_it_ends_when_it_has_told_what_has_changed(self, alice, watcher):
        given, job = cookie(alice), make_job(alice, State.RUNNING)

        async def test():
            async with page(given, poll="1", since=timezone.now().isoformat()) as opened:
                assert opened.ended
                assert opened.shows(job)
                assert set(opened.counts) == {1}
                assert not watcher.streams
                assert watcher.task is None

        run(test())


class TestTheEnd:
    def test_a_slow_reader_is_let_go(self, alice, watcher):
        given = cookie(alice)

        async def test():
            async with page(given) as opened:
                [stream] = next(iter(watcher.streams.values()))
                for _ in range(stream.queue.maxsize + 1):
                    stream.put(b": news\n\n")
                await opened.until(lambda page: page.ended)

        run(test())

    def test_an_ended_session_ends_the_stream(self, alice, monkeypatch):
        monkeypatch.setattr(live, "HEARTBEAT", 0.01)
        monkeypatch.setattr(live, "SESSION_CHECK", 0.02)
        given = cookie(alice)

        async def test():
            async with page(given) as opened:
                await opened.until(lambda page: page.text.count("still here") > 3)
                assert not opened.ended
                await database.query(Session.objects.all().delete)
                await opened.until(lambda page: page.ended)

        run(test())

    def test_the_watcher_stops_when_nobody_watches_and_starts_again(self, alice, watcher):
        given, job = cookie(alice), long_ago(make_job(alice), minutes=9)

        async def test():
            async with page(given):
                first = watcher.task
                assert not first.done()
            assert not watcher.streams
            async with asyncio.timeout(PATIENCE):
                await first
            async with page(given) as opened:
                await change(job, progress=1)
                await opened.until(lambda page: page.shows(job))

        run(test())

    def test_the_watcher_outlives_what_it_stumbles_over(self, alice, watcher, monkeypatch):
        given, job = cookie(alice), long_ago(make_job(alice), minutes=9)
        looks, faults = watcher.look, [DatabaseError("gone"), KeyError("unknown provider")]

        async def look():
            if faults:
                raise faults.pop()
            await looks()

        monkeypatch.setattr(watcher, "look", look)
        monkeypatch.setattr(live, "AFTER_TROUBLE", 0.01)

        async def test():
            async with page(given) as opened:
                await change(job, progress=1)
                await opened.until(lambda page: page.shows(job))
                assert not faults

        run(test())

    def test_a_job_of_a_provider_that_is_no_more_is_shown_all_the_same(self, alice):
        given, job = cookie(alice), long_ago(make_job(alice, State.PENDING, provider="closed"), minutes=9)

        async def test():
            async with page(given) as opened:
                await change(job, progress=1)
                await opened.until(lambda page: page.shows(job))
                assert "Sent to closed" in opened.text

        run(test())


def test_the_work_of_a_look_does_not_grow_with_the_streams(alice, watcher, monkeypatch):
    """Counted in the thread that asks the database."""
    monkeypatch.setattr(live, "TICK", 3600)  # looks only when told to
    given, job = cookie(alice), make_job(alice, State.RUNNING)

    async def look() -> int:
        await change(job, progress=1)
        captured = await database.query(lambda: CaptureQueriesContext(connection).__enter__())
        await watcher.look()
        await database.query(lambda: captured.__exit__(None, None, None))
        return len(captured)

    async def test():
        async with page(given) as first:
            alone = await look()
            async with page(given) as second, page(given) as third, page(given) as fourth:
                for opened in (first, second, third, fourth):
                    opened.fresh()
                assert await look() == alone
                for opened in (first, second, third, fourth):
                    await opened.until(lambda page: page.shows(job))

    run(test())


class TestTicking:
    def test_words_that_time_changes_are_told_without_a_write(self, alice, watcher, monkeypatch):
        monkeypatch.setattr(live, "EVERY", 0.0)
        waiting = long_ago(make_job(alice, State.QUEUED), hours=1)
        words = iter(["Queued, 2 ahead of you", "Queued, 1 ahead of you"])
        monkeypatch.setattr(sentences, "status", lambda job: next(words, "Queued, next in line"))
        given = cookie(alice)

        async def test():
            async with page(given) as opened:
                opened.fresh()
                await opened.until(lambda page: page.shows(waiting))
                opened.fresh()
                await looked(watcher, times=6)
                opened.fresh()
                await looked(watcher)
                assert not opened.shows(waiting)  # it says the same as before

        run(test())
