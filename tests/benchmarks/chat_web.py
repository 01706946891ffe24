"""What relays the streams: Studio's web process with a data folder of its own, and nginx, where there is one."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx

from studio.up import LEAN
from tests.e2e.studio import ROOT, free_port

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Served:
    """A server, and the process in which its work is done."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds, of the user and the system."""
        fields = (Path("/proc") / str(self.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def status(self, name: str) -> int:
        """A number of /proc/<pid>/status: Threads, VmRSS (kB)."""
        lines = (Path("/proc") / str(self.pid) / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@dataclass
class Prepared:
    """What people would have made: a session, and conversations to ask in."""

    session: str
    conversations: list[str]
    model: str
    data: str  # the folder

    def replies(self) -> dict[str, tuple[float, str]]:
        """By conversation: when its reply was written down to be asked for (on the wall's clock), and its text."""
        with closing(sqlite3.connect(Path(self.data) / "studio.sqlite3")) as database:
            asked = "SELECT conversation_id, created_at, text FROM generations_message WHERE role = 'assistant'"
            rows = database.execute(asked).fetchall()
        moment = datetime.fromisoformat
        return {str(UUID(key)): (moment(f"{at}+00:00").timestamp(), text) for key, at, text in rows}


@contextmanager
def studio(llm: str, conversations: int) -> Iterator[tuple[Served, Prepared]]:
    with tempfile.TemporaryDirectory(prefix="studio-bench-", ignore_cleanup_errors=True) as data:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_"))}
        env |= {"STUDIO_DATA": data, "DATABASE_URL": "", "REDIS_URL": "", "STUDIO_PRIVATE_HOSTS": "127.0.0.1"}
        env |= LEAN | {"DJANGO_SETTINGS_MODULE": "studio.settings", "STUDIO_LOG_FORMAT": "text"}
        for command in (["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        prepare = [sys.executable, "-m", "tests.benchmarks.chat_prepare", llm, str(conversations)]
        said = subprocess.run(prepare, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
        port = free_port()
        options = [f"--port={port}", "--loop=uvloop", "--http=httptools", "--lifespan=on", "--log-level=warning"]
        command = [sys.executable, "-m", "uvicorn", "studio.asgi:application", "--no-server-header", *options]
        with _running(command, env, f"http://127.0.0.1:{port}/healthz") as pid:
            yield Served(port, pid), Prepared(**json.loads(said.splitlines()[-1]), data=data)


@contextmanager
def nginx(llm: str) -> Iterator[Served | None]:
    """None where it is not installed."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="studio-nginx-") as folder:
        port = free_port()
        config = Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port, upstream=llm.removeprefix("http://")))
        command = [found, "-p", folder, "-e", f"{folder}/error.log", "-c", str(config)]
        with _running(command, dict(os.environ), f"http://127.0.0.1:{port}/up") as pid:
            yield Served(port, pid)


NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location = /up {{ return 200; }}
        location / {{
            proxy_pass http://{upstream};
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_read_timeout 600;
        }}
    }}
}}
"""


@contextmanager
def _running(command: list[str], env: dict[str, str], address: str) -> Iterator[int]:
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        give_up_at = time.monotonic() + 60
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
