"""Uploads to addresses that others name: a real server on loopback takes them, or does not."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from studio.lib.fetch import AsyncTransport, BadStatus, Egress, FetchError, Forbidden, Unreachable, upload

BODY = os.urandom(700_000)


class Taker:
    """A server that reads a request to its end and answers as it was told."""

    def __init__(self, said: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", *, hang: bool = False) -> None:
        self.said, self.hang = said, hang
        self.head, self.body = b"", b""
        self.over: asyncio.Event | None = None

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.over = asyncio.Event()
        try:
            self.head = await reader.readuntil(b"\r\n\r\n")
            if self.hang:
                await reader.read()
                return
            self.body = await reader.readexactly(int(self.header("content-length")))
            writer.write(self.said)
            await writer.drain()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.over.set()

    def header(self, name: str) -> str:
        lines = dict(line.split(": ", 1) for line in self.head.decode().split("\r\n")[1:] if line)
        return {key.lower(): value for key, value in lines.items()}.get(name, "")


def send(tmp_path: Path, taker: Taker, url: str = "http://127.0.0.1:{port}/put?sig=a%2Fb", **options: object) -> None:
    path = tmp_path / "file"
    path.write_bytes(BODY)

    async def run() -> None:
        server = await asyncio.start_server(taker, "127.0.0.1", 0)
        transport = AsyncTransport(options.pop("egress", Egress(["127.0.0.1"])))  # type: ignore[arg-type]
        try:
            filled = url.replace("{port}", str(server.sockets[0].getsockname()[1]))
            await upload(transport, filled, path, **{"headers": {}, "timeout_total": 5, **options})  # type: ignore[arg-type]
        finally:
            await transport.aclose()
            server.close()
            if taker.over:
                await taker.over.wait()

    asyncio.run(run())


def test_it_arrives_byte_for_byte(tmp_path: Path):
    taker = Taker()
    send(tmp_path, taker, headers={"Content-Type": "image/png", "x-amz-acl": "private"})
    assert taker.body == BODY
    assert taker.head.startswith(b"PUT /put?sig=a%2Fb HTTP/1.1\r\n")
    assert (taker.header("content-type"), taker.header("x-amz-acl")) == ("image/png", "private")
    assert taker.header("content-length") == str(len(BODY))
    assert not taker.header("transfer-encoding")


def test_no_credentials_go_along_whatever_the_ticket_says(tmp_path: Path):
    taker = Taker()
    given = {"Authorization": "Bearer x", "Cookie": "a=b", "Host": "evil.example", "Content-Length": "3"}
    send(tmp_path, taker, headers=given)
    assert not taker.header("authorization")
    assert not taker.header("cookie")
    assert taker.header("host").startswith("127.0.0.1")
    assert taker.body == BODY


@pytest.mark.parametrize("status", ["201 Created", "204 No Content"])
def test_every_kind_of_success_is_one(tmp_path: Path, status: str):
    send(tmp_path, Taker(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode()), method="POST")


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Oops", "307 Elsewhere\r\nlocation: http://127.0.0.1:1/"])
def test_everything_else_is_not(tmp_path: Path, status: str):
    """No redirect is followed: the bytes were leave for one place."""
    with pytest.raises(BadStatus) as caught:
        send(tmp_path, Taker(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode()))
    assert caught.value.status == int(status[:3])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://user:password@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "nonsense",
    ],
)
def test_private_places_are_not_reached(tmp_path: Path, url: str):
    taker = Taker()
    with pytest.raises(Forbidden):
        send(tmp_path, taker, url, egress=Egress())
    assert taker.head == b""


def test_it_ends_in_time(tmp_path: Path):
    with pytest.raises(Unreachable, match=r"after 0\.2 s"):
        send(tmp_path, Taker(hang=True), timeout_total=0.2)


def test_nobody_there(tmp_path: Path):
    with pytest.raises(FetchError):
        send(tmp_path, Taker(), "http://127.0.0.1:9/")
