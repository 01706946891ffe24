"""Serving a FakeLlm: in a thread of a test, or as a process of its own."""

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

from tests.fake_llm.app import App
from tests.fake_llm.llm import FakeLlm
from tests.fake_provider.server import server

ROOT = Path(__file__).resolve().parents[2]


def listen(llm: FakeLlm, port: int = 0) -> socket.socket:
    """A socket on loopback; the model then knows its own address."""
    sock = socket.create_server(("127.0.0.1", port), backlog=4096)
    llm.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    return sock


@contextmanager
def serve_in_thread(llm: FakeLlm | None = None) -> Iterator[FakeLlm]:
    llm = llm or FakeLlm()
    ready = threading.Event()
    app = App(llm, ready.set)
    sock, running = listen(llm), server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        if not ready.wait(20):
            raise RuntimeError("the fake model did not start")
        yield llm
    finally:
        running.should_exit = True
        app.close()
        thread.join(20)
        sock.close()


@dataclass
class Remote:
    """A fake model in another process."""

    url: str
    process: subprocess.Popen[str]

    def control(self, **wishes: Any) -> dict[str, Any]:
        """See FakeLlm.control; answers the counts."""
        answer = httpx.post(f"{self.url}/_control", json=wishes, timeout=20).raise_for_status()
        return answer.json()  # type: ignore[no-any-return]

    def counts(self) -> dict[str, Any]:
        return self.control()

    def sent(self, number: int) -> bytes:
        """The bytes of the answer to one chat request, by its number from 1."""
        return httpx.get(f"{self.url}/_control/{number}", timeout=20).raise_for_status().content


@contextmanager
def run_process(**options: Any) -> Iterator[Remote]:
    """`options` are the command line's: port, speed, keyed."""
    words = ["--with-parent=1", *(f"--{name}={value}" for name, value in options.items())]
    command = [sys.executable, "-m", "tests.fake_llm", *words]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Remote(process.stdout.readline().strip(), process)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
