import base64
import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from studio.lib.images import ImageInfo, NotAnImage, placeholder, probe, thumbnails


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def halves(size: tuple[int, int] = (400, 200)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def near(found: object, wanted: tuple[int, ...], tolerance: int = 12) -> bool:
    assert isinstance(found, tuple)
    return len(found) == len(wanted) and all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_probe_tells_size_and_format(tmp_path: Path, name):
    assert probe(save(tmp_path / "picture", halves((40, 20)), format=name)) == ImageInfo(40, 20, name)


def test_probe_tells_the_size_as_it_is_seen(tmp_path: Path):
    assert probe(save(tmp_path / "a.jpg", halves(), exif=turned(6)))[:2] == (200, 400)
    assert probe(save(tmp_path / "b.jpg", halves(), exif=turned(3)))[:2] == (400, 200)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0junk", b"%!PS-Adobe"])
def test_what_is_no_image_is_said_to_be_none(tmp_path: Path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    for ask in (probe, placeholder, lambda p: thumbnails(p, {480: tmp_path / "small.webp"})):
        with pytest.raises(NotAnImage):
            ask(path)
    assert os.listdir(tmp_path) == ["file"]


def test_a_missing_file_is_not_called_a_damaged_one(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "missing.png")


def test_a_damaged_image_is_found_out_when_it_is_decoded(tmp_path: Path):
    path = save(tmp_path / "file.png", Image.effect_noise((200, 200), 80))
    path.write_bytes(path.read_bytes()[:2000])
    assert probe(path).width == 200
    with pytest.raises(NotAnImage):
        placeholder(path)


@pytest.mark.parametrize("side", [2000, 9500, 14000])  # ours, Pillow's warning and Pillow's error
def test_a_decompression_bomb_is_not_opened(tmp_path: Path, side):
    path = save(tmp_path / "bomb.png", Image.new("1", (side, side)))
    assert path.stat().st_size < 100_000
    for ask in (probe, placeholder):
        with pytest.raises(NotAnImage):
            ask(path, max_pixels=1_000_000)


def test_thumbnails_are_webp_of_the_widths_asked_for(tmp_path: Path):
    path = save(
        tmp_path / "file.jpg",
        halves((2000, 1000)),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )
    made = thumbnails(path, {1200: tmp_path / "large.webp", 480: tmp_path / "small.webp"})
    assert [(thumbnail.path.name, thumbnail.width, thumbnail.height) for thumbnail in made] == [
        ("small.webp", 480, 240),
        ("large.webp", 1200, 600),
    ]
    for thumbnail in made:
        with Image.open(thumbnail.path) as image:
            assert (image.format, image.size) == ("WEBP", (thumbnail.width, thumbnail.height))
            assert near(image.getpixel((10, 10)), RED)
            assert "exif" not in image.info
            assert "icc_profile" not in image.info
    assert sorted(os.listdir(tmp_path)) == ["file.jpg", "large.webp", "small.webp"]


def test_a_small_image_is_not_enlarged(tmp_path: Path):
    path = save(tmp_path / "file.png", halves((100, 50)))
    assert thumbnails(path, {480: tmp_path / "small.webp"})[0][1:] == (100, 50)


@pytest.mark.parametrize("size", [(1, 9000), (9000, 1), (3, 40_000)])
def test_odd_shapes_keep_at_least_a_pixel(tmp_path: Path, size):
    path = save(tmp_path / "file.png", Image.new("RGB", size))
    (made,) = thumbnails(path, {480: tmp_path / "small.webp"})
    assert 1 <= made.width <= 480
    assert 1 <= made.height <= 16_383


@pytest.mark.parametrize(
    ("orientation", "first", "last"), [(1, RED, BLUE), (6, RED, BLUE), (3, BLUE, RED), (8, BLUE, RED)]
)
def test_thumbnails_are_upright(tmp_path: Path, orientation, first, last):
    path = save(tmp_path / "file.jpg", halves((1600, 800)), exif=turned(orientation), quality=95)
    (made,) = thumbnails(path, {200: tmp_path / "small.webp"})
    assert (made.width, made.height) == ((200, 400) if orientation in (6, 8) else (200, 100))
    with Image.open(made.path) as image:
        assert near(image.getpixel((5, 5)), first)
        assert near(image.getpixel((made.width - 6, made.height - 6)), last)


def test_alpha_is_kept(tmp_path: Path):
    image = Image.new("RGBA", (800, 400), (0, 255, 0, 255))
    image.paste((0, 0, 0, 0), (400, 0, 800, 400))
    for name, source in [("file.png", image), ("file.gif", image), ("file.webp", image)]:
        (made,) = thumbnails(save(tmp_path / name, source), {200: tmp_path / "small.webp"})
        with Image.open(made.path) as small:
            assert small.mode == "RGBA"
            assert near(small.getpixel((20, 20)), (0, 255, 0, 255))
            assert near(small.getpixel((180, 20))[3:], (0,))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGB", "RGBA"])
def test_every_kind_of_pixel_becomes_a_thumbnail(tmp_path: Path, mode):
    image = Image.new("I;16", (64, 64), 0x8000) if mode == "I;16" else Image.new("L", (64, 64), 128).convert(mode)
    path = save(tmp_path / ("file.jpg" if mode == "CMYK" else "file.png"), image)
    (made,) = thumbnails(path, {48: tmp_path / "small.webp"})
    with Image.open(made.path) as small:
        if mode != "1":
            assert abs(small.convert("L").getpixel((20, 20)) - 128) < 12
    assert placeholder(path).uri


def test_another_colour_space_is_converted_to_srgb(tmp_path: Path):
    """In a colour space whose red and blue primaries are exchanged, what is stored as red is seen as blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    path = save(tmp_path / "file.png", halves(), icc_profile=exchanged)
    thumbnails(path, {48: tmp_path / "small.webp"})
    with Image.open(tmp_path / "small.webp") as small:
        assert near(small.getpixel((5, 5)), BLUE)


@pytest.mark.parametrize("profile", [b"junk", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_profile_that_does_not_fit_is_passed_over(tmp_path: Path, profile):
    path = save(tmp_path / "file.png", halves(), icc_profile=profile)
    thumbnails(path, {48: tmp_path / "small.webp"})
    with Image.open(tmp_path / "small.webp") as small:
        assert near(small.getpixel((5, 5)), RED)


def test_the_first_frame_of_an_animation_is_shown(tmp_path: Path):
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue")]
    path = save(tmp_path / "file.gif", frames[0], save_all=True, append_images=frames[1:])
    thumbnails(path, {48: tmp_path / "small.webp"})
    with Image.open(tmp_path / "small.webp") as small:
        assert near(small.getpixel((5, 5)), RED)


@pytest.mark.parametrize("size", [(1600, 900), (900, 1600), (512, 512), (10, 10), (1, 5000)])
def test_a_placeholder_is_tiny(tmp_path: Path, size):
    path = save(tmp_path / "file.png", Image.effect_noise(size, 120).convert("RGB"))
    uri = placeholder(path).uri
    assert len(uri) <= 300
    with Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/webp;base64,")))) as tiny:
        assert max(tiny.size) <= 20


def test_the_main_colour_is_the_commonest_and_not_the_mean(tmp_path: Path):
    image = Image.new("RGB", (300, 100), (20, 120, 220))
    image.paste((250, 240, 10), (0, 0, 80, 100))
    colour = placeholder(save(tmp_path / "file.png", image)).colour
    assert near(tuple(bytes.fromhex(colour[1:])), (20, 120, 220))


def test_a_transparent_ground_is_white(tmp_path: Path):
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert placeholder(save(tmp_path / "file.png", image)).colour == "#ffffff"
