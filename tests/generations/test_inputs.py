"""What a reference names: one's own uploads and results, and addresses that may be given to others."""

import hashlib
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from accounts.models import User
from generations import inputs, jobs
from generations.inputs import Input, Unfit, check, find, recent
from generations.models import Asset, Job, Output
from studio.providers.base import FREE, ModelInfo, Option, Quote
from studio.providers.local_engine import LocalEngine
from studio.providers.nanobanana import NanoBanana
from studio.providers.wayscloud_gpu import WaysCloudGpu

pytestmark = pytest.mark.django_db

MODEL = ModelInfo("m", "M", "image")

NOBODYS = "5541e16b-d09b-4569-9e10-4245ae9a3149"


def make_asset(owner: User, kind: str = "image", content: bytes = b"pixels", media: Path | None = None) -> Asset:
    name = f"inputs/{uuid4()}.png"
    if media is not None:
        (media / "inputs").mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(content)
    return Asset.objects.create(
        owner=owner,
        name="fox.png",
        file=name,
        kind=kind,
        content_type="image/png",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=64,
        height=36,
        thumbnail=f"{name}.webp" if kind != "audio" else "",
    )


def make_result(owner: User, kind: str = "image", **fields: object) -> Output:
    job = Job.objects.create(
        owner=owner, provider="local", kind="image", model="m", model_name="M", prompt="a red fox", state="succeeded"
    )
    fields = {"file": "outputs/a.png", "kind": kind, "thumbnail": "outputs/a.webp", **fields}
    return Output.objects.create(job=job, position=0, name="image", remote_url="https://x.example/1", **fields)


def order(settings: dict[str, object]) -> jobs.Order:
    return jobs.Order("local", None, MODEL, "p", settings, Quote(FREE))


class TestFinding:
    def test_an_upload(self, alice):
        asset = make_asset(alice)
        assert find(alice, f"asset:{asset.pk}") == Input(
            f"asset:{asset.pk}",
            "image",
            "fox.png",
            f"/assets/{asset.pk}/thumbnail/",
            f"/assets/{asset.pk}/",
            64,
            36,
        )

    def test_a_result(self, alice):
        output = make_result(alice, "video")
        reference = f"output:{output.job_id}/0"
        place = f"/media/{output.job_id}/0/"
        assert find(alice, reference) == Input(reference, "video", "a red fox", f"{place}thumbnail/", place)

    def test_a_link(self, alice):
        link = "https://pics.example.com/a%20fox.png?size=2"
        assert find(alice, link) == Input(link, "", "pics.example.com · a fox.png", url=link)

    def test_what_has_no_thumbnail_shows_none(self, alice):
        asset = make_asset(alice, "audio")
        assert find(alice, f"asset:{asset.pk}").thumbnail_url == ""  # type: ignore[union-attr]

    def test_what_is_another_s_is_not_there(self, alice, bob):
        asset, output = make_asset(bob), make_result(bob)
        assert find(alice, f"asset:{asset.pk}") is None
        assert find(alice, f"output:{output.job_id}/0") is None

    def test_what_is_deleted_or_not_saved_is_not_there(self, alice):
        output, unsaved = make_result(alice), make_result(alice, file="")
        jobs.hide(output.job)
        assert find(alice, f"output:{output.job_id}/0") is None
        assert find(alice, f"output:{unsaved.job_id}/0") is None

    @pytest.mark.parametrize(
        "reference",
        [
            "",
            "asset:",
            "asset:1",
            f"asset:{NOBODYS}",
            f"output:{NOBODYS}",
            f"output:{NOBODYS}/0",
            "output:x/٣",
            "fox.png",
        ],
    )
    def test_what_names_nothing(self, alice, reference):
        assert find(alice, reference) is None
        with pytest.raises(Unfit):
            check(alice, reference)


class TestChecking:
    def test_it_answers_the_reference_as_it_is_kept(self, alice):
        asset = make_asset(alice)
        assert check(alice, f"  asset:{asset.pk} ") == f"asset:{asset.pk}"
        assert check(alice, " https://example.com/a.png\n") == "https://example.com/a.png"

    def test_another_kind_is_said_to_be_one(self, alice):
        clip = make_asset(alice, "video")
        with pytest.raises(Unfit, match="This is a clip; a picture is needed here"):
            check(alice, f"asset:{clip.pk}", ("image",))
        assert check(alice, f"asset:{clip.pk}", ("image", "video"))
        assert check(alice, f"asset:{clip.pk}")

    def test_words(self, alice):
        with pytest.raises(Unfit, match="This file is not there any more"):
            check(alice, f"asset:{uuid4()}")
        with pytest.raises(Unfit, match="it begins with https://"):
            check(alice, "fox.png")

    @pytest.mark.parametrize(
        ("link", "why"),
        [
            ("http://example.com/a.png", "only https:// is taken"),
            ("https://user:secret@example.com/a.png", "user name or password"),
            ("https://127.0.0.1/a.png", "private address"),
            ("https://169.254.169.254/latest/meta-data/", "private address"),
            ("https://[::1]/a.png", "private address"),
            ("https://10.1.2.3/a.png", "private address"),
            ("https://localhost/a.png", "no public host"),
            ("https://a.localhost/a.png", "no public host"),
            ("https://studio.local/a.png", "no public host"),
            ("https://metadata.google.internal/a.png", "no public host"),
            ("https://2130706433/a.png", "no public host"),
            ("https://", "Only http"),
            ("https://exa mple.com/", "Only http|not a web address"),
            ("https://example.com:99999/", "not a web address|port"),
            ("https://example.com/" + "a" * 2000, "longer than 2,000"),
        ],
    )
    def test_addresses_that_are_not_taken(self, alice, link, why):
        with pytest.raises(Unfit, match=why):
            check(alice, link)
        assert find(alice, link) is None

    def test_what_the_operator_allows_is(self, alice, settings):
        settings.PRIVATE_HOSTS = ("gpu.internal", "10.0.0.0/8")
        for link in ("http://gpu.internal:8000/a.png", "http://10.1.2.3/a.png", "https://gpu.internal/a.png"):
            assert check(alice, link) == link
        with pytest.raises(Unfit):
            check(alice, "http://other.internal/a.png")


class TestRecent:
    def test_the_newest_first_whichever_they_are(self, alice, bob):
        first, second = make_asset(alice), make_result(alice)
        third = make_asset(alice, "video")
        make_asset(bob)
        make_result(bob)
        names = [f"asset:{third.pk}", f"output:{second.job_id}/0", f"asset:{first.pk}"]
        assert [found.reference for found in recent(alice)] == names
        assert [found.reference for found in recent(alice, ("image",))] == names[1:]
        assert [found.reference for found in recent(alice, limit=1)] == names[:2]  # one of each

    def test_by_two_queries(self, alice, django_assert_num_queries):
        for _ in range(3):
            make_asset(alice)
            make_result(alice)
        with django_assert_num_queries(2):
            assert len(recent(alice)) == 6


class TestReferences:
    OPTIONS = (
        Option("image", "media", "Image"),
        Option("images", "media", "Images", max_items=4),
        Option("shots", "list", "Shots", fields=(Option("clip", "media", "Clip"), Option("at", "number", "At"))),
        Option("faces", "list", "Faces", fields=(Option("", "media", "Face"),)),
        Option("note", "text", "Note"),
    )

    def test_of_every_option_that_takes_media(self):
        settings = {
            "image": "https://a.example/1",
            "images": ["asset:2", "https://a.example/1", ""],
            "shots": [{"clip": "asset:3", "at": 1.5}, {"at": 2}],
            "faces": ["asset:4"],
            "note": "asset:5",
        }
        found = inputs.references(settings, self.OPTIONS)
        assert found == ["https://a.example/1", "asset:2", "asset:3", "asset:4"]
        assert inputs.references({}, self.OPTIONS) == []

    def test_uploads_are_found_wherever_they_stand(self):
        one, two = uuid4(), uuid4()
        settings = {
            "image": f"asset:{one}",
            "extra": {"deep": [f"asset:{two}"]},
            "n": 4,
            "note": f"see asset:{uuid4()}",
        }
        assert inputs.assets_in(settings) == {one, two}


class TestJobs:
    def test_a_job_knows_the_uploads_it_begins_from(self, alice, bob):
        mine, others = make_asset(alice), make_asset(bob)
        [job, plain] = jobs.create(
            alice, [order({"image": f"asset:{mine.pk}", "images": [f"asset:{others.pk}"]}), order({})]
        )
        assert list(job.assets.all()) == [mine]
        assert not plain.assets.exists()

    def test_made_again_it_knows_them_too(self, alice):
        asset = make_asset(alice)
        [job] = jobs.create(alice, [order({"image": f"asset:{asset.pk}"})])
        Job.objects.update(state="failed")
        assert list(jobs.retry(job, confirmed=True).assets.all()) == [asset]


class TestJobPage:
    def test_it_shows_what_the_job_begins_from(self, as_alice, alice, bob):
        mine, others, result = make_asset(alice), make_asset(bob), make_result(alice)
        link = "https://pics.example.com/a.png"
        settings = {
            "image": f"asset:{mine.pk}",
            "images": [f"output:{result.job_id}/0", link, f"asset:{others.pk}"],
            "seed": 42,
        }
        [job] = jobs.create(alice, [order(settings)])
        page = as_alice.get(f"/jobs/{job.pk}/").content.decode()
        assert "Begins from" in page
        for address in (f"/assets/{mine.pk}/", f"/media/{result.job_id}/0/", link):
            assert f'href="{address}"' in page
        assert f"/assets/{others.pk}/" not in page
        assert "Not there any more" in page
        assert "asset:" not in page.split("Settings</h2>")[1].split("Begins from")[0]

    def test_and_nothing_where_it_begins_from_words_alone(self, as_alice, alice):
        [job] = jobs.create(alice, [order({"seed": 42, "image": None})])
        assert "Begins from" not in as_alice.get(f"/jobs/{job.pk}/").content.decode()


class TestTrouble:
    def test_a_provider_that_fetches_by_itself_needs_an_address(self, settings):
        provider = NanoBanana()
        assert provider.takes_media == "link"
        settings.PUBLIC_URL = ""
        assert "give a public link." in inputs.trouble(provider, [f"asset:{uuid4()}"])
        assert inputs.trouble(provider, ["https://example.com/a.png"]) == ""
        assert inputs.trouble(provider, []) == ""
        settings.PUBLIC_URL = "https://studio.example.com"
        assert inputs.trouble(provider, [f"asset:{uuid4()}"]) == ""

    def test_the_built_in_engine_takes_all(self):
        assert inputs.trouble(LocalEngine(), ["asset:1", "https://example.com/a.png"]) == ""

    def test_a_provider_that_takes_none_says_so(self):
        assert "takes no pictures" in inputs.trouble(WaysCloudGpu(), ["asset:1"])


def test_thumbnails_of_results_wait_for_their_previews(alice):
    shown = inputs.shown(make_result(alice, thumbnail=""))
    assert shown == replace(shown, thumbnail_url="")
