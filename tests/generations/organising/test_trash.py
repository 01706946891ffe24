"""What was deleted: brought back, or gone for good; and what files take."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations import jobs
from generations.models import Job, JobEvent
from generations.models.states import State
from generations.organising import bulk, storage, trash
from generations.organising.bulk import Wish
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db


def delete(user, *deleted: Job):
    now = timezone.now()
    return trash.hide(user, [job.pk for job in deleted], at=now), now


def test_all_of_a_click_are_brought_back_by_its_moment(alice):
    before, ended, queued = make_job(alice), make_job(alice), make_job(alice, State.QUEUED)
    delete(alice, before)
    gone, now = delete(alice, ended, queued)
    assert set(gone) == {ended.pk, queued.pk}
    queued.refresh_from_db()
    assert (queued.state, queued.deleted_at) == (State.CANCELLED, now)
    assert trash.restore(trash.of(alice).filter(deleted_at=now)) == 2
    assert list(trash.of(alice)) == [before]
    assert list(ended.events.values_list("kind", flat=True)) == ["created", "deleted", "restored"]


def test_twice_is_once(alice):
    job = make_job(alice)
    delete(alice, job)
    assert delete(alice, job)[0] == []
    assert JobEvent.objects.filter(kind="deleted").count() == 1


def test_nobody_elses_is_deleted_or_listed(alice, bob):
    job = make_job(bob)
    assert delete(alice, job)[0] == []
    delete(bob, job)
    assert not trash.of(alice).exists()


def test_the_last_deleted_comes_first_page_by_page(alice, monkeypatch):
    monkeypatch.setattr(trash, "PAGE", 2)
    made = [make_job(alice) for _ in range(5)]
    delete(alice, made[3])
    delete(alice, made[0], made[1], made[2], made[4])  # of one moment: the newest first
    seen, before = [], ""
    for _ in range(3):
        page, before = trash.page(alice, before)
        seen += page
    assert seen == [made[4], made[2], made[1], made[0], made[3]]
    assert before == ""


def test_what_goes_for_good_goes_at_once_and_its_files_with_the_next_purge(alice, keep, media, monkeypatch):
    monkeypatch.setattr(trash, "async_task", lambda task: None)
    gone, stays = make_job(alice), make_job(alice)
    keep(gone)
    keep(stays)
    delete(alice, gone, stays)
    assert trash.expire(trash.of(alice).filter(pk=gone.pk)) == 1
    assert list(trash.of(alice)) == [stays]
    assert not jobs.unhide(Job.objects.get(pk=gone.pk))
    assert trash.purge() == 1
    assert not Job.objects.filter(pk=gone.pk).exists()
    assert not [path for path in media.iterdir() if gone.pk.hex in path.name]
    assert [path for path in media.iterdir() if stays.pk.hex in path.name]


def test_after_thirty_days_it_is_not_listed(alice):
    make_job(alice, deleted_at=timezone.now() - timedelta(days=30, seconds=1))
    last = make_job(alice, deleted_at=timezone.now() - timedelta(days=29))
    assert list(trash.of(alice)) == [last]
    assert trash.goes_at(last) == last.deleted_at + timedelta(days=30)


def test_everything_found_is_deleted_and_undone(alice, monkeypatch):
    monkeypatch.setattr("generations.search.asking.PAGE", 2)
    for _ in range(5):
        make_job(alice)
    now = timezone.now()
    assert bulk.everything(alice, Wish(delete_at=now), "").count == 5
    assert trash.restore(trash.of(alice).filter(deleted_at=now)) == 5


def test_what_was_undone_meanwhile_is_deleted_no_further(alice, monkeypatch):
    monkeypatch.setattr("generations.search.asking.PAGE", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    tasks: list[tuple[object, ...]] = []
    monkeypatch.setattr(bulk, "async_task", lambda name, *sent: tasks.append(sent))
    for _ in range(6):
        make_job(alice)
    make_job(alice, deleted_at=timezone.now())  # another time
    now = timezone.now()
    bulk.everything(alice, Wish(delete_at=now), "")
    bulk.go_on(*tasks[0])
    assert Job.objects.filter(deleted_at=now).count() == 4, "it goes on while nobody undoes it"
    trash.restore(trash.of(alice).filter(deleted_at=now))
    bulk.go_on(*tasks[1])
    assert not Job.objects.filter(deleted_at=now).exists()
    assert len(tasks) == 2


def test_storage_is_told_by_whom_and_of_what(alice, bob, keep):
    kept, trashed = make_job(alice), make_job(alice)
    keep(kept, b"x" * 10)
    keep(trashed, b"x" * 5)
    keep(make_job(bob), b"x" * 100)
    delete(alice, trashed)
    assert storage.used(alice) == storage.Used(results=15, trash=5, uploads=0)
    assert [(share.owner, share.files, share.bytes) for share in storage.by_owner()] == [(bob, 1, 100), (alice, 2, 15)]
