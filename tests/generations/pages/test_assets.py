"""Uploads over HTTP: what is taken in, who may see it, and what a signed address opens."""

import hashlib
import io
import os
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client
from django.utils import timezone
from PIL import Image

from accounts.models import ProviderKey
from generations import inputs, jobs, uploads
from generations.models import Asset, Uploaded
from generations.views.assets import MOST_AT_ONCE
from tests.generations.pages.conftest import make_job, png
from tests.lib.footage import film
from tests.lib.test_metadata import is_anonymous, told
from tests.lib.test_remux import SECRET, filmed, tone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(media: Path) -> Path:
    return media


def file(content: bytes | None = None, name: str = "fox.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png() if content is None else content, "application/x-nonsense")


def send(client: Client, *files: SimpleUploadedFile, **more: str):
    return client.post("/assets/", {"file": list(files), **more})


def body_of(client: Client, address: str, **headers: str) -> tuple[int, bytes]:
    """Streams are read to their end, as under ASGI."""
    asgi = AsyncClient()
    asgi.cookies = client.cookies

    async def ask() -> tuple[int, bytes]:
        response = await asgi.get(address, headers=headers)
        return response.status_code, b"".join([part async for part in response])

    return async_to_sync(ask)()


def stored(media: Path) -> list[str]:
    return sorted(path.suffix for path in media.rglob("*") if path.is_file())


class TestTakingIn:
    def test_a_picture(self, as_alice, alice, media):
        answer = send(as_alice, file(name="my fox.png"), name="o-image")
        asset = Asset.objects.get()
        assert answer.status_code == 200
        assert f'name="o-image" value="asset:{asset.pk}"' in answer.content.decode()
        assert "my fox.png" in answer.content.decode()
        assert (asset.owner, asset.name, asset.kind, asset.content_type) == (alice, "my fox.png", "image", "image/png")
        assert (asset.width, asset.height) == (64, 36)
        content = (media / asset.file).read_bytes()
        assert (asset.size, asset.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert asset.file.startswith("inputs/")
        assert stored(media) == [".png", ".webp"]

    @pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
    def test_a_clip(self, as_alice, media, tmp_path, suffix):
        content = filmed(tmp_path / f"clip{suffix}").read_bytes()
        assert send(as_alice, file(content, "clip.png")).status_code == 200
        asset = Asset.objects.get()
        assert (asset.kind, Path(asset.file).suffix, asset.width, asset.height) == ("video", suffix, 160, 90)
        assert asset.duration == pytest.approx(2, abs=0.3)
        assert SECRET in content
        assert SECRET not in (media / asset.file).read_bytes()
        assert (media / asset.thumbnail).exists()

    def test_a_sound(self, as_alice, tmp_path):
        assert send(as_alice, file(tone(tmp_path / "a.mp3").read_bytes(), "a.mp3")).status_code == 200
        asset = Asset.objects.get()
        assert (asset.kind, asset.content_type, asset.thumbnail) == ("audio", "audio/mpeg", "")

    def test_what_it_tells_of_place_is_gone(self, as_alice, media):
        send(as_alice, file(told("JPEG", 6), "IMG_1.jpg"))
        asset = Asset.objects.get()
        assert is_anonymous((media / asset.file).read_bytes(), turned=True)
        assert (asset.width, asset.height) == (30, 40)

    def test_several_at_once(self, as_alice):
        answer = send(as_alice, file(png("red")), file(png("blue")), name="o-images")
        assert answer.content.count(b'name="o-images"') == 2
        assert Asset.objects.count() == 2

    def test_no_more_than_some_at_once(self, as_alice):
        send(as_alice, *(file(png((n, 0, 0))) for n in range(MOST_AT_ONCE + 3)))
        assert Asset.objects.count() == MOST_AT_ONCE

    def test_the_same_bytes_are_the_same_asset(self, as_alice, as_bob, media):
        for client in (as_alice, as_alice, as_bob):
            assert send(client, file()).status_code == 200
        assert Asset.objects.count() == 2
        assert stored(media) == [".png", ".png", ".webp", ".webp"]

    def test_the_good_ones_of_several_are_taken(self, as_alice):
        answer = send(as_alice, file(), file(b"hello", "notes.txt"))
        assert answer.status_code == 200
        assert b"asset:" in answer.content
        assert b"notes.txt: Studio takes JPEG" in answer.content

    def test_a_field_s_name_is_not_repeated_blindly(self, as_alice):
        answer = send(as_alice, file(), name='"><script>')
        assert b"<script>" not in answer.content
        assert b'name="asset"' in answer.content


class TestRefusing:
    def refused(self, client: Client, content: bytes, name: str, why: str, media: Path) -> None:
        answer = send(client, file(content, name))
        assert answer.status_code == 422
        assert why in answer.content.decode()
        assert not Asset.objects.exists()
        assert stored(media) == []

    def test_nothing(self, as_alice):
        answer = as_alice.post("/assets/", {})
        assert (answer.status_code, b"Choose a file" in answer.content) == (422, True)

    @pytest.mark.parametrize(
        "content",
        [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"<html><script>", b"MZ\x90"],
    )
    def test_what_is_no_medium_whatever_it_is_called(self, as_alice, content, media):
        self.refused(as_alice, content, "fox.png", "Studio takes JPEG" if content else "empty", media)

    def test_heic_with_the_way_out(self, as_alice, media):
        heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64
        self.refused(as_alice, heic, "IMG_1.HEIC", "Save it as a JPEG first", media)

    @pytest.mark.parametrize("content", [png()[:60], b"\xff\xd8\xff\xe0\x00\x10JFIF", b"RIFF\xff\0\0\0WEBPVP8 "])
    def test_what_is_damaged(self, as_alice, content, media):
        self.refused(as_alice, content, "fox.png", "fox.png: It is not an image that we can read.", media)

    def test_a_damaged_clip(self, as_alice, tmp_path, media):
        self.refused(as_alice, film(tmp_path / "a.mp4").read_bytes()[:900], "a.mp4", "damaged", media)

    def test_too_many_bytes(self, as_alice, monkeypatch, media):
        monkeypatch.setitem(uploads.LARGEST, "image", 100)
        monkeypatch.setattr(uploads, "MB", 10)
        self.refused(as_alice, png(), "fox.png", "A picture may have at most 10 MB", media)

    def test_a_bomb_is_told_by_its_header(self, as_alice, media):
        bomb = io.BytesIO()
        Image.new("1", (8000, 6000)).save(bomb, "PNG")
        assert len(bomb.getvalue()) < 50_000
        self.refused(as_alice, bomb.getvalue(), "bomb.png", "8000 × 6000 pixels, more than we open", media)

    def test_more_than_the_operator_lets_one_store(self, as_alice, alice):
        alice.storage_limit = 3 * len(png()) // 2
        alice.save()
        assert send(as_alice, file()).status_code == 200
        answer = send(as_alice, file(png("blue")))
        assert (answer.status_code, Asset.objects.count()) == (422, 1)
        assert b"fox.png: Your storage has no room for this." in answer.content

    def test_more_than_an_hour_s_worth(self, as_alice, monkeypatch):
        monkeypatch.setattr(uploads, "FILES_AN_HOUR", 1)
        assert send(as_alice, file()).status_code == 200
        answer = send(as_alice, file(png("blue")))
        assert (answer.status_code, b"Wait a little" in answer.content) == (422, True)


class TestAccess:
    @pytest.fixture
    def bobs(self, as_bob) -> Asset:
        send(as_bob, file())
        return Asset.objects.get()

    def addresses(self, asset: Asset) -> list[str]:
        return [f"/assets/{asset.pk}/", f"/assets/{asset.pk}/thumbnail/"]

    def test_its_owner_sees_it(self, as_bob, bobs, media):
        status, body = body_of(as_bob, f"/assets/{bobs.pk}/")
        assert (status, body) == (200, (media / bobs.file).read_bytes())
        assert body_of(as_bob, f"/assets/{bobs.pk}/", range="bytes=1-3") == (206, body[1:4])
        assert body_of(as_bob, f"/assets/{bobs.pk}/thumbnail/")[1].startswith(b"RIFF")

    def test_as_what_it_is_and_nothing_else(self, as_bob, bobs):
        answer = as_bob.head(f"/assets/{bobs.pk}/")
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
        assert "private" in answer["Cache-Control"]

    def test_for_others_it_is_not_there(self, as_alice, as_operator, bobs):
        for client in (as_alice, as_operator):
            for address in self.addresses(bobs):
                assert client.get(address).status_code == 404
            assert client.post(f"/assets/{bobs.pk}/delete/").status_code == 404
        assert Asset.objects.exists()

    def test_signed_out_one_is_sent_to_sign_in(self, client, bobs):
        for address in [*self.addresses(bobs), "/inputs/"]:
            assert client.get(address)["Location"].startswith("/account/login/")
        assert client.post("/assets/")["Location"].startswith("/account/login/")

    def test_changes_are_post_with_our_own_token(self, bob, as_bob, bobs):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(bob)
        assert strict.post("/assets/", {"file": file()}).status_code == 403
        assert strict.post(f"/assets/{bobs.pk}/delete/").status_code == 403
        assert as_bob.get("/assets/").status_code == 405
        assert as_bob.get(f"/assets/{bobs.pk}/delete/").status_code == 405

    def test_deleted_it_is_gone_with_its_files(self, as_bob, bobs, media):
        assert as_bob.post(f"/assets/{bobs.pk}/delete/").status_code == 200
        assert as_bob.get(f"/assets/{bobs.pk}/").status_code == 404
        assert stored(media) == []


class TestChooser:
    def test_what_one_uploaded_and_made_is_there_to_choose(self, as_alice, alice, bob, keep):
        send(as_alice, file(name="upload.png"))
        mine = keep(make_job(alice, prompt="a made fox"))
        others = keep(make_job(bob, prompt="a strange fox"))
        page = as_alice.get("/inputs/?accept=image").content.decode()
        assert "upload.png" in page
        assert f"output:{mine.job_id}/0" in page
        assert str(others.job_id) not in page
        assert "upload.png" not in as_alice.get("/inputs/?accept=video").content.decode()

    def test_nothing_yet(self, as_alice):
        assert b"Nothing here yet" in as_alice.get("/inputs/?accept=nonsense").content


class TestSignedAddresses:
    @pytest.fixture
    def asset(self, as_alice, settings) -> Asset:
        settings.PUBLIC_URL = "https://studio.example.com"
        send(as_alice, file())
        return Asset.objects.get()

    def path(self, media) -> str:
        return urlsplit(inputs.public_url(media)).path

    def test_it_opens_one_file_to_anybody(self, client, asset, media):
        assert inputs.public_url(asset).startswith("https://studio.example.com/inputs/")
        assert inputs.public_url(asset).endswith("/image.png")
        assert body_of(client, self.path(asset)) == (200, (media / asset.file).read_bytes())
        assert body_of(client, self.path(asset), range="bytes=0-3")[0] == 206

    def test_quietly(self, client, asset):
        answer = client.head(self.path(asset))
        assert (answer["Content-Type"], answer["X-Robots-Tag"]) == ("image/png", "noindex, nofollow")
        assert "no-store" in answer["Cache-Control"]
        assert not answer.cookies

    def test_a_result_too(self, client, alice, keep, settings):
        settings.PUBLIC_URL = "https://studio.example.com"
        output = keep(make_job(alice))
        assert body_of(client, self.path(output)) == (200, png())
        jobs.hide(output.job)
        assert client.get(self.path(output)).status_code == 404

    def test_for_a_day(self, client, asset, monkeypatch):
        path, now = self.path(asset), time.time()
        for hours, status in ((23, 200), (25, 404)):
            monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda hours=hours: now + hours * 3600))
            assert client.head(path).status_code == status

    def test_not_when_anything_of_it_is_changed(self, client, asset):
        token = self.path(asset).split("/")[2]
        for forged in (token[:-2] + "AA", token.replace(":", ".", 1), "x", f"asset:{asset.pk}", token + "x"):
            assert client.get(f"/inputs/{forged}/image.png").status_code == 404

    def test_not_when_the_file_is_gone(self, client, asset, as_alice):
        path = self.path(asset)
        as_alice.post(f"/assets/{asset.pk}/delete/")
        assert client.get(path).status_code == 404

    def test_there_are_none_where_nobody_could_reach_them(self, asset, settings):
        settings.PUBLIC_URL = ""
        assert inputs.public_url(asset) == ""

    def test_it_is_read_and_nothing_else(self, client, asset):
        assert client.post(self.path(asset)).status_code == 405


class TestPurge:
    def test_what_no_job_begins_from_goes_after_30_days(self, as_alice, alice, media):
        send(as_alice, file(png("red")), file(png("blue")), file(png("green")))
        used, _old, young = Asset.objects.order_by("pk")
        make_job(alice).assets.set([used])
        Asset.objects.exclude(pk=young.pk).update(created_at=timezone.now() - timedelta(days=31))
        assert uploads.purge() == 1
        assert set(Asset.objects.all()) == {used, young}
        assert stored(media) == [".png", ".png", ".webp", ".webp"]

    def test_what_was_on_its_way_when_studio_was_killed_goes_too(self, media):
        old, young = media / "incoming" / "old", media / "incoming" / "young"
        for folder in (old, young):
            folder.mkdir(parents=True)
            (folder / "raw").write_bytes(b"half a file")
        (media / "incoming" / "file").write_bytes(b"half a file")
        yesterday = time.time() - 2 * 86400
        for path in (old, media / "incoming" / "file"):
            os.utime(path, (yesterday, yesterday))
        uploads.purge()
        assert [path.name for path in (media / "incoming").iterdir()] == ["young"]

    def test_addresses_that_a_provider_has_let_go_of_are_forgotten(self, alice):
        key = ProviderKey.objects.create(owner=alice, provider="wavespeed", label="Work")
        for days in (-1, 1):
            until = timezone.now() + timedelta(days=days)
            Uploaded.objects.create(key=key, sha256=str(days), url="https://x.example/", expires_at=until)
        uploads.purge()
        assert Uploaded.objects.get().sha256 == "1"


def test_nobody_has_what_never_was(as_alice):
    assert as_alice.get(f"/assets/{uuid4()}/").status_code == 404
