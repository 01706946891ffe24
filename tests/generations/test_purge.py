"""What stays of a deleted job when it is removed for good: nothing, or what it cost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations import jobs
from generations.models import Job, JobEvent, Output
from generations.models.states import Charge, State
from generations.organising import trash
from tests.generations.conftest import make_job, write_elsewhere

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=31)


def deleted(key, **fields) -> Job:
    return make_job(key, prompt="a private thought", state=State.SUCCEEDED, deleted_at=LONG_AGO, **fields)


def test_of_what_was_free_nothing_stays(key, media):
    deleted(key, charge=Charge.NO)
    assert trash.purge() == 1
    assert not Job.objects.exists()


@pytest.mark.parametrize("charge", [Charge.YES, Charge.UNKNOWN])
def test_of_what_cost_money_only_the_sum_stays(key, media, charge):
    job = deleted(key, charge=charge, settings={"seed": 1}, actual_amount=Decimal(2), actual_unit="NOK")
    media.mkdir(exist_ok=True)
    (media / "one.png").write_bytes(b"x")
    Output.objects.create(job=job, position=0, name="image", file="one.png")
    assert trash.purge() == 1
    assert trash.purge() == 0, "once is enough"
    job.refresh_from_db()
    assert (job.prompt, job.settings, job.webhook_token) == ("", {}, "")
    assert (job.charge, job.actual_amount, job.actual_unit) == (charge, Decimal(2), "NOK")
    assert not job.outputs.exists()
    assert not job.events.exists()
    assert list(media.iterdir()) == []


def test_what_has_been_removed_is_not_brought_back(key, media):
    job = deleted(key, charge=Charge.YES)
    trash.purge()
    job.refresh_from_db()
    assert not jobs.unhide(job)
    assert Job.objects.get(pk=job.pk).deleted_at is not None


@pytest.mark.django_db(transaction=True)
def test_hundreds_go_while_others_write(key, media, monkeypatch):
    rows = [Job(owner=key.owner, kind="image", state=State.SUCCEEDED, deleted_at=LONG_AGO) for _ in range(201)]
    JobEvent.objects.bulk_create([JobEvent(job=job, kind="deleted") for job in Job.objects.bulk_create(rows)])
    remove, removed = trash._remove, []

    def removing(job):
        if not removed:
            write_elsewhere(key.owner)
        removed.append(job)
        remove(job)

    monkeypatch.setattr(trash, "_remove", removing)
    assert trash.purge() == 201
    assert not Job.objects.exists()
