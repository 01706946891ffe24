"""ZIPs over HTTP, and the page of exports and imports."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.urls import reverse

from accounts.models import AuditEntry, Membership, Team, TeamRole
from generations.archives import running, zipping
from generations.models import AlbumItem, Archive, Job
from generations.organising import albums
from studio import asgi
from tests.generations.pages.conftest import make_job, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(alice):
    """As one does of the ASGI server; the answer, and what was streamed."""
    client = AsyncClient()
    client.force_login(alice)

    def ask(address: str, method: str = "get", data=None, **headers: str):
        async def asked():
            response = await getattr(client, method)(address, data, headers=headers)
            body = response.content if not response.streaming else b"".join([part async for part in response])
            return response, body

        return async_to_sync(asked)()

    return ask


def names(body: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return [name.partition("-")[2][6:] for name in archive.namelist() if name.endswith(".png")]


def sidecars(body: bytes) -> list[dict]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]


class TestZips:
    def test_of_a_selection(self, alice, bob, keep, ask):
        mine, other, theirs = make_job(alice, prompt="one"), make_job(alice, prompt="two"), make_job(bob, prompt="bobs")
        for job in (mine, other, theirs):
            keep(job)
        response, body = ask(reverse("gallery-zip"), "post", {"job": [str(mine.pk), str(theirs.pk)]})
        assert names(body) == ["one.png"]
        assert response["Content-Type"] == "application/zip"
        assert response["Content-Length"] == str(len(body))
        assert response["Content-Disposition"].startswith('attachment; filename="studio-selection-')
        assert "no-store" in response["Cache-Control"]

    def test_of_all_that_a_search_finds(self, alice, keep, ask):
        for prompt, kind in (("lake", "image"), ("lake film", "video"), ("hill", "image")):
            keep(make_job(alice, prompt=prompt, kind=kind))
        assert sorted(names(ask(reverse("gallery-zip"), "post", {"query": "?kind=image"})[1])) == [
            "hill.png",
            "lake.png",
        ]
        assert len(names(ask(reverse("gallery-zip"), "post", {"query": "?"})[1])) == 3

    def test_of_a_teammates_job_that_is_shared(self, alice, bob, keep, ask):
        team, job = Team.objects.create(name="T"), make_job(bob, prompt="shared")
        for user, role in ((alice, TeamRole.VIEWER), (bob, TeamRole.OWNER)):
            Membership.objects.create(team=team, user=user, role=role)
        keep(job)
        Job.objects.update(team=team)
        assert names(ask(reverse("job-zip", args=[job.pk]))[1]) == ["shared.png"]

    def test_teammates_marks_and_inputs_are_not_in_theirs(self, alice, bob, keep, ask):
        team = Team.objects.create(name="T")
        for user in (alice, bob):
            Membership.objects.create(team=team, user=user)
        begun = {"image": "https://example.com/a.png?token=secret", "rows": [{"clip": "https://example.com/?secret"}]}
        given = {"settings": {"seed": 7, **begun}, "note": "private", "stars": 4, "colour": "red", "team": team}
        jobs = [make_job(owner, prompt=owner.name, **given) for owner in (alice, bob)]
        for job in jobs:
            keep(job)
        album = albums.create(alice, "Both")
        AlbumItem.objects.bulk_create(AlbumItem(album=album, job=job, place=n) for n, job in enumerate(jobs))
        posted = {"job": [str(job.pk) for job in jobs]}
        for asked in [(reverse("gallery-zip"), "post", posted), (reverse("album-zip", args=[album.pk]),)]:
            mine, theirs = sorted(sidecars(ask(*asked)[1]), key=lambda said: said["prompt"])
            assert (mine["note"], mine["stars"], mine["settings"]) == ("private", 4, {"seed": 7, **begun})
            assert theirs["settings"] == {"seed": 7}
            assert not {"note", "stars", "colour", "favourite", "tags"} & set(theirs)
        assert "secret" not in str(sidecars(ask(reverse("job-zip", args=[jobs[1].pk]))[1]))

    def test_of_an_album_in_its_order_and_of_a_smart_one(self, alice, keep, ask):
        album, smart = albums.create(alice, "Posters"), albums.create(alice, "Films", query="kind=video")
        for place, (prompt, kind) in enumerate((("b", "image"), ("a", "video"))):
            job = make_job(alice, prompt=prompt, kind=kind)
            keep(job)
            AlbumItem.objects.create(album=album, job=job, place=place)
        response, body = ask(reverse("album-zip", args=[album.pk]))
        assert names(body) == ["b.png", "a.png"]
        assert "studio-posters-" in response["Content-Disposition"]
        assert names(ask(reverse("album-zip", args=[smart.pk]))[1]) == ["a.png"]

    @pytest.mark.parametrize(
        "data", [{}, {"job": ["x"]}, {"query": "?q=nothing+like+it"}], ids=["none", "odd", "nothing"]
    )
    def test_nothing_to_download_is_said(self, as_alice, data):
        answer = as_alice.post(reverse("gallery-zip"), data, follow=True)
        assert "None of these has a file" in answer.content.decode()

    def test_too_many_are_said(self, as_alice, alice, keep, monkeypatch):
        monkeypatch.setattr(zipping, "MOST", 1)
        for _ in range(2):
            keep(make_job(alice))
        answer = as_alice.post(reverse("gallery-zip"), {"query": "?"}, follow=True)
        assert "One ZIP holds at most" in answer.content.decode()


class TestPage:
    def test_an_export_from_the_button_to_the_file(self, as_alice, alice, keep, ask, media):
        keep(make_job(alice, prompt="mine"))
        assert "None yet" in as_alice.get(reverse("archives")).content.decode()
        as_alice.post(reverse("archive-export"))
        page = as_alice.get(reverse("archives")).content.decode()
        assert "Waiting for its turn" in page
        assert "every 2s" in page
        assert as_alice.post(reverse("archive-export"), follow=True).content.decode().count("Waiting for its turn") == 1
        archive = Archive.objects.get()
        assert as_alice.get(reverse("archive-file", args=[archive.pk])).status_code == 404
        running.run(archive.pk)
        page = as_alice.get(reverse("archives")).content.decode()
        assert "1 file, 1 job" in page
        assert "every 2s" not in page
        _, body = ask(reverse("archive-file", args=[archive.pk]))
        assert len(zipfile.ZipFile(io.BytesIO(body)).namelist()) == 5
        assert ask(reverse("archive-file", args=[archive.pk]), range="bytes=0-3")[1] == b"PK\3\4"
        actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert actions == ["export.started", "export.downloaded"]
        as_alice.post(reverse("archive-delete", args=[archive.pk]))
        assert not Path(media, archive.file or "x").is_file()

    def test_an_import_of_files(self, as_alice, media):
        files = [SimpleUploadedFile("a hill.png", png()), SimpleUploadedFile("b.txt", b"text")]
        assert as_alice.post(reverse("archive-import"), {"file": files})["Location"] == reverse("archives")
        running.run(Archive.objects.get().pk)
        page = as_alice.get(reverse("archives")).content.decode()
        assert "1 file, 1 job" in page
        assert "no picture, clip or sound" in page
        job = Job.objects.get()
        for address in (reverse("gallery"), reverse("job", args=[job.pk]), reverse("spend")):
            assert as_alice.get(address).status_code == 200
        shown = as_alice.get(reverse("job", args=[job.pk])).content.decode()
        assert "Imported file" in shown
        assert "Try again" not in shown
        assert as_alice.get(f"{reverse('create')}?from={job.pk}").status_code == 200

    def test_no_file_is_said(self, as_alice, media):
        answer = as_alice.post(reverse("archive-import"))
        assert answer.status_code == 422
        assert "Choose a file first." in answer.content.decode()

    def test_the_list_alone_for_htmx(self, as_alice):
        body = as_alice.get(reverse("archives"), headers={"HX-Request": "true"}).content.decode()
        assert body.strip().startswith("<section")


def test_a_sidecar_of_a_teammates_job_names_no_key(alice, gpu, keep, ask):
    job = make_job(alice, provider="wayscloud-gpu", key=gpu)
    keep(job)
    _, body = ask(reverse("job-zip", args=[job.pk]))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        said = json.loads(archive.read(archive.namelist()[1]))
    assert "key" not in said
    assert b"wxyz" not in body


def test_a_strangers_large_upload_is_not_written_down(db):
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"content-length", b"20000000"), (b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "POST", "path": "/archives/import/", "headers": headers, "query_string": b""}
    async_to_sync(asgi.application)(scope, receive, send)
    assert sent[0]["status"] == 413
