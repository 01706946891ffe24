"""Serving a FakeProvider: in a thread of a test, or as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.fake_provider.app import App
from tests.fake_provider.provider import FakeProvider

ROOT = Path(__file__).resolve().parents[2]


class Protocol(HttpToolsProtocol):
    """Lets the application close its connection in the middle: scope["transport"]."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["transport"] = self.transport  # type: ignore[typeddict-unknown-key]


def server(app: App) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Protocol,
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


def listen(fake: FakeProvider, port: int = 0) -> socket.socket:
    """A socket on loopback; the provider then knows its own address."""
    sock = socket.create_server(("127.0.0.1", port), backlog=4096)
    fake.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    return sock


@contextmanager
def serve_in_thread(fake: FakeProvider | None = None) -> Iterator[FakeProvider]:
    fake = fake or FakeProvider()
    ready = threading.Event()
    app = App(fake, ready.set)
    sock, running = listen(fake), server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        if not ready.wait(20):
            raise RuntimeError("the fake provider did not start")
        yield fake
    finally:
        running.should_exit = True
        app.close()
        thread.join(20)
        sock.close()


@dataclass
class Remote:
    """A fake provider in another process."""

    url: str
    process: subprocess.Popen[str]

    def control(self, **wishes: Any) -> dict[str, Any]:
        """See FakeProvider.control; answers the counts."""
        answer = httpx.post(f"{self.url}/_control", json=wishes, timeout=20).raise_for_status()
        return answer.json()  # type: ignore[no-any-return]

    def fault(self, on: str, do: str, **details: Any) -> None:
        self.control(faults=[{"on": on, "do": do, **details}])

    def counts(self) -> dict[str, Any]:
        return self.control()


@contextmanager
def run_process(**options: Any) -> Iterator[Remote]:
    """`options` are the command line's: wire, port, polls, seconds, latency, cancel_status, any_id, the wire's own."""
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "tests.fake_provider", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Remote(process.stdout.readline().strip(), process)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
