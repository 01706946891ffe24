"""Bodies are refused by their size before anything writes them down."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from studio import bodies
from studio.bodies import LimitedBodies


@pytest.fixture(autouse=True)
def _small(monkeypatch) -> None:
    monkeypatch.setattr(bodies, "USUAL", 10)
    monkeypatch.setattr(bodies, "LARGEST", {"/assets/": 100})


def ask(
    path: str, *pieces: bytes, announced: str | None = None, left: int | None = None
) -> tuple[int | None, bytes | None]:
    """The status of the answer, and the body as the application behind it read it; None where it was not asked, or
    was told that the client had gone. `left`: the pieces that nobody shall have read."""
    read: list[bytes | None] = []
    sent: list[dict[str, Any]] = []
    messages: Iterator[dict[str, Any]] = iter(
        {"type": "http.request", "body": piece, "more_body": more}
        for piece, more in [*((piece, True) for piece in pieces), (b"", False)]
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        for _ in [*pieces, b""]:
            message = await receive()
            if message["type"] == "http.disconnect":
                read.append(None)
                return
            body += message["body"]
        read.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", announced.encode())] if announced is not None else []
    asyncio.run(LimitedBodies(app)({"type": "http", "path": path, "headers": headers}, receive, send))
    assert left is None or len(list(messages)) == left
    return (sent[0]["status"] if sent else None), (read[0] if read else None)


def test_what_fits_comes_through():
    assert ask("/jobs/", b"12345", b"67890", announced="10") == (200, b"1234567890")


def test_what_is_announced_too_large_is_refused():
    assert ask("/jobs/", b"x" * 11, announced="11") == (413, None)


def test_what_is_far_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr(bodies, "DISCARDED", 50)
    assert ask("/jobs/", b"x" * 50, announced="50", left=0) == (413, None)
    assert ask("/jobs/", b"x" * 51, announced="51", left=2) == (413, None)


def test_what_turns_out_too_large_breaks_off():
    assert ask("/jobs/", b"12345", b"678901") == (None, None)
    assert ask("/jobs/", b"12345", b"678901", announced="9") == (None, None)


def test_uploads_may_be_larger():
    assert ask("/assets/", b"x" * 100, announced="100") == (200, b"x" * 100)
    assert ask("/assets/", announced="101") == (413, None)
    assert ask("/assets/../jobs/", announced="50") == (413, None)


@pytest.mark.parametrize("announced", ["", "-5", "1e9", "9" * 40])
def test_an_odd_announcement_is_counted_for_itself(announced: str):
    assert ask("/jobs/", b"x" * 11, announced=announced) == (None, None)


def test_what_is_not_http_passes():
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(LimitedBodies(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
