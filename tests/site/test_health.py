"""Is the process up; is all of it ready."""

from datetime import timedelta

import pytest
from django.db import Error
from django.utils import timezone

from generations.models import Lease
from studio import health


@pytest.fixture
def worker(db) -> Lease:
    return Lease.objects.create(name="shift", owner="here/1/1", expires_at=timezone.now() + timedelta(seconds=9))


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_the_process_answers_without_the_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_every_part_is(client, worker):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "worker": "ok", "storage": "ok"}


@pytest.mark.django_db
def test_not_ready_before_the_worker_was_ever_heard_from(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["worker"] == "not heard from"


@pytest.mark.parametrize("expires_at", [None, timezone.now() - timedelta(seconds=1)])
def test_not_ready_when_the_worker_is_silent(client, worker, expires_at):
    Lease.objects.update(expires_at=expires_at)
    assert client.get("/readyz").status_code == 503


def test_not_ready_where_results_cannot_be_kept(client, worker, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "worker": "ok", "storage": "not writable"}


def test_not_ready_without_the_database_and_nothing_of_it_is_told(client, worker, monkeypatch):
    class Broken:
        def __getattr__(self, name):
            raise Error("password=secret host=db")

    monkeypatch.setattr(health, "connection", Broken())
    monkeypatch.setattr(health.Lease, "objects", Broken())
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"
    assert b"secret" not in response.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_rejects_post(client, path):
    assert client.post(path).status_code == 405
