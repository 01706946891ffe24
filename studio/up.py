"""The supervisor behind `manage.py up`: web, worker, built-in engine and chat model as children of one small process.

It loads neither Django nor the database, so it costs a few megabytes.
"""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from typing import Any

from studio import environment
from studio.lib import logs
from studio.lib.supervise import Child, Supervisor
from studio.providers.local.chat import weights

# One heap for all threads: glibc gives each thread its own, which the interpreter lets only one of them use at a time.
LEAN = {"MALLOC_ARENA_MAX": "1"}
GRACE = 8.0  # seconds for a clean stop: more than `REPLY_PATIENCE`, that replies under way get


def main() -> None:
    values = environment.read()
    logs.set_up(json={"json": True, "text": False}.get(values["STUDIO_LOG_FORMAT"]))
    host, port = values["STUDIO_HOST"], values["PORT"]
    of_engine, engine = _engine(values)
    of_chat, chat = _chat(values)
    shared = LEAN | of_engine | of_chat
    children = [_web(host, port, shared), _worker(shared), *engine, *chat]
    address = values["STUDIO_PUBLIC_URL"] or f"http://{_shown(host)}:{port}"
    say = logs.get("studio.up").info
    Supervisor(children, say=say, grace=GRACE, on_ready=lambda: _announce(address)).run()


def _web(host: str, port: int, env: Mapping[str, str]) -> Child:
    words = {
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": "httptools",
        "lifespan": "on",
        "timeout-graceful-shutdown": 1,
        "log-level": "warning",
    }
    options = [f"--{name}={value}" for name, value in words.items()]
    argv = [sys.executable, "-m", "uvicorn", "studio.asgi:application", "--no-server-header", *options]
    return Child(name="web", argv=argv, env=env, ready=lambda: _answers(_shown(host), port))


def _worker(env: Mapping[str, str]) -> Child:
    return Child(name="worker", argv=[sys.executable, str(environment.ROOT / "manage.py"), "worker"], env=env)


def _engine(values: Mapping[str, Any]) -> tuple[dict[str, str], list[Child]]:
    """What the other children have to know of the engine, and the engine, unless the operator runs one elsewhere."""
    if values["STUDIO_ENGINE_URL"]:
        return {}, []
    port = _free_port()
    env = {"STUDIO_ENGINE_URL": f"http://127.0.0.1:{port}", "STUDIO_ENGINE_TOKEN": secrets.token_urlsafe(32)}
    spool = str(values["STUDIO_DATA"] / "engine")
    argv = [sys.executable, "-m", "studio.providers.local.server", f"--port={port}", f"--spool={spool}"]
    return env, [Child(name="engine", argv=argv, env=env)]


def _chat(values: Mapping[str, Any]) -> tuple[dict[str, str], list[Child]]:
    """The same for the chat model, where it is installed and wanted."""
    if values["STUDIO_CHAT_URL"] or not values["STUDIO_BUILTIN_CHAT"] or not weights.find():
        return {}, []
    port = _free_port()
    env = {"STUDIO_CHAT_URL": f"http://127.0.0.1:{port}", "STUDIO_CHAT_TOKEN": secrets.token_urlsafe(32)}
    argv = [sys.executable, "-m", "studio.providers.local.chat.server", f"--port={port}"]
    return env, [Child(name="chat", argv=argv, env=env)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _shown(host: str) -> str:
    """An address that a browser on this machine can open."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _announce(address: str) -> None:
    sys.stdout.write(f"\nStudio is ready: {address}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.chdir(environment.ROOT)
    main()
