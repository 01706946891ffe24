"""Who a process is, beyond its number, which the system hands out again: `host/pid/start`.

On Linux `host` names the machine, its current boot and the container, and `start` is the tick in which the process
began, so two processes never share an identity. Elsewhere `start` is empty and only the number is known.
"""

import hashlib
import os
import socket
from functools import cache
from pathlib import Path

PROC = Path("/proc")
STATE, START = 0, 19  # fields of /proc/<pid>/stat, counted from the one after the command's name


def me() -> str:
    return f"{_host()}/{os.getpid()}/{_start(os.getpid()) or ''}"


def is_alive(identity: str) -> bool | None:
    """Whether that very process runs; None when it belongs to another host or container and cannot be told."""
    host, pid, start = identity.rsplit("/", 2)
    if host != _host():
        return None
    if start:
        return _start(int(pid)) == start
    return _exists(int(pid))


@cache
def _host() -> str:
    place = f"{_text(PROC / 'sys/kernel/random/boot_id')}{_pid_namespace()}"
    return f"{socket.gethostname()}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def _pid_namespace() -> str:
    try:
        return os.readlink(PROC / "self/ns/pid")
    except OSError:
        return ""


def _start(pid: int) -> str | None:
    """The tick since boot in which it began; None when it is gone, a zombie, or /proc is not to be had."""
    fields = _text(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return None if not fields or fields[STATE] in "ZX" else fields[START]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
