"""`manage.py up`: everything in one, of which a part may die and none is left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from studio import environment
from studio import up as supervisor
from studio.providers.local.chat import weights
from tests.generations.conftest import until

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["web", "worker", "engine"] + ["chat"] * (weights.find() is not None)


def start(data: Path, port: int, **env: str) -> subprocess.Popen[str]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "studio.settings", "STUDIO_DATA": str(data), "PORT": str(port)} | env
    env |= {"DATABASE_URL": "", "STUDIO_LOG_FORMAT": "text"}
    command = [sys.executable, "manage.py", "up"]
    with (data.parent / f"{port}.log").open("w") as log:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, text=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture(scope="module")
def up(data, port) -> Iterator[subprocess.Popen[str]]:
    data.parent.mkdir(exist_ok=True)
    process = start(data, port)
    try:
        until(lambda: "Studio is ready: http://127.0.0.1" in said(data, port), 90)
        yield process
    finally:
        process.kill()
        process.wait()


def said(data: Path, port: int) -> str:
    return (data.parent / f"{port}.log").read_text()


def answers(port: int, path: str) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10).status_code
    except httpx.TransportError:
        return 0


def children(pid: int) -> dict[str, int]:
    """Our processes' children by what they are."""
    names = {
        "uvicorn": "web",
        "worker": "worker",
        "studio.providers.local.server": "engine",
        "studio.providers.local.chat.server": "chat",
    }
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        found |= {names[word]: int(child) for word in words if word in names}
    return found


def test_all_parts_run_and_are_ready(up, port):
    assert set(children(up.pid)) == set(PARTS)
    until(lambda: answers(port, "/readyz") == 200, 20)
    assert answers(port, "/") == 200


def test_only_the_owner_can_read_the_secret(up, data):
    assert (data / "secret_key").stat().st_mode & 0o077 == 0


def test_a_second_one_on_the_same_data_is_refused(up, data):
    other = free_port()
    second = start(data, other)
    assert second.wait(30) != 0
    assert "already running on the data folder" in said(data, other)


def test_a_port_that_is_taken_is_refused(up, port, tmp_path):
    third = start(tmp_path / "data", port)
    assert third.wait(30) != 0
    assert f"Port {port} on 127.0.0.1 cannot be used" in (tmp_path / f"{port}.log").read_text()


@pytest.mark.parametrize("name", PARTS)
def test_a_child_that_dies_is_started_again_and_said_so(up, data, port, name):
    before = children(up.pid)[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: children(up.pid).get(name, before) != before, 20)
    assert "child.died" in said(data, port)
    until(lambda: answers(port, "/readyz") == 200, 30)


def test_ctrl_c_ends_it_and_leaves_nothing_behind(up, port):
    pids = children(up.pid).values()
    up.send_signal(signal.SIGINT)
    assert up.wait(30) == 0
    assert not any(Path("/proc", str(pid)).exists() for pid in pids)
    assert answers(port, "/healthz") == 0


class TestChat:
    """Whether the built-in chat model is among the children, and what the others are told of it."""

    def children(self, monkeypatch, installed=True, **environ):
        monkeypatch.setattr(weights, "find", lambda: ROOT if installed else None)
        return supervisor._chat(environment.read(environ))

    def test_it_is_started_with_a_key_of_its_own(self, monkeypatch):
        env, (child,) = self.children(monkeypatch)
        assert child.env == env
        assert env["STUDIO_CHAT_URL"].endswith(child.argv[-1].removeprefix("--port="))
        assert len(env["STUDIO_CHAT_TOKEN"]) > 30
        assert not any(env["STUDIO_CHAT_TOKEN"] in word for word in child.argv)
        assert self.children(monkeypatch)[0]["STUDIO_CHAT_TOKEN"] != env["STUDIO_CHAT_TOKEN"]

    @pytest.mark.parametrize("environ", [{"STUDIO_BUILTIN_CHAT": "0"}, {"STUDIO_CHAT_URL": "http://chat.internal"}])
    def test_it_is_not_where_the_operator_has_another_one_or_wants_none(self, monkeypatch, environ):
        assert self.children(monkeypatch, **environ) == ({}, [])

    def test_it_is_not_where_it_is_not_installed(self, monkeypatch):
        assert self.children(monkeypatch, installed=False) == ({}, [])
