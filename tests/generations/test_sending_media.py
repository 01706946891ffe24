"""What a job begins from reaches its provider before the job does, or the job is not sent and costs nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageStat

from accounts.models import ProviderKey, User
from generations import jobs, uploads
from generations.catalogue import renewal
from generations.models import Asset, Catalogue, Job, Output, Uploaded
from generations.models.states import Charge, State
from generations.shift import inputs as sending
from generations.shift import pace
from studio.providers.base import Cost, ModelInfo, Quote
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.generations.conftest import shift_at_work, timeline, until, until_state
from tests.providers.local.test_server import TOKEN, Engine

pytestmark = pytest.mark.django_db(transaction=True)

WAVESPEED, NANOBANANA = "wavespeed", "nanobanana"
MODELS = {
    WAVESPEED: ModelInfo("google/nano-banana-pro/edit", "Edit", "image"),
    NANOBANANA: ModelInfo("nano-banana-pro", "Nano Banana Pro", "image"),
}
SECRETS = {WAVESPEED: "wsk_0123456789abcdef0123456789abcdef", NANOBANANA: "nb_sk_0123456789abcdef0123456789abcdef"}
PRICE = Quote(Cost(Decimal("0.14"), "USD"))


@pytest.fixture
def fake(settings, media) -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire=WAVESPEED, polls=1)) as provider:
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, WAVESPEED: provider.url}
        yield provider


@pytest.fixture
def banana(settings, media) -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire=NANOBANANA, polls=1)) as provider:
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, NANOBANANA: provider.url}
        yield provider


def make_key(owner: User, provider: str) -> ProviderKey:
    key = ProviderKey(owner=owner, provider=provider, label="Work")
    key.conceal(SECRETS[provider])
    key.save()
    return key


@pytest.fixture
def key(alice) -> ProviderKey:
    return make_key(alice, WAVESPEED)


def png(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def asset(alice, media) -> Asset:
    return uploads.take_in(alice, SimpleUploadedFile("fox.png", png()))


def content_of(asset: Asset) -> bytes:
    return (site.MEDIA_ROOT / asset.file).read_bytes()


def make_job(key: ProviderKey, *references: str, **settings: Any) -> Job:
    settings = {"images": list(references), **settings} if references else settings
    [job] = jobs.create(
        key.owner, [jobs.Order(key.provider, key, MODELS[key.provider], "a fox in snow", settings, PRICE)]
    )
    return job


def sent(fake: FakeProvider) -> dict[str, Any]:
    body: dict[str, Any] = fake.last["create"]["body"]
    return body


def header(fake: FakeProvider, route: str, name: bytes) -> bytes:
    return dict(fake.last[route]["headers"]).get(name, b"")


class TestUpload:
    def test_it_is_brought_by_ticket_and_named_by_its_address(self, fake, key, asset):
        job = make_job(key, f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        [brought] = fake.wire.uploads.values()
        assert brought["content"] == content_of(asset)
        assert brought["content_type"] == "image/png"
        [address] = sent(fake)["images"]
        assert urlsplit(address).path.endswith(".png")
        assert address.startswith(f"{fake.url}/uploads/")
        assert job.settings["images"] == [f"asset:{asset.pk}"]

    def test_the_bytes_go_without_the_key(self, fake, key, asset):
        job = make_job(key, f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        assert header(fake, "ticket", b"authorization") == f"Bearer {SECRETS[WAVESPEED]}".encode()
        assert header(fake, "put", b"authorization") == b""
        assert fake.leaks == 0

    def test_the_older_way_where_there_are_no_tickets(self, fake, key, asset):
        fake.wire.tickets = 0
        job = make_job(key, f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        assert [brought["content"] for brought in fake.wire.uploads.values()] == [content_of(asset)]
        assert fake.requests["put"] == 0

    def test_the_same_file_is_brought_once(self, fake, key, asset, alice):
        made = [make_job(key, f"asset:{asset.pk}") for _ in range(4)]
        with shift_at_work():
            for job in made:
                until_state(job, State.SUCCEEDED)
        assert fake.requests["put"] == 1
        assert Uploaded.objects.get().url == sent(fake)["images"][0]

    def test_once_more_when_it_is_forgotten_and_for_each_account(self, fake, key, asset, alice):
        other = make_key(alice, WAVESPEED)
        with shift_at_work():
            until_state(make_job(key, f"asset:{asset.pk}"), State.SUCCEEDED)
            Uploaded.objects.update(expires_at="2020-01-01T00:00Z")
            until_state(make_job(key, f"asset:{asset.pk}"), State.SUCCEEDED)
            until_state(make_job(other, f"asset:{asset.pk}"), State.SUCCEEDED)
        assert fake.requests["put"] == 3

    def test_links_go_as_they_are(self, fake, key, asset):
        link = "https://pics.example.com/a.png?sig=a%2Fb"
        job = make_job(key, link, f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        assert sent(fake)["images"][0] == link
        assert fake.requests["put"] == 1

    def test_a_result_of_one_s_own(self, fake, key):
        first = make_job(key, "https://pics.example.com/a.png")
        with shift_at_work():
            until_state(first, State.SUCCEEDED)
            second = make_job(key, f"output:{first.pk}/0")
            until_state(second, State.SUCCEEDED)
        [brought] = fake.wire.uploads.values()
        assert brought["content"] == (site.MEDIA_ROOT / Output.objects.get(job=first).file).read_bytes()

    def test_it_is_brought_before_the_job_counts_as_sent(self, fake, key, asset):
        fake.fault("put", "hang", times=1)
        job = make_job(key, f"asset:{asset.pk}")
        with shift_at_work():
            until(lambda: fake.requests["put"])
            job.refresh_from_db()
            assert (job.state, job.charge) == (State.QUEUED, Charge.NO)
            assert jobs.cancel(job).message == "Cancelled before it was sent: no charge."
        job.refresh_from_db()
        assert job.state == State.CANCELLED
        assert fake.requests["create"] == 0

    def test_nothing_is_brought_with_a_key_that_is_off(self, fake, key, asset):
        job = make_job(key, f"asset:{asset.pk}")
        ProviderKey.objects.filter(pk=key.pk).update(is_enabled=False)
        with shift_at_work():
            until_state(job, State.FAILED)
        assert (job.error_kind, job.charge) == ("invalid_key", Charge.NO)
        assert fake.requests["ticket"] == fake.requests["put"] == 0


class TestFailing:
    def fails(self, fake: FakeProvider, job: Job, kind: str, *words: str) -> None:
        with shift_at_work():
            until_state(job, State.FAILED)
        assert (job.error_kind, job.charge) == (kind, Charge.NO)
        assert all(word in job.error for word in (*words, "Nothing was charged")), job.error
        assert fake.requests["create"] == 0
        assert "sent" not in timeline(job)

    @pytest.mark.parametrize(
        ("route", "status", "kind"),
        [("ticket", 400, "bad_request"), ("ticket", 401, "invalid_key"), ("ticket", 402, "insufficient_credits")],
    )
    def test_a_refusal_is_final_and_free(self, fake, key, asset, route, status, kind):
        fake.fault(route, "status", status=status)
        self.fails(fake, make_job(key, f"asset:{asset.pk}"), kind, "WaveSpeedAI did not take the picture:")

    def test_what_fails_in_passing_is_tried_again(self, fake, key, asset, monkeypatch):
        monkeypatch.setattr(pace, "send_again_in", lambda error, failures: 0.1 if failures < 5 else None)
        fake.fault("ticket", "status", status=503, times=1)
        fake.fault("put", "status", status=500, times=1)
        fake.fault("put", "drop", times=1, skip=0)
        job = make_job(key, f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        assert timeline(job).count("requeued") == 3
        assert fake.requests["create"] == 1

    def test_and_given_up_in_the_end(self, fake, key, asset, monkeypatch):
        monkeypatch.setattr(pace, "send_again_in", lambda error, failures: 0.1 if failures < 2 else None)
        fake.fault("put", "status", status=500)
        job = make_job(key, f"asset:{asset.pk}")
        self.fails(fake, job, "unavailable", "did not take the picture", "status 500")
        assert timeline(job).count("requeued") == 2

    @pytest.mark.parametrize("place", ["http://169.254.169.254/latest/", "http://localhost:1/x", "http://10.0.0.7/x"])
    def test_a_ticket_to_a_private_place_is_not_used(self, fake, key, asset, place):
        ticket = {"upload": {"method": "PUT", "url": place, "headers": {}}}
        fake.fault("ticket", "edit", set=ticket)
        self.fails(fake, make_job(key, f"asset:{asset.pk}"), "bad_request", "private address")

    def test_what_was_deleted_meanwhile(self, fake, key, asset):
        job = make_job(key, f"asset:{asset.pk}")
        uploads.delete(asset)
        self.fails(fake, job, "bad_request", "has been deleted")

    def test_a_result_that_was_deleted_meanwhile(self, fake, key):
        first = make_job(key, "https://pics.example.com/a.png")
        with shift_at_work():
            until_state(first, State.SUCCEEDED)
        jobs.hide(first)
        fake.reset()
        self.fails(fake, make_job(key, f"output:{first.pk}/0"), "bad_request", "has been deleted")

    def test_what_is_another_s_is_never_sent(self, fake, key, bob, media):
        bobs = uploads.take_in(bob, SimpleUploadedFile("secret.png", png("blue")))
        self.fails(fake, make_job(key, f"asset:{bobs.pk}"), "bad_request", "has been deleted")
        assert fake.requests["ticket"] == 0

    def test_a_file_that_is_gone_from_the_disk(self, fake, key, asset, media):
        (media / asset.file).unlink()
        self.fails(fake, make_job(key, f"asset:{asset.pk}"), "bad_request", "has been deleted")

    def test_what_is_too_large_for_the_older_way(self, fake, key, asset, monkeypatch):
        monkeypatch.setattr(sending, "LARGEST_AT_ONCE", 10)
        fake.wire.tickets = 0
        self.fails(fake, make_job(key, f"asset:{asset.pk}"), "bad_request", "larger than")


class TestLink:
    @pytest.fixture
    def nb_key(self, alice) -> ProviderKey:
        return make_key(alice, NANOBANANA)

    def test_it_is_given_an_address_that_opens_the_file(self, banana, nb_key, asset, settings, client):
        settings.PUBLIC_URL = "https://studio.example.com"
        job = make_job(nb_key, image_url=f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        address = sent(banana)["image_url"]
        assert address.startswith("https://studio.example.com/inputs/")
        answer = client.head(urlsplit(address).path)
        assert (answer.status_code, answer["Content-Length"]) == (200, str(asset.size))

    def test_a_person_s_link_goes_as_it_is(self, banana, nb_key):
        job = make_job(nb_key, image_url="https://pics.example.com/a.png")
        with shift_at_work():
            until_state(job, State.SUCCEEDED)
        assert sent(banana)["image_url"] == "https://pics.example.com/a.png"

    def test_without_a_public_address_it_is_not_sent(self, banana, nb_key, asset):
        job = make_job(nb_key, image_url=f"asset:{asset.pk}")
        with shift_at_work():
            until_state(job, State.FAILED)
        assert (job.error_kind, job.charge) == ("bad_request", Charge.NO)
        assert "sets STUDIO_PUBLIC_URL" in job.error
        assert banana.requests["create"] == 0


class TestInline:
    def test_it_is_scaled_down_into_the_request(self, asset, tmp_path, media):
        wide = media / "wide.png"
        wide.write_bytes(png("blue", (3000, 1000)))
        uri = sending.images.inline(wide, sending.INLINE_SIDE)
        image = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
        assert image.size == (768, 256)

    def test_the_built_in_engine_paints_by_it(self, alice, media, settings, tmp_path):
        engine = Engine(tmp_path / "spool")
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, "local": engine.base}
        settings.PROVIDER_SECRETS = {"local": TOKEN}
        try:
            for colour in ("orange", "navy"):
                asset = uploads.take_in(alice, SimpleUploadedFile("a.png", png(colour)))
                [job] = jobs.create(alice, [self.order({"image": f"asset:{asset.pk}", "size": 512, "seed": 3})])
                with shift_at_work():
                    until_state(job, State.SUCCEEDED)
                self.is_like(Output.objects.get(job=job), colour)
        finally:
            engine.stop()

    def is_like(self, output: Output, colour: str) -> None:
        with Image.open(site.MEDIA_ROOT / output.file) as painted:
            red, _, blue = ImageStat.Stat(painted.convert("RGB")).mean
        assert (red > blue + 60) if colour == "orange" else (blue > red + 40), (red, blue)

    @pytest.mark.parametrize("link", ["https://127.0.0.1:1/a.png", "https://169.254.169.254/a.png"])
    def test_a_link_to_a_private_place_is_not_fetched(self, alice, media, settings, link):
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, "local": "http://127.0.0.1:9"}
        [job] = jobs.create(alice, [self.order({"image": link})])
        with shift_at_work():
            until_state(job, State.FAILED)
        assert (job.error_kind, job.charge) == ("bad_request", Charge.NO)
        assert "private address" in job.error

    def test_a_clip_is_no_picture(self, alice, media, settings):
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, "local": "http://127.0.0.1:9"}
        clip = Asset.objects.create(owner=alice, name="a.mp4", file="a.mp4", kind="video", size=1, sha256="x")
        media.mkdir(exist_ok=True)
        (media / "a.mp4").write_bytes(b"x")
        [job] = jobs.create(alice, [self.order({"image": f"asset:{clip.pk}"})])
        with shift_at_work():
            until_state(job, State.FAILED)
        assert "takes pictures alone, and this is a clip" in job.error

    @pytest.fixture(autouse=True)
    def _engine(self, db) -> None:
        engines = {"engines": [{"engine": "local-paint", "name": "Studio Paint", "type": "image", "available": True}]}
        Catalogue.objects.create(provider="local", payload=renewal.keep(engines), fetched_at=timezone.now())

    def order(self, settings: dict[str, Any]) -> jobs.Order:
        return jobs.Order("local", None, ModelInfo("local-paint", "Studio Paint", "image"), "a lake", settings, PRICE)


class TestFilled:
    def test_references_are_replaced_wherever_they_stand(self):
        found = {"asset:1": "https://a", "asset:2": "https://b"}
        settings = {
            "image": "asset:1",
            "shots": [{"clip": "asset:2", "at": 0}],
            "n": 0,
            "no": None,
            "text": "asset:1 !",
        }
        assert sending.filled(settings, found) == {
            "image": "https://a",
            "shots": [{"clip": "https://b", "at": 0}],
            "n": 0,
            "no": None,
            "text": "asset:1 !",
        }

    def test_nothing_is_copied_where_there_is_nothing_to_replace(self):
        settings = {"image": "asset:1"}
        assert sending.filled(settings, {}) is settings
