"""The operator's page: how this Studio is doing, by counts alone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import Failure

from accounts.models import ProviderKey
from generations import operating
from generations.models import Catalogue, Job, Lease, Output
from generations.models.states import State
from tests.generations.conftest import SECRET, make_job, make_key

pytestmark = pytest.mark.django_db


def test_it_is_the_operators(as_alice):
    assert as_alice.get("/operator/").status_code == 404
    assert Client().get("/operator/").url == "/account/login/?next=/operator/"


def test_an_empty_studio_says_what_to_do(as_operator, media):
    page = as_operator.get("/operator/").text
    assert "Not heard from" in page
    assert "manage.py worker" in page
    assert "Nothing is stored yet." in page


def test_the_worker_is_well_while_its_lease_runs():
    lease = Lease.take("shift", owner="here")
    assert operating.worker().is_well
    Lease.objects.filter(pk=lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not operating.worker().is_well
    assert operating.worker().heard_at


def test_what_waits_and_what_is_left_lying(alice):
    key = make_key(alice)
    make_job(key)
    make_job(key, state=State.RUNNING, due_at=timezone.now() - timedelta(minutes=5))
    make_job(key, state=State.UNCONFIRMED, due_at=None)
    make_job(key, state=State.RUNNING, deleted_at=timezone.now(), due_at=None)
    found = operating.queue()
    assert found.jobs == {"Queued": 1, "Generating": 1}
    assert found.unconfirmed == 1
    assert found.late_since < timezone.now() - timedelta(minutes=4)
    Job.objects.update(due_at=timezone.now())
    assert operating.queue().late_since is None


def test_what_waits_for_approval_is_counted_in_words(as_operator, alice, media):
    key = make_key(alice)
    make_job(key, state=State.HELD, due_at=None)
    assert "No job is under way · 1 waits for approval<" in as_operator.get("/operator/").text
    make_job(key, state=State.HELD, due_at=None)
    assert "No job is under way · 2 wait for approval<" in as_operator.get("/operator/").text


def test_tasks_that_failed_are_named_without_what_they_said(as_operator, media):
    now = timezone.now()
    kept = {"func": "generations.tasks.purge", "name": "x", "started": now, "success": False, "result": "a traceback"}
    Failure.objects.create(id="a" * 32, stopped=now, **kept)
    Failure.objects.create(id="b" * 32, stopped=now - timedelta(days=2), **kept)
    assert operating.queue().failures == 1
    page = as_operator.get("/operator/").text
    assert "generations.tasks.purge" in page
    assert "a traceback" not in page


def test_providers_by_what_came_of_a_day(as_operator, alice, media):
    key = make_key(alice)
    make_job(key, "a secret plan", state=State.SUCCEEDED, finished_at=timezone.now())
    for error in ("rate_limited", "rate_limited", "output"):
        make_job(key, "a secret plan", state=State.FAILED, error_kind=error, finished_at=timezone.now())
    ProviderKey.objects.update(status=ProviderKey.Status.REFUSED)
    Catalogue.objects.create(provider=key.provider, key=key, fetched_at=timezone.now(), last_error="away")
    [found] = [provider for provider in operating.providers() if provider.name == key.provider]
    assert (found.made, found.failed, found.lost) == (1, 3, 0)
    assert found.troubles == [("rate limited", 2), ("output", 1)]
    assert found.is_troubled
    assert (found.refused_keys, found.silent_lists) == (1, 1)
    assert found.last_made_at
    page = as_operator.get("/operator/").text
    assert "rate limited 2" in page
    for secret in ("a secret plan", SECRET, key.hint):
        assert secret not in page


def test_who_uses_how_much_and_of_what_limit(as_operator, alice, media):
    alice.storage_limit = 4_000_000
    alice.save()
    job = make_job(make_key(alice), state=State.SUCCEEDED)
    Output.objects.create(job=job, position=0, size=3_000_000, file="a.png")
    [line] = operating.usage()
    assert (line.owner, line.files, line.bytes, line.share) == (alice, 1, 3_000_000, 75)
    assert "75 % of the limit" in as_operator.get("/operator/").text
