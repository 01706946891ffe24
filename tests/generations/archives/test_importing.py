"""Files from anywhere: what they are is seen by their bytes, and nothing they say is believed."""

import json
import struct
import zipfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

from generations import jobs, sentences
from generations.archives import importing, origins, running, sources, working
from generations.archives.working import Progress
from generations.models import Archive, Job
from generations.models.states import Charge, State
from generations.templatetags.archives import left_out
from studio.lib.ids import uuid7
from tests.generations.archives.conftest import zipped
from tests.generations.archives.test_reading import A1111, written
from tests.generations.conftest import write_elsewhere
from tests.generations.pages.conftest import make_job, png

pytestmark = pytest.mark.django_db


def sidecar(**said) -> bytes:
    return json.dumps({"format": "studio.output", "version": 1, **said}).encode()


def test_a_picture_with_what_is_written_in_it(alice, take, tmp_path, media):
    content = written(tmp_path / "a.png", parameters=A1111).read_bytes()
    done = take(alice, fox__png=content)
    assert done.outcome == {"files": 1, "jobs": 1, "skipped": []}
    job = Job.objects.get()
    assert job.prompt == "a red fox, masterpiece\nsecond line"
    assert (job.provider, job.model_name, job.settings["seed"]) == ("imported", "sdxl_base", 3141592653)
    assert (job.state, job.charge, sentences.provider_label(job)) == (State.SUCCEEDED, Charge.NO, "Imported")
    output = job.outputs.get()
    assert Path(media, output.file).read_bytes() == content  # with its marks
    assert (output.width, output.previews) == (8, "ready")
    with pytest.raises(jobs.NotPossible):
        jobs.retry(job, confirmed=True)


def test_without_a_word_it_is_known_by_its_name_and_taken_once(alice, bob, take):
    for owner in (alice, alice, bob):
        done = take(owner, my_lake__png=png())
    assert done.outcome["jobs"] == 1
    assert [job.prompt for job in Job.objects.filter(owner=alice)] == ["my lake"]
    assert Job.objects.filter(owner=bob).count() == 1


def test_a_zip_of_anything(alice, take):
    files = {
        "pictures/one.png": png("red"),
        "../../two.png": png("blue"),
        "__MACOSX/._one.png": png(),
        ".hidden/three.png": png(),
        "notes.txt": b"hello",
        "empty.png": b"",
        "folder/": b"",
    }
    done = take(alice, all__zip=zipped(files))
    assert done.outcome["files"] == 2
    assert done.outcome["skipped"] == [[importing.NO_MEDIUM, 2]]
    assert left_out(done) == [(importing.NO_MEDIUM, 2, "notes.txt, empty.png")]
    assert sorted(Job.objects.values_list("prompt", flat=True)) == ["one", "two"]


def test_loose_files_go_with_their_sidecars(alice, take):
    take(alice, x__png=png(), x__png__json=sidecar(prompt="a hill", job={"id": str(uuid7())}))
    assert Job.objects.get().prompt == "a hill"


def test_an_altered_file_is_left_out(alice, take):
    said = sidecar(job={"id": str(uuid7())}, file={"sha256": "0" * 64})
    done = take(alice, all__zip=zipped({"x.png": png(), "x.png.json": said}))
    assert done.outcome["skipped"] == [[importing.ALTERED, 1]]
    assert not Job.objects.exists()


def test_a_sidecar_is_not_taken_at_its_word(alice, bob, take):
    theirs, future = make_job(bob), "ffffffff-ffff-7fff-bfff-ffffffffffff"
    odd = {
        "prompt": "x\0y\ud800", "settings": {"seed": 10**400, "a": "\0"}, "stars": 99, "colour": "plaid",
        "tags": [1, " a  b "],
        "model": {"provider": ["x"], "id": 5}, "cost": {"charge": "yes", "actual": {"amount": "NaN", "unit": "USD"}},
        "times": {"created_at": "9999-99-99", "finished_at": "2999-01-01T00:00:00Z"}, "inference_seconds": True,
    }  # fmt: skip
    files = {}
    for number, own_id in enumerate([str(theirs.pk), future, "no id", str(uuid7())]):
        files[f"{number}.png"] = png(("red", "blue", "green", "white")[number])
        files[f"{number}.png.json"] = sidecar(job={"id": own_id, "group": str(theirs.group), "place": -1}, **odd)
    done = take(alice, all__zip=zipped(files))
    assert (done.error, done.outcome["files"], done.outcome["jobs"]) == ("", 4, 4)
    now = timezone.now()
    for job in Job.objects.filter(owner=alice):
        assert job.created_at <= now
        assert (job.stars, job.colour, job.charge, job.actual) == (0, "", Charge.NO, None)
        assert job.group != theirs.group
        assert str(job.pk) != future
    theirs.refresh_from_db()
    assert (theirs.owner, theirs.outputs.count()) == (bob, 0)


def test_it_keeps_to_what_a_person_may_store(alice, take):
    alice.storage_limit = 10
    with pytest.raises(working.Unfit, match="room for"):
        take(alice, x__png=png())


def wide(content: bytes, *, decoy: bool = False) -> bytes:
    """The same ZIP with the records of those of more than 4 GB; the locator names a `decoy` before everything else."""
    end = content[-22:]
    length, offset = struct.unpack_from("<II", end, 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, length, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0 if decoy else offset + length, 1)
    return (record if decoy else b"") + content[:-22] + record + locator + end


class TestRoom:
    """Of two pictures, of one upload, for one."""

    def zips(self) -> dict[str, bytes]:
        names = {"one__zip": "red", "two__zip": "blue"}
        return {
            name: zipped({f"{colour}.png": png(colour) + b"\0" * 50_000}, zipfile.ZIP_DEFLATED)
            for name, colour in names.items()
        }

    def test_of_a_person_holds_for_what_comes_out(self, alice, take):
        alice.storage_limit = 60_000
        alice.save()
        done = take(alice, **self.zips())
        assert (done.state, Job.objects.count()) == ("failed", 1)
        assert "Your storage has no room for the rest. What has been imported stays." in done.error

    def test_of_a_person_is_not_taken_by_what_is_here_already(self, alice, take):
        files = self.zips()
        take(alice, **files)
        alice.storage_limit = 100_000 + 4 * len(files["one__zip"])
        alice.save()
        assert take(alice, **files).outcome["skipped"] == [[importing.HERE, 2]]

    def test_of_the_disk(self, alice, take, monkeypatch):
        free = iter([10**12, 10**12])  # for the upload, and the first picture
        monkeypatch.setattr(sources.shutil, "disk_usage", lambda folder: SimpleNamespace(free=next(free, 0)))
        done = take(alice, **self.zips())
        assert (done.state, Job.objects.count()) == ("failed", 1)
        assert "Studio's disk has no room" in done.error

    def test_to_grow_is_one_for_all_zips(self, alice, take, monkeypatch):
        monkeypatch.setattr(sources, "GROWTH_FREE", 60_000)
        done = take(alice, **self.zips())
        assert (done.state, Job.objects.count()) == ("failed", 1)
        assert "far larger" in done.error


def test_ones_own_job_is_not_added_to(alice, take, keep):
    job = make_job(alice)
    keep(job)
    said = sidecar(job={"id": str(job.pk)}, file={"position": 3})
    take(alice, all__zip=zipped({"x.png": png("blue"), "x.png.json": said}))
    assert job.outputs.count() == 1


class TestBombs:
    def test_far_more_than_the_zip_is_large(self, alice, take, monkeypatch):
        monkeypatch.setattr(sources, "GROWTH_FREE", 0)
        bomb = png() + b"\0" * 5_000_000
        done = take(alice, all__zip=zipped({"x.png": bomb}, zipfile.ZIP_DEFLATED))
        assert done.state == Archive.State.FAILED
        assert "far larger" in done.error

    def test_one_file_beyond_its_kind(self, alice, take, monkeypatch):
        monkeypatch.setitem(importing.saving.CAPS, "image", 2**20)
        done = take(alice, all__zip=zipped({"x.png": png() + b"\0" * 2**20, "y.png": png()}))
        assert done.outcome["files"] == 1
        assert done.outcome["skipped"] == [["It is larger than 1 MB.", 1]]

    @pytest.mark.parametrize("limit", ["MOST_MEMBERS", "LARGEST_DIRECTORY"])
    def test_a_directory_without_end(self, alice, take, monkeypatch, limit):
        monkeypatch.setattr(sources, limit, 1)
        done = take(alice, all__zip=zipped({"x.png": png(), "y.png": png()}))
        assert "at most" in done.error

    def test_more_members_than_it_says(self, alice, take, monkeypatch):
        monkeypatch.setattr(sources, "MOST_MEMBERS", 1)
        content = zipped({"x.png": png(), "y.png": png()})
        done = take(alice, all__zip=content[:-14] + struct.pack("<HH", 1, 1) + content[-10:])
        assert "at most" in done.error

    @pytest.mark.parametrize("comment", [b"", b"-" * 2**16], ids=["plain", "with a comment"])
    def test_a_wide_record_is_the_one_that_python_reads(self, tmp_path, comment):
        """Another that its locator names, of few members, is not believed in its place."""
        path, limits = tmp_path / "wide.zip", sources.Allowance(0)
        path.write_bytes(wide(zipped({"x.png": png()})) + comment)
        with sources.opened(path, limits) as source:
            assert [*source] == ["x.png"]
        path.write_bytes(wide(zipped({"x.png": png()}), decoy=True) + comment)
        with pytest.raises(working.Unfit), sources.opened(path, limits):
            pass

    @pytest.mark.parametrize(
        "content",
        [b"PK\3\4", b"PK\3\4" + b"\0" * 100, b"PK\5\6" + b"\xff" * 18, zipped({"x.png": png()})[:-30]],
        ids=["head", "zeros", "directory", "cut"],
    )
    def test_broken_ones_are_refused_in_words(self, alice, take, content):
        done = take(alice, all__zip=content)
        assert done.state == Archive.State.FAILED
        assert ".zip" in done.error

    def test_a_member_that_is_damaged_stops_no_other(self, alice, take):
        content = bytearray(zipped({"x.png": png("red"), "y.png": png("blue")}))
        content[content.index(b"IHDR") + 5] ^= 255
        done = take(alice, all__zip=bytes(content))
        assert done.outcome["files"] == 1
        assert "damaged" in done.outcome["skipped"][0][0]


class TestLife:
    def test_called_twice_it_is_done_once(self, alice, take):
        done = take(alice, x__png=png())
        running.run(done.pk)
        assert Job.objects.count() == 1

    def test_what_a_killed_worker_left_begins_anew(self, alice, media, monkeypatch):
        asked: list[Archive] = []
        monkeypatch.setattr(working, "ask", asked.append)
        lost = Archive.objects.create(
            owner=alice, kind="export", state="working", worker="gone/1", beat_at=timezone.now()
        )
        working.mend()
        assert asked == []
        working.mend(now=timezone.now() + timedelta(minutes=2))
        assert asked == [lost]
        running.run(lost.pk)
        lost.refresh_from_db()
        assert lost.state == Archive.State.DONE

    def test_one_that_breaks_off_each_time_is_given_up(self, alice, media, monkeypatch):
        monkeypatch.setattr(working, "ask", lambda archive: None)
        lost = Archive.objects.create(owner=alice, kind="export")
        for _ in range(working.MOST_STARTS):
            Archive.objects.filter(state="waiting").update(state="working", worker="gone/1", beat_at=timezone.now())
            working.mend(now=timezone.now() + timedelta(minutes=2))
        lost.refresh_from_db()
        assert (lost.state, lost.error) == ("failed", "It broke off 3 times.")

    def test_a_fault_of_studio_ends_it(self, alice, take, monkeypatch):
        monkeypatch.setattr(importing.records, "read", lambda content: 1 / 0)
        done = take(alice, x__png=png(), x__png__json=b"{}")
        assert (done.state, done.error) == ("failed", "Studio had a fault.")

    def test_one_at_a_time(self, alice, bob, media):
        Archive.objects.create(owner=bob, kind="export", state="working", worker="x/1", beat_at=timezone.now())
        archive = Archive.objects.create(owner=alice, kind="export")
        running.run(archive.pk)
        archive.refresh_from_db()
        assert archive.state == Archive.State.WAITING

    def test_a_stopping_worker_puts_it_back(self, alice, keep, monkeypatch):
        keep(make_job(alice))
        archive = Archive.objects.create(owner=alice, kind="export")
        monkeypatch.setattr(working.stopping, "is_set", lambda: True)
        running.run(archive.pk)
        archive.refresh_from_db()
        assert archive.state == Archive.State.WAITING
        assert not [path for path in working.room().iterdir() if path.suffix]

    def test_what_failed_is_tried_again(self, alice, take):
        done = take(alice, all__zip=b"PK\3\4")
        assert working.again(done)
        assert not working.again(done)

    def test_after_seven_days_it_is_gone(self, alice, media):
        archive = Archive.objects.create(owner=alice, kind="export")
        running.run(archive.pk)
        archive.refresh_from_db()
        path = Path(media, archive.file)
        assert working.purge(now=timezone.now() + timedelta(days=6)) == 0
        assert path.exists()
        assert working.purge(now=timezone.now() + timedelta(days=8)) == 1
        assert not path.exists()
        assert not Archive.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_hundreds_are_put_together_while_others_write(alice, monkeypatch):
    jobs = Job.objects.bulk_create([Job(owner=alice, kind="image", state="succeeded") for _ in range(501)])
    archive = Archive.objects.create(owner=alice, kind=Archive.Kind.IMPORT)
    taking, take_in, put_together = importing.Taking(alice, Progress(archive)), origins.take_in, []
    taking.made = {job.pk: origins.Origin(retried=str(jobs[0].pk)) for job in jobs}

    def taking_in(*told):
        if not put_together:
            write_elsewhere(alice)
        put_together.append(told)
        take_in(*told)

    monkeypatch.setattr(origins, "take_in", taking_in)
    taking.mend_references()
    assert Job.objects.filter(parent=jobs[0]).count() == 500
