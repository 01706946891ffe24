import io
import wave
from pathlib import Path

import pytest
from PIL import Image

from studio.lib import sniff as s
from studio.lib.sniff import sniff, text_kind

from .footage import film


@pytest.mark.parametrize(
    ("name", "media"), [("PNG", s.PNG), ("JPEG", s.JPEG), ("WEBP", s.WEBP), ("GIF", s.GIF), ("AVIF", s.AVIF)]
)
def test_images(name, media):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, name)
    assert sniff(buffer.getvalue()[:64]) == media
    assert media.kind == "image"


@pytest.mark.parametrize(("extension", "media"), [("mp4", s.MP4), ("mov", s.MOV), ("webm", s.WEBM)])
def test_videos(tmp_path: Path, extension, media):
    assert sniff(film(tmp_path / f"film.{extension}").read_bytes()[:64]) == media
    assert (media.kind, media.extension) == ("video", extension)


def test_a_matroska_that_is_no_webm_is_not_known(tmp_path: Path):
    assert sniff(film(tmp_path / "film.mkv").read_bytes()[:4096]) is None


def test_sounds(tmp_path: Path):
    with wave.open(str(tmp_path / "sound.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(100))
    assert sniff((tmp_path / "sound.wav").read_bytes()) == s.WAV
    assert sniff(b"ID3\x04\x00\x00\x00\x00\x00\x00") == s.MP3
    assert sniff(b"\xff\xfb\x90\x64\x00") == s.MP3


@pytest.mark.parametrize(
    ("brands", "media"),
    [
        (b"mp42\0\0\0\0isomavc1", s.MP4),
        (b"abcd\0\0\0\0iso6", s.MP4),
        (b"mif1\0\0\0\0avifmif1", s.AVIF),
        (b"heic\0\0\0\0mif1heic", None),
        (b"M4A \0\0\0\0", s.M4A),
    ],
)
def test_brands_of_iso_media(brands, media):
    assert sniff((len(brands) + 8).to_bytes(4) + b"ftyp" + brands + b"xxxxisom") is media


@pytest.mark.parametrize(
    "head", [b"", b"\x89PN", b"RIFF....AVI ", b"\xff\xff\xff\xff", b"%PDF-1.7", b"PK\x03\x04", b"\0" * 64]
)
def test_what_is_no_media(head):
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"\xef\xbb\xbf\n <HTML lang=en>", "HTML"),
        (b"<!-- hello --><html>", "HTML"),
        (b'{"error": "gone"}', "JSON"),
        (b"[]", "JSON"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "XML"),
        (b"<svg xmlns=", "XML"),
        (b"Not found\n", "text"),
        ("Nicht verfügbar".encode(), "text"),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None),
        (b"\0\0\0\x18ftypisom", None),
    ],
)
def test_text_in_place_of_media_is_named(head, kind):
    assert text_kind(head) == kind
    assert kind is None or sniff(head) is None
