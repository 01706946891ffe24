from pathlib import Path

import pytest
from PIL import Image

from studio.lib import video
from studio.lib.video import NotAVideo, poster, probe, still

from .footage import film


def halves(_: int) -> Image.Image:
    image = Image.new("RGB", (160, 90), "red")
    image.paste("blue", (80, 0, 160, 90))
    return image


def colour(image: Image.Image, at: tuple[int, int]) -> str:
    red, green, blue = image.getpixel(at)
    return "red" if red > 150 > max(green, blue) else "blue" if blue > 150 > max(red, green) else "other"


@pytest.mark.parametrize(("extension", "codec"), [("mp4", "h264"), ("mov", "h264"), ("webm", "vp8")])
def test_probe_tells_what_a_player_would(tmp_path: Path, extension, codec):
    info = probe(film(tmp_path / f"film.{extension}"))
    assert info[:2] == (160, 90)
    assert info.duration == pytest.approx(2.0, abs=0.11)
    assert info.fps == pytest.approx(10)
    assert (info.codec, info.has_audio) == (codec, False)


def test_sound_is_noticed(tmp_path: Path):
    assert probe(film(tmp_path / "film.mp4", audio=True)).has_audio


@pytest.mark.parametrize(
    ("rotation", "first", "last"), [(90, "blue", "red"), (-90, "red", "blue"), (180, "blue", "red")]
)
def test_rotation_is_honoured(tmp_path: Path, rotation, first, last):
    path = film(tmp_path / "film.mp4", 3, halves, rotation=rotation)
    size = (160, 90) if rotation == 180 else (90, 160)
    assert probe(path)[:2] == size
    image = still(path)
    assert image.size == size
    assert colour(image, (10, 10)) == first
    assert colour(image, (size[0] - 10, size[1] - 10)) == last


def test_the_poster_is_from_a_tenth_into_the_film(tmp_path: Path):
    path = film(tmp_path / "film.mp4", 50, lambda n: Image.new("RGB", (160, 90), "red" if n < 5 else "blue"))
    made = poster(path, tmp_path / "poster.webp")
    assert made[1:] == (160, 90)
    with Image.open(made.path) as image:
        assert image.format == "WEBP"
        assert colour(image.convert("RGB"), (80, 45)) == "blue"


def test_black_frames_are_passed_over(tmp_path: Path):
    path = film(tmp_path / "film.mp4", 40, lambda n: Image.new("RGB", (160, 90), "black" if n < 20 else "red"))
    assert colour(still(path), (80, 45)) == "red"


def test_of_a_dark_film_the_lightest_frame_is_shown(tmp_path: Path):
    path = film(tmp_path / "film.mp4", 20, lambda n: Image.new("RGB", (160, 90), (20, 20, 20) if n == 12 else "black"))
    assert still(path).getpixel((80, 45))[0] > 10


def test_one_frame_is_enough(tmp_path: Path):
    path = film(tmp_path / "film.mp4", 1, halves)
    assert colour(still(path), (10, 10)) == "red"


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", b"#EXTM3U\nfile:///etc/passwd\n"]
)
def test_what_is_no_video_is_said_to_be_none(tmp_path: Path, content):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    for ask in (probe, still):
        with pytest.raises(NotAVideo):
            ask(path)


def test_a_truncated_film_is_not_a_video(tmp_path: Path):
    path = film(tmp_path / "film.mp4")
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(NotAVideo):
        probe(path)


def test_a_frame_of_too_many_pixels_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(video, "MAX_PIXELS", 100)
    with pytest.raises(NotAVideo, match="160 × 90"):
        probe(film(tmp_path / "film.mp4"))
