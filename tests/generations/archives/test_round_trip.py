"""What one has, out of one Studio and into another: all of it, and none of it twice."""

import hashlib
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Notice
from generations.models import (
    Album,
    AlbumItem,
    Asset,
    ChatPreset,
    Conversation,
    Job,
    JobSource,
    Message,
    Output,
    SavedPrompt,
)
from generations.models.states import Charge, State
from generations.money import spend
from generations.money.amounts import Month
from generations.organising import albums, tags
from generations.search import Search
from tests.generations.pages.conftest import make_job, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(alice, keep, media):
    """Alice's jobs: one of two files and with everything noted, one made from it, one that failed; and the rest."""
    asset = Asset.objects.create(
        owner=alice, name="ref.png", file="ref.png", kind="image", content_type="image/png", size=9, sha256="a" * 64
    )
    media.mkdir(exist_ok=True)
    (media / "ref.png").write_bytes(png("blue"))
    job = make_job(
        alice, prompt="a lake", provider="wavespeed", model="flux", model_name="FLUX", note="for Ann", stars=4,
        settings={"seed": 7, "image": f"asset:{asset.pk}"}, quoted_amount=Decimal("0.5"), quoted_unit="USD",
        actual_amount=Decimal("0.6"), actual_unit="USD", charge=Charge.YES, is_favourite=True, colour="red",
    )  # fmt: skip
    for position, colour in enumerate(("red", "green")):
        keep(job, png(colour), position)
    other = make_job(alice, prompt="a video", settings={"image": f"output:{job.pk}/1"}, parent=job)
    JobSource.objects.create(job=other, source=job, kind=JobSource.Kind.INPUT)
    keep(other, png("white"))
    make_job(alice, State.FAILED, prompt="failed")
    tags.put(alice, [job.pk], ["Water"])
    album = albums.create(alice, "Posters")
    AlbumItem.objects.create(album=album, job=other, place=1)
    AlbumItem.objects.create(album=album, job=job, place=2)
    SavedPrompt.objects.create(owner=alice, title="Fox", text="a {colour} fox")
    ChatPreset.objects.create(owner=alice, name="Terse", system="Be short.", provider="openai", model="gpt")
    chat = Conversation.objects.create(owner=alice, title="About a lake")
    chat.touch(current=Message.objects.create(conversation=chat, role="user", text="Hi", inputs=[f"asset:{asset.pk}"]))
    return job


def test_an_export_holds_all_that_is_ones_own_and_no_key(alice, bob, full, exported, keep):
    keep(make_job(bob, prompt="bobs"))
    with zipfile.ZipFile(io.BytesIO(exported(alice))) as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
        library = json.loads(archive.read("library.json"))
    assert len([name for name in names if name.startswith("results/") and name.endswith(".png")]) == 3
    assert len([name for name in names if name.endswith(".png.json")]) == 3
    assert {"studio.json", "library.json", "chats.json"} < set(names)
    assert b"bobs" not in everything
    assert b"webhook" not in everything
    assert [album["title"] for album in library["albums"]] == ["Posters"]
    assert Notice.objects.get(user=alice).event == "archive"


def test_it_comes_in_again_as_it_was(alice, full, exported, take):
    content, before = exported(alice), Job.objects.get(pk=full.pk)
    for model in (Job, Album, Asset, SavedPrompt, ChatPreset, Conversation):
        model.objects.all().delete()
    done = take(alice, all__zip=content)
    assert (done.state, done.error) == ("done", "")
    assert done.outcome == {
        "files": 3, "jobs": 2, "uploads": 1, "prompts": 1, "presets": 1, "albums": 1, "chats": 1, "skipped": []
    }  # fmt: skip
    job = Job.objects.get(pk=before.pk)
    for field in ("prompt", "settings", "provider", "model", "created_at", "stars", "note", "colour", "group"):
        assert getattr(job, field) == getattr(before, field), field
    assert [str(tag) for tag in job.tags.all()] == ["Water"]
    [made] = JobSource.objects.all()
    assert (made.job.prompt, made.source, made.kind, made.job.parent) == ("a video", job, "input", job)
    assert (job.state, job.charge, job.key) == (State.SUCCEEDED, Charge.NO, None)
    assert [event.kind for event in job.events.all()] == ["imported"]
    assert spend.sheets(alice, Month.now()) == []
    sums = [hashlib.sha256(png(colour)).hexdigest() for colour in ("red", "green")]
    assert [output.sha256 for output in job.outputs.all()] == sums
    assert [item.job.prompt for item in Album.objects.get().items.all()] == ["a video", "a lake"]
    assert Message.objects.get().assets.get() == job.assets.get() == Asset.objects.get()


def test_twice_is_once(alice, full, exported, take, media):
    content = exported(alice)
    files = sum(1 for path in media.rglob("*") if path.is_file())
    for _ in range(2):
        done = take(alice, all__zip=content)
        assert done.outcome.get("jobs", 0) == done.outcome.get("files", 0) == 0
        assert done.outcome["skipped"] == [["It is here already.", 3], ["A conversation: It is here already.", 1]]
    counts = [model.objects.count() for model in (Job, Output, Album, AlbumItem, Asset, SavedPrompt, ChatPreset)]
    assert counts == [3, 3, 1, 2, 1, 1, 1]
    assert sum(1 for path in media.rglob("*") if path.is_file()) == files


def test_somebody_elses_comes_under_new_ids_and_still_holds_together(alice, bob, full, exported, take):
    posters = Album.objects.get(owner=alice)
    Album.objects.create(owner=alice, title="Alike", query=f"album={posters.pk}&similar={full.pk}&stars=3")
    content = exported(alice)
    for _ in range(2):
        take(bob, all__zip=content)
    job, other = Job.objects.get(owner=bob, prompt="a lake"), Job.objects.get(owner=bob, prompt="a video")
    asset = Asset.objects.get(owner=bob)
    assert job.pk != full.pk
    assert job.pk.version == 7
    assert other.settings == {"image": f"output:{job.pk}/1"}
    assert job.settings == {"seed": 7, "image": f"asset:{asset.pk}"}
    theirs, alike = Album.objects.get(owner=bob, query=""), Album.objects.get(owner=bob, title="Alike")
    assert [item.job for item in theirs.items.all()] == [other, job]
    search = Search.parse(alike.query)
    assert (search.album, search.similar, search.stars) == (str(theirs.pk), str(job.pk), "3")
    assert Message.objects.get(conversation__owner=bob).inputs == [f"asset:{asset.pk}"]
    assert Job.objects.filter(owner=alice).count() == 3
    assert full.outputs.count() == 2


def test_what_is_in_the_trash_stays_there(alice, full, exported, take):
    content = exported(alice)
    full.hide()
    assert ["It is in your trash.", 2] in take(alice, all__zip=content).outcome["skipped"]


def test_an_upload_is_gone_once_it_is_in(alice, full, exported, take, media):
    done = take(alice, all__zip=exported(alice))
    assert done.file == ""
    assert [path.suffix for path in Path(media, "archives").iterdir()] == [".zip"]
