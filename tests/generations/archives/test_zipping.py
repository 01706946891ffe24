"""Jobs as a ZIP: their files, a sidecar beside each, and names that every system takes."""

import io
import json
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.archives import zipping
from generations.archives.sidecars import Shown
from generations.models import Job
from generations.organising import tags
from tests.generations.pages.conftest import make_job, png

pytestmark = pytest.mark.django_db


def made(jobs) -> zipfile.ZipFile:
    pieces, length = zipping.planned(jobs)
    content = b"".join(pieces)
    assert length in (len(content), None)
    return zipfile.ZipFile(io.BytesIO(content))


def test_a_sidecar_stands_beside_every_file(alice, keep):
    job = make_job(alice, prompt="A lake, at dawn!", settings={"seed": 42, "negative_prompt": "fog"}, note="for Ann")
    keep(job)
    tags.put(alice, [job.pk], ["Blue", "lake"])
    with made(Job.objects.all()) as archive:
        name = f"{job.created_at:%Y-%m-%d}-a-lake-at-dawn-seed-42.png"
        assert archive.namelist() == [name, f"{name}.json"]
        assert archive.read(name) == png()
        said = json.loads(archive.read(f"{name}.json"))
    assert said["prompt"] == "A lake, at dawn!"
    assert said["settings"] == {"seed": 42, "negative_prompt": "fog"}
    assert said["model"] == {"provider": "local", "id": "studio-image", "name": "Studio Image"}
    assert sorted(said["tags"]) == ["Blue", "lake"]
    assert (said["note"], said["person"], said["seed"]) == ("for Ann", "Alice", 42)
    assert said["file"]["sha256"] == job.outputs.get().sha256
    assert said["cost"]["quoted"] == {"amount": "0", "unit": ""}


def test_what_is_not_shown_is_nowhere_in_it(alice, keep):
    keep(make_job(alice, prompt="secret words", settings={"seed": 77123, "negative_prompt": "hidden"}, note="private"))
    shown = Shown(prompt=False, settings=True, cost=False, person=False, notes=False)
    pieces, _ = zipping.planned(Job.objects.all(), lambda job: shown)
    content = b"".join(pieces)
    for word in (b"secret", b"hidden", b"private", b"Alice", b"quoted"):
        assert word not in content
    assert b"77123" in content
    pieces, _ = zipping.planned(Job.objects.all(), lambda job: Shown(False, False, False, False, False))
    assert b"77123" not in b"".join(pieces)


def test_names_are_plain_and_each_is_there_once(alice, keep):
    for prompt in ("../../etc/passwd", "CON", "a/b\\c:d", "A b c d", "🦊", "x" * 300):
        keep(make_job(alice, prompt=prompt))
    with made(Job.objects.order_by("pk")) as archive:
        names = [name[11:] for name in archive.namelist() if name.endswith(".png")]
    assert names == ["etc-passwd.png", "con.png", "a-b-c-d.png", "a-b-c-d-2.png", "image.png", "x" * 50 + ".png"]


def test_what_is_lost_is_named(alice, keep, media):
    lost, kept = make_job(alice, prompt="lost"), make_job(alice, prompt="kept")
    (media / keep(lost).file).unlink()
    keep(kept)
    with made(Job.objects.all()) as archive:
        assert [name[11:] for name in archive.namelist()] == ["kept.png", "kept.png.json", ""]
        assert "-lost.png" in archive.read("missing.txt").decode()


def test_a_very_large_one_is_planned_as_it_goes(alice, keep, monkeypatch):
    monkeypatch.setattr(zipping, "PLANNED", 2)
    monkeypatch.setattr(zipping, "AT_ONCE", 1)
    for _ in range(4):
        keep(make_job(alice))
    pieces, length = zipping.planned(Job.objects.all())
    assert length is None
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(pieces))).namelist()) == 8


def test_too_many_are_refused_before_the_first_byte(alice, monkeypatch):
    monkeypatch.setattr(zipping, "MOST", 1)
    make_job(alice)
    make_job(alice)
    with pytest.raises(zipping.TooMany):
        zipping.planned(Job.objects.all())


def test_a_hundred_jobs_cost_a_few_queries(alice, keep):
    keep(make_job(alice))

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            made(Job.objects.all())
        return len(captured)

    few = asked()
    for _ in range(20):
        keep(make_job(alice))
    assert asked() == few
