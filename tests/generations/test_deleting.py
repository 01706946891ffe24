"""Deleting at the provider too."""

import pytest
from django.test import Client
from django_q.models import OrmQ, Schedule

from accounts.models import ProviderKey
from generations import deleting, jobs
from generations.models import Job
from generations.models.states import State
from studio.providers.base import ModelInfo
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.generations.conftest import PAID, make_job, timeline

WAVESPEED = "wavespeed"
MODEL = ModelInfo("wavespeed-ai/flux-dev", "FLUX dev", "image")
SECRET = "wsk_0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings):
    with serve_in_thread(FakeProvider(wire=WAVESPEED)) as provider:
        settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, WAVESPEED: provider.url}
        yield provider


@pytest.fixture
def job(alice, fake) -> Job:
    """One that has been made."""
    key = ProviderKey(owner=alice, provider=WAVESPEED, label="Work")
    key.conceal(SECRET)
    key.save()
    [job] = jobs.create(alice, [jobs.Order(WAVESPEED, key, MODEL, "a red fox", {}, PAID)])
    remote = fake.add_job(SECRET, "a red fox")
    Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED, remote_id=remote.id, due_at=None)
    job.refresh_from_db()
    return job


def test_it_is_gone_there_and_hidden_here(job, fake):
    assert jobs.hide(job, at_provider=True)
    assert OrmQ.objects.count() == 1
    deleting.delete(job.pk)
    assert not fake.jobs
    assert timeline(job)[-3:] == ["deleted", "deleting_there", "deleted_there"]
    assert not deleting.is_possible(job)
    deleting.delete(job.pk)  # again: nothing happens
    assert timeline(job).count("deleted_there") == 1


def test_it_is_only_done_where_it_is_asked_for(job, fake):
    jobs.hide(job)
    assert not OrmQ.objects.exists()
    assert fake.jobs


def test_one_that_is_gone_there_already_is_deleted(job, fake):
    fake.jobs.clear()
    fake.fault("delete", "status", status=404)
    deleting.delete(job.pk)
    assert timeline(job)[-1] == "deleted_there"


def test_what_fails_in_passing_is_tried_again_a_few_times(job, fake):
    fake.fault("delete", "status", status=503)
    for failures in range(len(deleting.AGAIN_AFTER)):
        deleting.delete(job.pk, failures)
    assert Schedule.objects.filter(func=deleting.TASK).count() == len(deleting.AGAIN_AFTER)
    last = Schedule.objects.filter(func=deleting.TASK).order_by("next_run").last()
    assert last.args == f"'{job.pk}', {len(deleting.AGAIN_AFTER)}"
    assert "not_deleted_there" not in timeline(job)
    deleting.delete(job.pk, len(deleting.AGAIN_AFTER))
    assert timeline(job)[-1] == "not_deleted_there"


def test_a_refusal_is_final_and_said(job, fake):
    fake.fault("delete", "status", status=403)
    deleting.delete(job.pk)
    event = job.events.last()
    assert (event.kind, bool(event.detail["why"])) == ("not_deleted_there", True)
    assert not Schedule.objects.filter(func=deleting.TASK).exists()


def test_without_its_key_nobody_can_ask(job, fake):
    job.key.delete()
    deleting.delete(job.pk)
    assert job.events.last().detail == {"why": deleting.NO_KEY}
    assert fake.jobs


@pytest.mark.parametrize("fields", [{"remote_id": ""}, {"state": State.RUNNING}])
def test_what_the_provider_does_not_have_or_still_makes_is_not_asked_for(job, fields):
    Job.objects.update(**fields)
    job.refresh_from_db()
    assert not deleting.ask(job)


def test_a_provider_that_deletes_nothing_is_not_asked(alice):
    key = ProviderKey(owner=alice, provider="wayscloud-gpu", label="Work")
    key.conceal("wayscloud_gpu_abc12_0123456789abcdef")
    key.save()
    assert not deleting.is_possible(make_job(key, state=State.SUCCEEDED, remote_id="r-1"))


def test_the_page_offers_it_where_it_is_possible(job, as_alice: Client):
    page = as_alice.get(f"/jobs/{job.pk}/").content.decode()
    assert 'name="at_provider" value="yes"' in page
    assert "Delete at WaveSpeedAI too" in page
    as_alice.post(f"/jobs/{job.pk}/delete/", {"at_provider": "yes"})
    assert timeline(job)[-1] == "deleting_there"
    as_alice.post(f"/jobs/{job.pk}/delete/", {"at_provider": "yes"})
    assert timeline(job).count("deleting_there") == 1
