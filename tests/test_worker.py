"""The worker's main process watches the shift's lease."""

import signal
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule

from generations import tasks
from generations.models import Lease
from studio.management.commands import worker

pytestmark = pytest.mark.django_db


class Cluster:
    """Ended when it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    @property
    def ended(self) -> bool:
        self.looks -= 1
        return self.looks < 0


@pytest.fixture
def killed(monkeypatch) -> list[int]:
    signals: list[int] = []
    monkeypatch.setattr(worker.os, "kill", lambda pid, number: signals.append(number))
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(worker, "SILENT", timedelta(seconds=0.01))
    monkeypatch.setattr(worker, "DEAF", timedelta(seconds=0.05))
    return signals


def test_a_lease_that_is_renewed_keeps_it_quiet(killed):
    ahead = timezone.now() + timedelta(minutes=1)
    Lease.objects.create(name="shift", owner="x/1/1", renewed_at=ahead)
    worker._watch(Cluster(200))
    assert killed == []
    assert OrmQ.objects.count() == 0


def test_silence_starts_a_shift_and_then_ends_the_cluster(killed):
    worker._watch(Cluster(200))
    assert OrmQ.objects.first().func() == tasks.SHIFT
    assert signal.SIGKILL in killed


def test_the_schedules_are_written_once(db):
    tasks.plan()
    tasks.plan()
    assert set(Schedule.objects.values_list("func", flat=True)) == set(tasks.SCHEDULES)


def test_every_scheduled_task_exists():
    for name in tasks.SCHEDULES:
        assert callable(import_string(name))
