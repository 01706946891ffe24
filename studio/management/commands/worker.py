"""`manage.py worker`: the django-q2 cluster, made ready for the shift."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django_q.cluster import Cluster
from django_q.signals import post_spawn

from generations import tasks
from generations.shift.stopping import stopping

PR_SET_PDEATHSIG = 1


class StudioCluster(Cluster):  # type: ignore[misc]  # django-q2 has no types
    """Tells the tasks of its end, which SIGTERM does not reach."""

    def stop(self) -> bool:
        stopping.set()
        return bool(super().stop())


class Command(BaseCommand):
    help = "Runs the background worker: sending, polling, saving, previews."

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("django-q").setLevel(logging.WARNING)  # it tells of every task
        tasks.plan()
        # A cluster whose main process was killed would go on without it, headless.
        os.register_at_fork(after_in_child=_die_with_parent)
        post_spawn.connect(_begin, dispatch_uid="start-shift")
        StudioCluster().start()


def _begin(**_: Any) -> None:
    """At start, and when a worker that died was replaced: the next shift need not wait for the clock."""
    tasks.start_shift()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
