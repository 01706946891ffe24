"""A language model on loopback, alice's key for it, replies that wait to be written, and a desk that writes them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.db import connection

from accounts.models import ProviderKey, User
from generations.chats import posting
from generations.chats.replies import desk as desks
from generations.chats.replies import following, ledger, painter, writing
from generations.chats.replies.desk import Desk
from generations.chats.replies.hub import Hub
from generations.models import Message, ReplyState, Role
from studio import database
from studio.database import query
from tests.fake_llm import FakeLlm, serve_in_thread

SECRET = "sk-0123456789abcdef"
PATIENCE = 10.0


@pytest.fixture(scope="module")
def served() -> Iterator[FakeLlm]:
    with serve_in_thread() as model:
        yield model


@pytest.fixture
def llm(served, settings) -> FakeLlm:
    settings.PRIVATE_HOSTS = ("127.0.0.1",)
    served.reset()
    served.speed = 20
    return served


@pytest.fixture
def key(alice, llm) -> ProviderKey:
    return make_key(alice, llm)


def make_key(owner: User, llm: FakeLlm, **fields: Any) -> ProviderKey:
    key = ProviderKey(owner=owner, provider="openai", label="Work", base_url=f"{llm.url}/v1", **fields)
    key.conceal(SECRET)
    key.save()
    return key


def ask(key: ProviderKey, message: str = "Hello", /, **fields: Any) -> Message:
    """A reply that waits to be written; `fields` put it into another state."""
    asked = {"provider": key.provider, "key": key, "model": "fake-small"}
    conversation = posting.begin(key.owner, **asked)
    said = Message.objects.create(conversation=conversation, role=Role.USER, text=message)
    given = {"role": Role.ASSISTANT, "state": ReplyState.PENDING, **asked, **fields}
    return Message.objects.create(conversation=conversation, parent=said, **given)


@pytest.fixture
def quick(monkeypatch) -> Iterator[None]:
    """Clocks that tick faster than in real life; at the end the database's thread lets go of its connection."""
    monkeypatch.setattr(desks, "TICK", 0.02)
    monkeypatch.setattr(following, "LOOK", 0.02)
    monkeypatch.setattr(following, "AFTER_TROUBLE", 0.02)
    monkeypatch.setattr(ledger, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(ledger, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(painter, "FRAME", 0.002)
    monkeypatch.setattr(writing, "BREATH", 0)
    yield
    database._thread.submit(lambda: connection.close()).result()  # the thread's own


@asynccontextmanager
async def at_work(hub: Hub | None = None, writer: str = "") -> AsyncIterator[Desk]:
    desk = Desk(hub or Hub())
    await desk.open()
    desk.writer = writer or desk.writer
    try:
        yield desk
    finally:
        await desk.close(0)


def run(test: Awaitable[None]) -> None:
    asyncio.run(test)  # type: ignore[arg-type]


async def until(condition: Callable[[], Any]) -> Any:
    """Waits for it to be so, and answers what it said; it may ask the database."""
    async with asyncio.timeout(PATIENCE):
        while not (answer := await query(condition)):  # noqa: ASYNC110  a database sets no event
            await asyncio.sleep(0.005)
    return answer


async def ended(reply: Message) -> Message:
    def has_ended() -> bool:
        reply.refresh_from_db()
        return not reply.is_under_way

    await until(has_ended)
    return reply


def write(*replies: Message) -> None:
    """Asks for them, and waits until all have ended."""

    async def work() -> None:
        async with at_work() as desk:
            desk.call(*(reply.pk for reply in replies))
            for reply in replies:
                await ended(reply)

    run(work())
