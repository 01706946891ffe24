"""A whole Studio as a process: what `make run` starts, on a free port and a data folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]


class Studio:
    """`start`, `stop` (as Ctrl-C would), `start` again: the data folder stays."""

    def __init__(self, data: Path, **environ: str) -> None:
        self.port = free_port()
        self.data = data
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_"))}
        settings = {"STUDIO_DATA": str(data), "PORT": str(self.port), "STUDIO_PRIVATE_HOSTS": "127.0.0.1"}
        self.environ = {**inherited, **settings, **environ}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: str = "/readyz", within: float = 120) -> float:
        """Seconds until the address `ready` answered 200."""
        began = time.monotonic()
        self.data.mkdir(parents=True, exist_ok=True)
        self.log = (self.data / "up.log").open("ab")
        command = [sys.executable, "manage.py", "up"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=self.log, stderr=self.log)
        while not self.answers(ready):
            if self.process.poll() is not None or time.monotonic() - began > within:
                raise RuntimeError(f"Studio did not start:\n{self.said()}")
            time.sleep(0.02)
        return time.monotonic() - began

    def answers(self, path: str) -> bool:
        try:
            return httpx.get(self.url + path, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, *, within: float = 15) -> float:
        """Seconds that a clean stop took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(within)
        self.log.close()
        return time.monotonic() - began

    def said(self) -> str:
        return (self.data / "up.log").read_text(errors="replace")[-4000:]

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=True)
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def descendants(pid: int) -> list[int]:
    """The process and all that it started, and they."""
    found = [pid]
    for children in (Path("/proc") / str(pid) / "task").glob("*/children"):
        for child in children.read_text().split():
            found += descendants(int(child))
    return found
