"""Pictures without metadata: what is left out is read back by Pillow, and every pixel is as it was."""

import base64
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from studio.lib import images, metadata
from studio.lib.sniff import AVIF, GIF, JPEG, PNG, WEBP, MediaType, sniff

OSLO = {1: "N", 2: (59.0, 54.0, 49.0), 3: "E", 4: (10.0, 45.0, 8.0)}  # as the GPS part of EXIF has it
SECRETS = (b"Pentax", b"Oslo", b"GPSLatitude", b"59.9139", b"xmpmeta", b"Exif")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="59.9139"/></x:xmpmeta>'
FORMATS = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}


def exif(orientation: int = 1) -> Image.Exif:
    told = Image.Exif()
    told[0x010F], told[0x010E], told[0x0112] = "Pentax", "Oslo, at home", orientation
    told.get_ifd(0x8825).update(OSLO)
    return told


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def picture(mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(3).integers(0, 255, (30, 40, len(mode)), np.uint8)
    return Image.fromarray(noise.squeeze())


def told(format: str, orientation: int = 1, mode: str = "RGB", **options: object) -> bytes:
    """A picture that says all that one can."""
    file = io.BytesIO()
    if format == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Location", "Oslo 59.9139")
        notes.add_text("Place", "Oslo", zip=True)
        notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"] = notes
    else:
        options["xmp"] = XMP
    if format == "JPEG":
        options |= {"comment": b"Oslo", "quality": 90}
    picture(mode).save(file, format, exif=exif(orientation), icc_profile=profile(), **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def is_anonymous(content: bytes, *, turned: bool = False) -> bool:
    """By its bytes, and as Pillow reads it."""
    image = opened(content)
    kept = dict(image.getexif())
    texts = {name for name in image.info if name in {"comment", "xmp", "photoshop", "Location", "Place"}}
    secrets = [secret for secret in SECRETS if secret in content and not (turned and secret == b"Exif")]
    return not kept.keys() - {0x0112} and not image.getexif().get_ifd(0x8825) and not texts and not secrets


@pytest.mark.parametrize("format", FORMATS)
class TestEachFormat:
    def test_the_sample_tells_much(self, format: str):
        assert not is_anonymous(told(format))
        assert opened(told(format)).getexif().get_ifd(0x8825)

    def test_nothing_is_told(self, format: str):
        assert is_anonymous(metadata.clean(told(format), FORMATS[format], 1))

    def test_no_pixel_is_changed(self, format: str):
        before, after = told(format), metadata.clean(told(format), FORMATS[format], 1)
        assert np.array_equal(np.asarray(opened(before)), np.asarray(opened(after)))

    def test_the_colour_profile_stays(self, format: str):
        assert opened(metadata.clean(told(format), FORMATS[format], 1)).info["icc_profile"] == profile()

    @pytest.mark.parametrize("orientation", [2, 6, 8])
    def test_the_orientation_stays_and_is_all_that_does(self, format: str, orientation: int):
        clean = metadata.clean(told(format, orientation), FORMATS[format], orientation)
        assert dict(opened(clean).getexif()) == {0x0112: orientation}
        assert is_anonymous(clean, turned=True)

    def test_twice_is_once(self, format: str):
        once = metadata.clean(told(format), FORMATS[format], 1)
        assert metadata.clean(once, FORMATS[format], 1) == once

    def test_what_hangs_behind_the_end_is_gone(self, format: str):
        hidden = b"\0\0\0\x18ftypmp42 a clip with its place in Oslo"
        clean = metadata.clean(told(format) + hidden, FORMATS[format], 1)
        assert clean == metadata.clean(told(format), FORMATS[format], 1)

    def test_a_file_that_ends_too_early_is_damaged(self, format: str):
        content = told(format)
        for part in (20, 60, len(content) // 2):
            with pytest.raises(metadata.Damaged):
                metadata.clean(content[:part], FORMATS[format], 1)

    def test_it_is_still_the_same_kind_of_file(self, format: str):
        assert sniff(metadata.clean(told(format), FORMATS[format], 1)) == FORMATS[format]


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"mode": "L"}], ids=str)
def test_other_jpegs(options):
    content = told("JPEG", **options)
    clean = metadata.clean(content, JPEG, 1)
    assert is_anonymous(clean)
    assert np.array_equal(np.asarray(opened(content)), np.asarray(opened(clean)))


def test_a_cmyk_jpeg_keeps_the_note_on_its_colours():
    file = io.BytesIO()
    picture().convert("CMYK").save(file, "JPEG", exif=exif())
    clean = metadata.clean(file.getvalue(), JPEG, 1)
    assert is_anonymous(clean)
    assert np.array_equal(np.asarray(opened(file.getvalue())), np.asarray(opened(clean)))


def test_a_jpeg_s_second_picture_is_gone():
    file = io.BytesIO()
    picture().save(file, "MPO", save_all=True, append_images=[picture("L").convert("RGB")])
    clean = metadata.clean(file.getvalue(), JPEG, 1)
    assert b"MPF" in file.getvalue()
    assert b"MPF" not in clean
    assert clean.count(b"\xff\xd8\xff") == 1


def test_fill_bytes_between_the_parts_of_a_jpeg_are_no_damage():
    content = told("JPEG")
    first = 4 + struct.unpack_from(">H", content, 4)[0]
    filled = content[:first] + b"\xff\xff\xff" + content[first:]
    assert metadata.clean(filled, JPEG, 1) == metadata.clean(content, JPEG, 1)


def test_private_parts_of_a_png_are_gone():
    content = told("PNG")
    private = b"Oslo 59.9139"
    chunk = struct.pack(">I", len(private)) + b"prVt" + private + struct.pack(">I", zlib.crc32(b"prVt" + private))
    at = content.index(b"IDAT") - 4
    assert metadata.clean(content[:at] + chunk + content[at:], PNG, 1) == metadata.clean(content, PNG, 1)


def test_an_animation_moves_on():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    for format, media in (("GIF", GIF), ("WEBP", WEBP), ("PNG", PNG)):
        file = io.BytesIO()
        frames[0].save(file, format, save_all=True, append_images=frames[1:], duration=100, loop=0)
        image = opened(metadata.clean(file.getvalue(), media, 1))
        assert getattr(image, "n_frames", 1) == 3, format


def test_a_gif_keeps_its_loop_and_loses_its_comment():
    file = io.BytesIO()
    frames = [Image.new("P", (16, 16), colour) for colour in (1, 2)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], loop=0, comment=b"Oslo")
    clean = metadata.clean(file.getvalue(), GIF, 1)
    assert b"Oslo" in file.getvalue()
    assert b"Oslo" not in clean
    assert b"NETSCAPE2.0" in clean
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(XMP)]) + XMP + b"\0"
    content = file.getvalue()
    assert metadata.clean(content[:-1] + xmp + content[-1:], GIF, 1) == clean


@pytest.mark.parametrize("media", [JPEG, PNG, WEBP, GIF])
def test_junk_is_damaged(media: MediaType):
    for junk in (b"\xff\xd8\xff\xe0" * 3, b"GIF89a" + b"\x80" * 20, b"\xff" * 40, b"\0" * 12):
        try:
            metadata.clean(junk, media, 1)
        except metadata.Damaged:
            continue
        assert media == WEBP  # an empty list of parts


class TestFiles:
    """As uploads use it: `images.clean`."""

    @pytest.mark.parametrize("format", [*FORMATS, "AVIF", "GIF"])
    def test_nothing_is_told(self, tmp_path: Path, format: str):
        raw, clean = tmp_path / "raw", tmp_path / "clean"
        if format in FORMATS:
            raw.write_bytes(told(format, 6))
        else:
            picture().save(raw, format, **({"exif": exif(6)} if format == "AVIF" else {"comment": b"Oslo"}))
        media = sniff(raw.read_bytes())
        assert media is not None
        kept = images.clean(raw, clean, media)
        assert is_anonymous(clean.read_bytes(), turned=True)
        assert sniff(clean.read_bytes()) == kept
        assert images.probe(clean)[:2] == images.probe(raw)[:2]

    @pytest.mark.parametrize(("mode", "kept"), [("RGB", JPEG), ("RGBA", PNG)])
    def test_an_avif_becomes_what_every_provider_opens(self, tmp_path: Path, mode: str, kept: MediaType):
        raw = tmp_path / "raw.avif"
        picture(mode).save(raw, exif=exif(6))
        assert images.clean(raw, tmp_path / "clean", AVIF) == kept
        assert opened((tmp_path / "clean").read_bytes()).size == (30, 40)

    def test_what_is_not_built_by_the_book_is_encoded_anew(self, tmp_path: Path):
        content = told("JPEG")
        raw, clean = tmp_path / "raw.jpg", tmp_path / "clean.jpg"
        first = 4 + struct.unpack_from(">H", content, 4)[0]
        raw.write_bytes(content[:first] + b"Oslo!" + content[first:])
        with pytest.raises(metadata.Damaged):
            metadata.clean(raw.read_bytes(), JPEG, 1)
        assert images.clean(raw, clean, JPEG) == JPEG
        assert is_anonymous(clean.read_bytes())

    def test_too_many_pixels_are_refused_before_they_are_decoded(self, tmp_path: Path):
        raw = tmp_path / "raw.png"
        Image.new("1", (4000, 3000)).save(raw)
        with pytest.raises(images.NotAnImage, match="4000 × 3000"):
            images.clean(raw, tmp_path / "clean", PNG, max_pixels=1_000_000)
        assert not (tmp_path / "clean").exists()

    def test_inline_is_small_upright_and_on_white(self, tmp_path: Path):
        raw = tmp_path / "raw.png"
        Image.new("RGBA", (1000, 500), (0, 0, 0, 0)).save(raw, exif=exif(6))
        uri = images.inline(raw, 100)
        image = opened(base64.b64decode(uri.removeprefix("data:image/jpeg;base64,")))
        assert (image.size, image.getpixel((5, 5))) == ((50, 100), (255, 255, 255))
