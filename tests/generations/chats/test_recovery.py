"""Replies whose writer is gone: which are, and what becomes of them."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from generations import tasks
from generations.chats.replies import recovery
from generations.models import Message, ReplyPiece, ReplyState
from studio.lib import process
from tests.e2e.studio import Studio, free_port
from tests.fake_llm.scripts import answer
from tests.generations.chats.conftest import ask
from tests.generations.conftest import until
from tests.generations.test_killed import ROOT, database_url

pytestmark = pytest.mark.django_db(transaction=True)

DEAD = f"{process.me().rsplit('/', 2)[0]}/{2**22 + 1}/1"  # a process of this machine that there is not
ELSEWHERE = "another-machine/7/1"


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def state_of(reply: Message) -> str:
    reply.refresh_from_db()
    return reply.state


class TestWhich:
    @pytest.mark.parametrize(
        ("writer", "beat", "is_abandoned"),
        [
            (DEAD, 0, True),
            (ELSEWHERE, 5, False),
            (ELSEWHERE, 25, True),
            (process.me(), 0, False),
            (process.me(), 25, False),
            (process.me(), 400, True),
        ],
        ids=["dead", "elsewhere", "silent elsewhere", "here", "busy here", "forgotten here"],
    )
    def test_a_reply_that_is_written(self, key, writer, beat, is_abandoned):
        reply = ask(key, state=ReplyState.WRITING, writer=writer, started_at=ago(500), beat_at=ago(beat))
        assert recovery.interrupt_abandoned() == is_abandoned
        assert state_of(reply) == (ReplyState.INTERRUPTED if is_abandoned else ReplyState.WRITING)

    def test_one_that_was_never_asked(self, key):
        fresh, old = ask(key), ask(key, created_at=ago(25))
        assert recovery.interrupt_abandoned() == 1
        assert (state_of(fresh), state_of(old)) == (ReplyState.PENDING, ReplyState.INTERRUPTED)
        assert (old.error_kind, old.error) == ("crash", recovery.UNASKED)

    def test_one_that_was_just_asked_for_again(self, key):
        reply = ask(key, state=ReplyState.INTERRUPTED, writer=DEAD, created_at=ago(900), beat_at=ago(900))
        assert reply.ask_again(keep_text=True)
        assert recovery.interrupt_abandoned() == 0

    def test_those_that_have_ended_are_left_alone(self, key):
        reply = ask(key, state=ReplyState.DONE, writer=DEAD, beat_at=ago(900))
        assert recovery.interrupt_abandoned() == 0
        assert state_of(reply) == ReplyState.DONE


class TestWhatBecomesOfThem:
    def test_what_was_written_down_is_kept(self, key):
        reply = ask(key, text="Once", state=ReplyState.WRITING, writer=DEAD, started_at=ago(9), beat_at=ago(9))
        for text, is_reasoning in ((" upon", False), ("Hm.", True), (" a time", False)):
            ReplyPiece.objects.create(message=reply, text=text, is_reasoning=is_reasoning)
        tasks.settle_replies()
        assert state_of(reply) == ReplyState.INTERRUPTED
        assert (reply.text, reply.reasoning) == ("Once upon a time", "Hm.")
        assert (reply.error_kind, reply.error) == ("crash", recovery.CUT)
        assert not reply.pieces.exists()

    def test_the_worker_looks_each_minute(self):
        assert tasks.SCHEDULES["generations.tasks.settle_replies"] == 1


@contextmanager
def web(settings, **env: str):
    """A web process of Studio on the test's own database; (process, address)."""
    port = free_port()
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "STUDIO_DATA": str(settings.DATA),
        "DATABASE_URL": database_url(),
        "STUDIO_PRIVATE_HOSTS": "127.0.0.1",
        **env,
    }
    command = [sys.executable, "-m", "uvicorn", "studio.asgi:application", f"--port={port}", "--log-level=warning"]
    started = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60)
        yield started, f"http://127.0.0.1:{port}"
    finally:
        started.kill()
        started.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def post(url: str, session: str) -> None:
    """As a browser would."""
    token = "s" * 32
    cookies = {site.SESSION_COOKIE_NAME: session, site.CSRF_COOKIE_NAME: token}
    answer = httpx.post(url, data={"csrfmiddlewaretoken": token}, cookies=cookies, timeout=20)
    assert answer.status_code == 302, answer.text


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[site.SESSION_COOKIE_NAME].value


class TestKilled:
    def test_a_reply_survives_its_process_up_to_half_a_second(self, alice, key, llm, settings):
        llm.speed = 4
        reply = ask(key, "[slow] [stall]", state=ReplyState.FAILED)
        with web(settings) as (server, address):
            post(f"{address}/chat/messages/{reply.pk}/retry/", session_of(alice))
            until(lambda: ReplyPiece.objects.filter(message=reply).exists())
            server.send_signal(signal.SIGKILL)
            server.wait()
        assert state_of(reply) == ReplyState.WRITING
        with web(settings):
            assert state_of(reply) == ReplyState.INTERRUPTED
        assert reply.text
        assert answer("[slow] [stall]")[0].startswith(reply.text)
        assert (reply.error_kind, reply.error) == ("crash", recovery.CUT)
        assert len(llm.exchanges) == 1


class TestStopped:
    """`manage.py up`, asked to stop as Ctrl-C does."""

    @pytest.fixture
    def studio(self, settings):
        up = Studio(settings.DATA, DATABASE_URL=database_url(), STUDIO_ENGINE_URL="http://127.0.0.1:1")
        up.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings"
        up.start()
        try:
            yield up
        finally:
            if up.process.poll() is None:
                up.process.kill()
                up.process.wait()

    def test_replies_get_some_time_to_end_and_then_are_marked(self, alice, key, llm, settings, studio):
        llm.speed = 2
        brief, endless = ask(key, "[slow]", state=ReplyState.FAILED), ask(key, "[stall]", state=ReplyState.FAILED)
        for reply in (brief, endless):
            post(f"{studio.url}/chat/messages/{reply.pk}/retry/", session_of(alice))
        until(lambda: ReplyPiece.objects.filter(message=brief).exists())
        studio.stop()
        assert (state_of(brief), brief.text) == (ReplyState.DONE, answer("[slow]")[0])
        assert (state_of(endless), endless.error_kind) == (ReplyState.INTERRUPTED, "shutdown")
        assert endless.text == answer("[stall]")[0]
