"""A server on loopback that does to a connection what a test says, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Handler = Callable[[socket.socket, threading.Event], None]


@dataclass
class Raw:
    """`connections` were accepted, `requests` are the bytes that `received` read from them."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def received(self, connection: socket.socket) -> bytes:
        """One whole request, by its Content-Length."""
        content = b""
        while b"\r\n\r\n" not in content:
            content += _more(connection)
        head, _, body = content.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0]):
            body += _more(connection)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError
    return piece


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    lines = {"Content-Length": str(len(body)), "Connection": "close", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@contextmanager
def raw_server(
    handle: Callable[[Raw, socket.socket], None], *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Raw]:
    """Each connection in a thread of its own; it is closed when `handle` returns."""
    listener = socket.create_server(("127.0.0.1", port))
    raw = Raw(listener.getsockname()[1])

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            handle(raw, stack.enter_context(tls.wrap_socket(connection, server_side=True)) if tls else connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                raw.connections += 1
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield raw
    finally:
        raw.over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
