"""The trash by its addresses."""

import re

import pytest

from generations.models import Job
from generations.organising import trash
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def gone(as_alice, alice, keep) -> Job:
    job = make_job(alice, prompt="a lost fox")
    keep(job, b"x" * 1500)
    as_alice.post("/gallery/delete/", {"job": str(job.pk)})
    return job


def test_it_says_what_is_in_it_when_it_goes_and_what_it_takes(as_alice, gone):
    html = as_alice.get("/trash/").content.decode()
    assert "a lost fox" in html
    assert re.search("Goes </span>in (30|29)\u00a0days", html)
    assert "1.5\u00a0kB</strong> in the trash" in html


def test_its_owner_sees_the_picture_there_alone(as_alice, as_bob, gone):
    address = f"/trash/{gone.pk}/0/"
    assert as_alice.get(f"/media/{gone.pk}/0/thumbnail/").status_code == 404
    assert as_alice.get(address).status_code == 200
    assert as_bob.get(address).status_code == 404
    as_alice.post("/gallery/restore/", {"job": str(gone.pk)})
    assert as_alice.get(address).status_code == 404


def test_one_is_brought_back(as_alice, gone):
    html = as_alice.post("/gallery/restore/", {"job": str(gone.pk), "said": "yes"}, follow=True).content.decode()
    assert "Brought back 1." in html
    assert "The trash is empty" in as_alice.get("/trash/").content.decode()


def test_for_good_is_asked_for_first(as_alice, gone, monkeypatch):
    monkeypatch.setattr(trash, "async_task", lambda task: None)
    html = as_alice.post("/trash/purge/", {"all": "yes"}).content.decode()
    assert "Delete it for good?" in html
    assert trash.of(gone.owner).exists()
    html = as_alice.post("/trash/purge/", {"all": "yes", "sure": "yes"}, follow=True).content.decode()
    assert "Deleted 1 for good." in html
    assert not trash.of(gone.owner).exists()


def test_anothers_trash_is_left_alone(as_bob, gone):
    as_bob.post("/trash/purge/", {"job": str(gone.pk), "sure": "yes"})
    as_bob.post("/trash/purge/", {"all": "yes", "sure": "yes"})
    as_bob.post("/gallery/restore/", {"job": str(gone.pk)})
    assert trash.of(gone.owner).exists()


def test_everything_found_is_deleted_and_the_next_page_undoes_it(as_alice, alice):
    make_job(alice)
    kept = make_job(alice, kind="video")
    assert as_alice.post("/gallery/delete/", {"query": "?kind=image"}, headers=HTMX)["HX-Refresh"] == "true"
    assert list(Job.objects.filter(deleted_at=None)) == [kept]
    html = as_alice.get("/gallery/").content.decode()
    moment = html.partition('name="at" value="')[2].partition('"')[0]
    as_alice.post("/gallery/restore/", {"at": moment})
    assert Job.objects.filter(deleted_at=None).count() == 2


@pytest.mark.parametrize("at", ["", "now", "2020-01-01", "2020-13-01T00:00:00+00:00"])
def test_an_odd_moment_brings_nothing_back(as_alice, gone, at):
    as_alice.post("/gallery/restore/", {"at": at})
    assert trash.of(gone.owner).exists()


def test_storage_is_a_sentence(as_alice, as_bob, gone):
    assert not as_bob.get("/storage/", headers=HTMX).content.strip(), "no files, no words"
    assert "Your files take" in as_alice.get("/storage/", headers=HTMX).content.decode()
    assert as_alice.get("/storage/")["Location"] == "/trash/"
