"""Saved results over HTTP: whole, in parts, unchanged, as a download; and nothing but saved results."""

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from generations.models import Output
from generations.views.files import CHUNK
from generations.views.media import file_name
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 4  # 1024 bytes


class Browser:
    """Asks as one does of the ASGI server, and reads streams to their end."""

    def __init__(self, user) -> None:
        self.client, self.plain = AsyncClient(), Client()
        for client in (self.client, self.plain):
            client.force_login(user)

    def status(self, address: str) -> int:
        """Nothing is read. (Under ASGI, Django draws 404 in another thread, outside of the test's transaction.)"""
        return self.plain.get(address).status_code

    def get(self, address: str, method: str = "get", **headers: str):
        async def ask():
            response = await getattr(self.client, method)(address, headers=headers)
            body = response.content if not response.streaming else b"".join([part async for part in response])
            return response, body

        return async_to_sync(ask)()


@pytest.fixture
def browser(alice) -> Browser:
    return Browser(alice)


@pytest.fixture
def output(alice, keep) -> Output:
    return keep(make_job(alice), CONTENT)


@pytest.fixture
def address(output) -> str:
    return f"/media/{output.job_id}/0/"


class TestWhole:
    def test_byte_for_byte_and_of_its_type(self, browser, address, output):
        response, body = browser.get(address)
        assert (response.status_code, body) == (200, CONTENT)
        assert response["Content-Type"] == "image/png"
        assert response["Content-Length"] == "1024"
        assert response["Accept-Ranges"] == "bytes"
        assert response["ETag"] == f'"{output.sha256}"'
        assert "private" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("inline")

    def test_in_chunks(self, browser, alice, keep):
        content = CONTENT * 600
        assert len(content) > 2 * CHUNK
        big = keep(make_job(alice), content)
        assert browser.get(f"/media/{big.job_id}/0/")[1] == content
        assert (
            browser.get(f"/media/{big.job_id}/0/", range=f"bytes={CHUNK - 1}-{CHUNK}")[1]
            == content[CHUNK - 1 : CHUNK + 1]
        )

    def test_head_has_the_size_and_no_body(self, browser, address):
        response, body = browser.get(address, "head", range="bytes=0-9")
        assert (response.status_code, response["Content-Length"], body) == (200, "1024", b"")
        assert "Content-Range" not in response

    @pytest.mark.parametrize("size", ["thumbnail", "preview"])
    def test_previews(self, browser, address, size):
        response, body = browser.get(f"{address}{size}/")
        assert (response.status_code, response["Content-Type"], body) == (200, "image/webp", CONTENT)


class TestParts:
    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=0-", 0, 1023),
            ("bytes=100-199", 100, 199),
            ("bytes=1000-9999", 1000, 1023),
            ("bytes=-24", 1000, 1023),
            ("bytes=-9999", 0, 1023),
        ],
    )
    def test_what_a_player_asks_for(self, browser, address, asked, first, last):
        response, body = browser.get(address, range=asked)
        assert response.status_code == 206
        assert response["Content-Range"] == f"bytes {first}-{last}/1024"
        assert response["Content-Length"] == str(last - first + 1)
        assert body == CONTENT[first : last + 1]

    @pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=9999-99999", "bytes=-0"])
    def test_what_lies_outside(self, browser, address, asked):
        response, body = browser.get(address, range=asked)
        assert (response.status_code, response["Content-Range"], body) == (416, "bytes */1024", b"")

    @pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-1", "lines=0-1", "bytes=x-y", "bytes=-"])
    def test_what_cannot_be_read_is_answered_with_the_whole(self, browser, address, asked):
        response, body = browser.get(address, range=asked)
        assert (response.status_code, len(body)) == (200, 1024)

    def test_a_part_of_the_file_that_one_has(self, browser, address, output):
        mine = {"range": "bytes=0-9", "if-range": f'"{output.sha256}"'}
        others = {"range": "bytes=0-9", "if-range": '"another"'}
        assert browser.get(address, **mine)[0].status_code == 206
        assert browser.get(address, **others)[0].status_code == 200


class TestUnchanged:
    @pytest.mark.parametrize("known", ['"{tag}"', 'W/"{tag}"', '"other", "{tag}"', "*"])
    def test_it_is_not_sent_again(self, browser, address, output, known):
        response, body = browser.get(address, **{"if-none-match": known.format(tag=output.sha256)})
        assert (response.status_code, body) == (304, b"")
        assert response["ETag"] == f'"{output.sha256}"'

    def test_another_one_is(self, browser, address):
        assert browser.get(address, **{"if-none-match": '"other"'})[0].status_code == 200

    def test_the_two_previews_are_not_taken_for_one_another(self, browser, address):
        tag = browser.get(f"{address}thumbnail/")[0]["ETag"]
        assert browser.get(f"{address}thumbnail/", **{"if-none-match": tag})[0].status_code == 304
        assert browser.get(f"{address}preview/", **{"if-none-match": tag})[0].status_code == 200


class TestNames:
    def test_a_download_says_what_it_is(self, browser, alice, keep):
        job = make_job(alice, prompt="A red fox, at dawn!", settings={"seed": 0})
        keep(job)
        response, _ = browser.get(f"/media/{job.pk}/0/?download")
        assert response["Content-Disposition"] == 'attachment; filename="a-red-fox-at-dawn-seed-0.png"'

    @pytest.mark.parametrize(
        ("prompt", "name"),
        [
            ("🦊🦊", "image.png"),
            ("../../etc/passwd", "etcpasswd.png"),
            ('x"; filename="evil.exe', "x-filenameevilexe.png"),
            ("a\r\nSet-Cookie: b", "a-set-cookie-b.png"),
            ("gpj.\u202eexe", "gpjexe.png"),
            ("לילה טוב", "לילה-טוב.png"),
            ("word " * 50, "word-word-word-word-word-word-word-word-word-word-word-word.png"),
        ],
    )
    def test_it_is_a_plain_one(self, alice, keep, prompt, name):
        assert file_name(keep(make_job(alice, prompt=prompt))) == name

    def test_several_of_one_job_have_their_own(self, alice, keep):
        job = make_job(alice, prompt="fox")
        assert [file_name(keep(job, position=place)) for place in (0, 1)] == ["fox.png", "fox-2.png"]

    def test_beyond_latin_it_travels_encoded(self, browser, alice, keep):
        job = make_job(alice, prompt="לילה")
        keep(job)
        response, _ = browser.get(f"/media/{job.pk}/0/?download")
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''%D7%9C%D7%99%D7%9C%D7%94.png"


class TestNothingElse:
    @pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sub/../../secret"])
    def test_nothing_outside_the_media(self, browser, address, output, media, name):
        (media.parent / "secret").write_bytes(b"key")
        Output.objects.update(file=name, thumbnail=name)
        for asked in (address, f"{address}thumbnail/"):
            assert browser.status(asked) == 404

    @pytest.mark.parametrize("more", ["1/", "99999999999999999999/", "0/other/", "0/original/", "0/../0/thumbnail"])
    def test_no_other_address(self, browser, output, more):
        assert browser.status(f"/media/{output.job_id}/{more}") in {301, 404}

    def test_what_is_not_saved_yet(self, browser, address):
        Output.objects.update(file="", thumbnail="")
        assert browser.status(address) == 404
        assert browser.status(f"{address}thumbnail/") == 404

    def test_a_file_that_is_lost(self, browser, address, output, media):
        (media / output.file).unlink()
        assert browser.status(address) == 404

    def test_a_deleted_jobs(self, browser, address, output):
        output.job.hide()
        assert browser.status(address) == 404
        output.job.unhide()
        assert browser.status(address) == 200
