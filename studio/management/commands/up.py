"""`manage.py up`: all of Studio in one. Prepares the data folder, then gives way to the supervisor `studio.up`."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Runs web, worker and built-in engine as one, until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        lock = _lock(settings.DATA / "up.lock")
        _check_port(settings.HOST, settings.PORT)
        _migrate()
        _collect_static(settings.STATIC_ROOT / ".fingerprint")
        connections.close_all()
        os.set_inheritable(lock, True)
        # Django is not needed any more: the supervisor takes this process over, a fifth of its size.
        os.execv(sys.executable, [sys.executable, "-m", "studio.up"])  # noqa: S606  our own module


def _lock(path: Path) -> int:
    """Held until this process ends, also after it has become the supervisor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"Studio is already running on the data folder {path.parent}.") from None
    return descriptor


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Set PORT to another one."
            ) from None


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)


def _collect_static(mark: Path) -> None:
    """Only when a file was added, removed or changed since the last time."""
    found = sorted(
        (path, stat.st_size, stat.st_mtime_ns)
        for finder in get_finders()
        for path, storage in finder.list([])
        if (stat := os.stat(storage.path(path)))
    )
    fingerprint = hashlib.sha256(repr(found).encode()).hexdigest()
    if mark.exists() and mark.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
    mark.write_text(fingerprint)
