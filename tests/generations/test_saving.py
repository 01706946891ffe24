"""Results are copied whole, or it is said why not; what they cost stays."""

from pathlib import Path

import pytest

from generations import jobs, previews
from generations.models import Output
from generations.models.states import Charge, State
from generations.shift import pace, saving
from tests.generations.conftest import VIDEO, make_job, shift_at_work, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pace, "save_again_in", lambda failures: 0.1 if failures < 3 else None)


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("fault", "details", "why"),
    [
        ("huge", {"size": 3_000_000}, "larger than"),
        ("html", {}, "sent HTML"),
        ("raw", {"body": "%PDF-1.7 …"}, "the provider sent"),
        ("redirect", {"location": "http://10.0.0.1/secret"}, "private address"),
        ("redirect", {"location": "http://169.254.169.254/latest/meta-data"}, "private address"),
        ("redirect", {"location": "file:///etc/passwd"}, "http"),
        ("truncate", {}, "could not be"),
        ("status", {"status": 500}, "500"),
        ("status", {"status": 404}, "404"),
        ("drop", {}, "could not be reached"),
    ],
)
def test_what_cannot_be_fetched_fails_with_the_charge_kept(fake, key, media, monkeypatch, fault, details, why):
    monkeypatch.setitem(saving.CAPS, "image", 2_000_000)
    fake.fault("output", fault, **details)
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.FAILED)
    assert (job.error_kind, job.charge) == ("output", Charge.YES)
    assert why in job.error or "let go" in job.error
    assert "made and charged" in job.error
    assert files(media) == []


@pytest.mark.parametrize(
    ("fault", "details"),
    [("truncate", {}), ("drop", {}), ("status", {"status": 503}), ("status", {"status": 403})],
)
def test_what_fails_in_passing_is_fetched_again(fake, key, media, fault, details):
    fake.fault("output", fault, times=2, **details)
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert len(files(media)) == 1


def test_the_download_can_be_tried_again_by_hand(fake, key):
    fault = fake.fault("output", "html")
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.FAILED)
        fake.faults.remove(fault)
        assert jobs.resave(job)
        until_state(job, State.SUCCEEDED)
    assert fake.received["a red fox"] == 1
    assert job.error == ""


def test_every_output_is_kept_in_order(fake, key):
    fake.fault("job", "files", body={"image": ["{url}", "{url}?2"], "preview": "{url}?3", "none": None})
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert [output.name for output in job.outputs.all()] == ["image", "image-2", "preview"]
    assert all(output.file for output in job.outputs.all())


def test_an_address_that_has_run_out_is_renewed(fake, key):
    job = make_job(key)
    fake.fault("output", "status", status=503, times=1)
    with shift_at_work():
        until(lambda: Output.objects.filter(job=job).update(remote_url=fake.url + "/files/gone.png"))
        until_state(job, State.SUCCEEDED)


def test_a_file_that_cannot_be_written_is_tried_again(fake, key, media):
    media.write_text("in the way of the folder")
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SAVING)
        until(lambda: type(job).objects.get(pk=job.pk).failures)
        media.unlink()
        until_state(job, State.SUCCEEDED)


@pytest.mark.parametrize("model", [None, VIDEO])
def test_previews_are_made_beside_it_and_twice_is_once(fake, key, media, model):
    job = make_job(key, **({"model": model} if model else {}))
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    for _ in range(2):
        previews.make(job.pk)
        [output] = job.outputs.all()
        assert output.previews == Output.Previews.READY
        assert Path(media, output.thumbnail).exists()
        assert Path(media, output.preview).exists()
        assert output.placeholder.startswith("data:image/webp")
        assert len(files(media)) == 3


def test_previews_that_fail_fail_no_job(fake, key, media):
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    [output] = job.outputs.all()
    Path(media, output.file).write_bytes(b"\x89PNG\r\n\x1a\n, and then nothing")
    previews.make(job.pk)
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED
    assert job.outputs.get().previews == Output.Previews.FAILED
    assert "failed" not in timeline(job)
