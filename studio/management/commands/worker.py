"""`manage.py worker`: the django-q2 cluster, made ready for the shift, and watched.

A cluster can deadlock without any of its processes dying (one that was killed while it held the queue's lock), so
the main process looks at the shift's lease: where nobody renews it, it ends the cluster, to be started anew.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from datetime import timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import connections
from django_q.cluster import Cluster
from django_q.signals import post_spawn

from generations import tasks
from generations.models import Lease
from generations.shift.stopping import stopping

PR_SET_PDEATHSIG = 1
LOOK_EVERY = 2.0  # seconds
SILENT = timedelta(seconds=10)  # then a shift is started, wherever the last one was
DEAF = timedelta(seconds=40)  # then the cluster does not start what it is told to

log = structlog.get_logger(__name__)


class StudioCluster(Cluster):  # type: ignore[misc]  # django-q2 has no types
    """Tells the tasks of its end, which SIGTERM does not reach."""

    ended = False

    def stop(self) -> bool:
        stopping.set()
        self.ended = True
        return bool(super().stop())


class Command(BaseCommand):
    help = "Runs the background worker: sending, polling, saving, previews."

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("django-q").setLevel(logging.WARNING)  # it tells of every task
        tasks.plan()
        connections.close_all()  # none of them may be shared with the children
        # A cluster whose main process was killed would go on without it, headless.
        os.register_at_fork(after_in_child=_die_with_parent)
        post_spawn.connect(_begin, dispatch_uid="start-shift")
        cluster = StudioCluster()
        cluster.start()
        _watch(cluster)


def _watch(cluster: StudioCluster) -> None:
    began = looked = time.monotonic()
    while not cluster.ended:
        time.sleep(LOOK_EVERY / 20)  # a signal does not shorten it, and a stop should not wait for it
        if time.monotonic() - looked < LOOK_EVERY:
            continue
        looked = time.monotonic()
        try:
            silence = min(Lease.silence("shift"), timedelta(seconds=time.monotonic() - began))
            if silence > DEAF and not cluster.ended:
                log.critical("worker.deaf", seconds=round(silence.total_seconds()))
                os.kill(os.getpid(), signal.SIGKILL)  # what is deadlocked hears nothing less; the children follow
            if silence > SILENT:
                tasks.start_shift()
        except DatabaseError as error:
            log.warning("worker.database", reason=str(error))
            connections.close_all()


def _begin(**_: Any) -> None:
    """At start, and when a worker that died was replaced: the next shift need not wait for the clock."""
    tasks.start_shift()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
