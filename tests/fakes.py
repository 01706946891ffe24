"""Serving a fake of somebody else's server: in a thread of a test, or as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 20  # seconds


class Fake(Protocol):
    """What is served; it is told its own address."""

    url: str


class App(Protocol):
    """An ASGI application over a fake. It says when it is `ready`, and lets go of what it holds open by `close`."""

    def close(self) -> None: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


F = TypeVar("F", bound=Fake)


class Cutting(HttpToolsProtocol):
    """Lets the application close its connection in the middle: scope["transport"]."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["transport"] = self.transport  # type: ignore[typeddict-unknown-key]


def server(app: App) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Cutting,
            loop="uvloop",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            timeout_keep_alive=60,
            backlog=4096,
        )
    )


def listen(fake: Fake, port: int = 0) -> socket.socket:
    """A socket on loopback; the fake then knows its own address."""
    sock = socket.create_server(("127.0.0.1", port), backlog=4096)
    fake.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    return sock


@contextmanager
def in_thread(fake: F, app_of: Callable[[F, Callable[[], None]], App]) -> Iterator[F]:
    ready = threading.Event()
    app = app_of(fake, ready.set)
    sock, running = listen(fake), server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        if not ready.wait(PATIENCE):
            raise RuntimeError(f"{type(fake).__name__} did not start")
        yield fake
    finally:
        running.should_exit = True
        app.close()
        thread.join(PATIENCE)
        sock.close()


@dataclass
class Remote:
    """A fake in another process."""

    url: str
    process: subprocess.Popen[str]

    def control(self, **wishes: Any) -> dict[str, Any]:
        """What its own `control` takes; answers the counts."""
        answer = httpx.post(f"{self.url}/_control", json=wishes, timeout=PATIENCE).raise_for_status()
        return answer.json()  # type: ignore[no-any-return]

    def counts(self) -> dict[str, Any]:
        return self.control()


R = TypeVar("R", bound=Remote)


@contextmanager
def as_process(module: str, kind: type[R], options: dict[str, Any]) -> Iterator[R]:
    """`options` are the command line's of that module, which prints its address first."""
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield kind(process.stdout.readline().strip(), process)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
