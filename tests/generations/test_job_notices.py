"""Telling people of the end of jobs: once for a click, when it is worth it, and to whom it concerns."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import Membership, Notice, Team
from generations import allowance, job_notices, jobs, tasks
from generations.models import Job, JobWatch, Output
from generations.models.states import Charge, State
from tests.generations.conftest import IMAGE, PAID, make_job

pytestmark = pytest.mark.django_db
HOUR_AGO = timedelta(hours=1)


def click(key, *states, **fields) -> list[Job]:
    """The jobs of one click, an hour ago, where they stand now."""
    group, now = uuid4(), timezone.now()
    made = []
    for position, state in enumerate(states):
        ended = {"finished_at": now, "due_at": None} if state in ("succeeded", "failed", "cancelled") else {}
        values = {"group": group, "position": position, "state": state, "created_at": now - HOUR_AGO, **ended, **fields}
        made.append(make_job(key, **values))
    return made


def told() -> list[tuple[str, str]]:
    return [(notice.user.name, notice.event) for notice in Notice.objects.order_by("pk")]


def test_a_long_job_that_is_done_is_told_once(key, alice):
    [job] = click(key, "succeeded")
    tasks.tell_of_job(str(job.pk))
    tasks.tell_of_job(str(job.pk))
    notice = Notice.objects.get()
    assert (notice.user, notice.event, notice.text) == (alice, "job_done", "Done: “a red fox”")
    assert notice.url == f"/jobs/{job.pk}/"


def test_twelve_jobs_of_a_click_are_one_notice_after_the_last(key):
    made = click(key, *["succeeded"] * 11, "running")
    for job in made:
        tasks.tell_of_job(str(job.pk))
    assert told() == []
    Job.objects.filter(pk=made[-1].pk).update(state=State.SUCCEEDED, finished_at=timezone.now(), due_at=None)
    for job in made:
        tasks.tell_of_job(str(job.pk))
    notice = Notice.objects.get()
    assert notice.text == "12 done: “a red fox”"
    assert notice.url == f"/compare/?group={made[0].group}"


@pytest.mark.parametrize(
    ("states", "event", "text"),
    [
        (["failed"], "job_failed", "Failed: “a red fox”"),
        (["succeeded", "failed", "cancelled"], "job_failed", "1 of 2 failed or need a look: “a red fox”"),
        (["cancelled", "cancelled"], None, ""),
        (["succeeded", "held"], None, ""),
    ],
)
def test_what_became_of_it_is_said(key, states, event, text):
    made = click(key, *states)
    tasks.tell_of_job(str(made[0].pk))
    assert [(notice.event, notice.text) for notice in Notice.objects.all()] == ([(event, text)] if event else [])


def test_an_unconfirmed_one_is_told_when_it_is_left_to_its_owner(key):
    [job] = click(key, "unconfirmed", due_at=timezone.now())
    tasks.tell_of_job(str(job.pk))
    assert told() == []
    Job.objects.update(due_at=None)
    tasks.tell_of_job(str(job.pk))
    assert Notice.objects.get().text == "Needs a look: “a red fox”"


def test_a_quick_one_is_told_to_who_asked_for_it(key, alice):
    [job] = click(key, "running", created_at=timezone.now())
    Job.objects.update(state=State.SUCCEEDED, finished_at=timezone.now())
    tasks.tell_of_job(str(job.pk))
    assert told() == []
    job_notices.watch(job, alice)  # it was done just before the click
    assert told() == [("Alice", "job_done")]


def test_a_teammate_who_waits_is_told_as_long_as_they_may_see_it(key, alice, bob):
    team = Team.objects.create(name="Posters")
    membership = Membership.objects.create(team=team, user=bob)
    for is_in in (True, False):
        [job] = click(key, "succeeded", team=team)
        JobWatch.objects.create(job=job, user=bob)
        if not is_in:
            membership.delete()
        Notice.objects.all().delete()
        job_notices.settled(job.pk)
        assert told() == ([("Alice", "job_done"), ("Bob", "job_done")] if is_in else [("Alice", "job_done")])


def test_what_was_deleted_is_not_told(key):
    [job] = click(key, "failed", deleted_at=timezone.now())
    tasks.tell_of_job(str(job.pk))
    assert told() == []


def test_the_verbs_that_end_badly_have_it_told(key, django_capture_on_commit_callbacks):
    [failing, losing] = make_job(key, state=State.RUNNING), make_job(key, state=State.UNCONFIRMED)
    ending = make_job(key, state=State.RUNNING)
    OrmQ.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert failing.fail(kind="output", message="No.", charge=Charge.NO, among=[State.RUNNING])
        assert ending.end_cancelled(charge=Charge.NO, among=[State.RUNNING])
        assert losing.leave_to_person(candidates=[], why="Nothing was found.")
        assert not failing.fail(kind="output", message="No.", charge=Charge.NO, among=[State.RUNNING])
    queued = [(task.func(), task.args()) for task in OrmQ.objects.order_by("pk")]
    assert queued == [("generations.tasks.tell_of_job", (str(job.pk),)) for job in (failing, ending, losing)]


def test_one_says_on_the_page_that_one_wants_to_be_told(client, key, alice, bob):
    job = make_job(key, state=State.RUNNING)
    client.force_login(alice)
    assert "Tell me when it is done" in client.get(f"/jobs/{job.pk}/").text
    client.post(f"/jobs/{job.pk}/watch/")
    client.post(f"/jobs/{job.pk}/watch/")
    assert JobWatch.objects.get().user == alice
    assert "You will be told" in client.get(f"/jobs/{job.pk}/").text
    answer = client.post(f"/jobs/{job.pk}/unwatch/", headers={"HX-Request": "true"})
    assert "Tell me when it is done" in answer.text
    assert not JobWatch.objects.exists()
    client.force_login(bob)
    assert client.post(f"/jobs/{job.pk}/watch/").status_code == 404


def order(key) -> jobs.Order:
    return jobs.Order(key.provider, key, IMAGE, "a red fox", {}, PAID)


def test_no_more_jobs_are_under_way_than_the_operator_allows(key, alice):
    alice.open_jobs_limit = 2
    jobs.create(alice, [order(key)])
    with pytest.raises(jobs.NotPossible, match=r"2 jobs under way at a time. 1 is now"):
        jobs.create(alice, [order(key), order(key)])
    assert Job.objects.count() == 1
    jobs.create(alice, [order(key)])
    Job.objects.update(state=State.SUCCEEDED)
    jobs.create(alice, [order(key), order(key)])


def test_where_the_storage_is_full_nothing_new_is_made(key, alice, monkeypatch):
    monkeypatch.setattr(allowance, "KNOWN_FOR", 0)
    job = make_job(key, state=State.SUCCEEDED)
    Output.objects.create(job=job, position=0, size=900, file="a.png")
    alice.storage_limit = 901
    jobs.create(alice, [order(key)])
    alice.storage_limit = 900
    with pytest.raises(jobs.NotPossible, match="storage is full"):
        jobs.create(alice, [order(key)])
