"""Images as files: what they are, copies without metadata, thumbnails, and what stands in for them while they load."""

import base64
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageCms, ImageOps

from studio.lib import metadata
from studio.lib.sniff import JPEG, PNG, MediaType

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
MAX_PIXELS = 64_000_000  # 256 MB when decoded
WEBP_MAX_SIDE = 16_383
THUMBNAIL_QUALITY = 80
PLACEHOLDER_CHARS = 300
PLACEHOLDER_SIDES = (20, 16, 12, 8, 4)
EXIF_ORIENTATION = 0x0112
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, EOFError, MemoryError),  # as Pillow's decoders put it
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
TURNED = (5, 6, 7, 8)  # orientations that swap width and height


class NotAnImage(Exception):
    """The file is none of the formats we read, is damaged, or has more pixels than allowed."""


class ImageInfo(NamedTuple):
    """Pixels as they are seen, that is, after the orientation is applied; the format as in `FORMATS`."""

    width: int
    height: int
    format: str


class Thumbnail(NamedTuple):
    path: Path
    width: int
    height: int


class Placeholder(NamedTuple):
    """A blurred stand-in of at most 20 × 20 pixels as a `data:` URI, and the main colour as `#rrggbb`."""

    uri: str
    colour: str


def probe(path: Path, *, max_pixels: int = MAX_PIXELS) -> ImageInfo:
    """Reads the header only; raises `NotAnImage`."""
    with _opened(path, max_pixels) as image:
        return ImageInfo(*_seen_size(image), format=image.format or "")


def clean(path: Path, target: Path, media: MediaType, *, max_pixels: int = MAX_PIXELS) -> MediaType:
    """Writes the picture without metadata, its pixels untouched; answers what the copy is. Raises `NotAnImage`.

    An AVIF, in which nothing can be left out so, and what is not built by the book are encoded anew: as JPEG, or as
    PNG where they are transparent.
    """
    with _opened(path, max_pixels) as image:
        if media in metadata.CLEANERS:
            with suppress(metadata.Damaged):
                target.write_bytes(metadata.clean(path.read_bytes(), media, _orientation(image)))
                return media
        return _encoded_anew(image, target)


def inline(path: Path, side: int, *, max_pixels: int = MAX_PIXELS) -> str:
    """The picture as a `data:` URI of a JPEG of at most `side` pixels, on white; raises `NotAnImage`."""
    with _opened(path, max_pixels) as image:
        upright = _upright(image, width=side)
        upright.thumbnail((side, side))
    return _data_uri(_saved(_on((255, 255, 255), upright), "JPEG", quality=80), "image/jpeg")


def embedded(path: Path, *, side: int, largest: int, max_pixels: int = MAX_PIXELS) -> str:
    """The picture without metadata as a `data:` URI of a JPEG or PNG, upright; raises `NotAnImage`.

    Within `side` pixels and `largest` bytes its pixels are untouched. Else it is encoded anew: as a JPEG, or as a PNG
    where it is transparent and that is small enough.
    """
    with _opened(path, max_pixels) as image:
        if content := _kept(path, image, side, largest):
            return _data_uri(content, Image.MIME[image.format or ""])
        upright = _upright(image, width=side)
        upright.thumbnail((side, side))
    if upright.mode == "RGBA" and len(content := _saved(upright, "PNG")) <= largest:
        return _data_uri(content, "image/png")
    return _data_uri(_saved(_on((255, 255, 255), upright), "JPEG", quality=85), "image/jpeg")


def _kept(path: Path, image: Image.Image, side: int, largest: int) -> bytes:
    """Its file as it is, without metadata, where that will do; else nothing."""
    fits = max(image.size) <= side and path.stat().st_size <= largest and _orientation(image) == 1
    media = {"JPEG": JPEG, "PNG": PNG}.get(image.format or "")
    if not fits or media is None or image.mode not in ("L", "RGB", "RGBA", "P"):
        return b""
    image.load()  # a damaged one is told here, not by whom it is sent to
    with suppress(metadata.Damaged):
        return metadata.clean(path.read_bytes(), media, 1)
    return b""


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.info = {}  # Pillow copies comments and profiles from it
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _data_uri(content: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def thumbnails(path: Path, targets: Mapping[int, Path], *, max_pixels: int = MAX_PIXELS) -> list[Thumbnail]:
    """Writes a WebP for each width in pixels to its path, from one decoding; raises `NotAnImage`.

    Turned upright, converted to sRGB, alpha kept, never enlarged; of an animation the first frame.
    """
    with _opened(path, max_pixels) as image:
        upright = _upright(image, width=max(targets))
    return [_write_thumbnail(upright, width, target) for width, target in sorted(targets.items())]


def placeholder(path: Path, *, max_pixels: int = MAX_PIXELS) -> Placeholder:
    """Cheapest on the smallest thumbnail; raises `NotAnImage`."""
    with _opened(path, max_pixels) as image:
        upright = _upright(image, width=PLACEHOLDER_SIDES[0])
        upright.thumbnail((PLACEHOLDER_SIDES[0],) * 2)
    colour = _main_colour(upright)
    return Placeholder(_tiny_uri(_on(colour, upright)), "#{:02x}{:02x}{:02x}".format(*colour))


@contextmanager
def _opened(path: Path, max_pixels: int) -> Iterator[Image.Image]:
    """The image, unread; whatever Pillow finds wrong with it, now or while it decodes, is a `NotAnImage`."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > max_pixels:
                raise NotAnImage(f"It has {image.width} × {image.height} pixels, more than we open.")
            yield image
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise NotAnImage("It is not an image that we can read.") from error


def _seen_size(image: Image.Image) -> tuple[int, int]:
    return (image.height, image.width) if _is_turned(image) else (image.width, image.height)


def _is_turned(image: Image.Image) -> bool:
    return _orientation(image) in TURNED


def _orientation(image: Image.Image) -> int:
    """1–8; 1 where the file does not say."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Pillow would decode the whole picture to look for it behind
    said: object = image.getexif().get(EXIF_ORIENTATION)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _encoded_anew(image: Image.Image, target: Path) -> MediaType:
    upright = _upright(image, width=_seen_size(image)[0])
    if upright.mode == "RGBA":
        upright.save(target, "PNG")
        return PNG
    upright.save(target, "JPEG", quality=95, subsampling=0)
    return JPEG


def _upright(image: Image.Image, *, width: int) -> Image.Image:
    """In RGB or RGBA, as it is to be seen; a JPEG is decoded no larger than a picture of that width needs."""
    scale = min(1.0, width / _seen_size(image)[0])
    image.draft(None, (round(image.width * scale) or 1, round(image.height * scale) or 1))
    upright = ImageOps.exif_transpose(image)
    return _in_srgb(upright)


def _in_srgb(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "PA", "LA") or profile is None:
        return _in_eight_bits(image).convert(mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):  # a damaged profile, or one for another kind of pixels
        return _in_eight_bits(image).convert(mode)
    assert converted is not None
    return converted


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Pillow clips 16-bit grey when it converts; this scales it."""
    return image.point(lambda value: value / 256).convert("L") if image.mode.startswith("I;16") else image


def _write_thumbnail(upright: Image.Image, width: int, target: Path) -> Thumbnail:
    size = _fitted(upright.size, width)
    small = upright if size == upright.size else upright.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    write_webp(small, target)
    return Thumbnail(target, *size)


def _fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    scale = min(1.0, width / size[0], WEBP_MAX_SIDE / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def write_webp(image: Image.Image, target: Path) -> None:
    """Beside the target and then into its place, so that nobody reads half a file; without metadata."""
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            image.save(file, "WEBP", quality=THUMBNAIL_QUALITY, exif=b"", icc_profile=b"")
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _main_colour(image: Image.Image) -> tuple[int, int, int]:
    """The commonest of four colours that stand for the picture; nothing but transparency is white."""
    pixels = Image.new("RGB", image.size, "white")
    pixels.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    counted = pixels.quantize(4).convert("RGB").getcolors(maxcolors=4) or []
    _, colour = max(counted, key=lambda entry: entry[0])
    assert isinstance(colour, tuple)
    red, green, blue = colour
    return red, green, blue


def _on(colour: tuple[int, int, int], image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, colour)
    ground.alpha_composite(image)
    return ground.convert("RGB")


def _tiny_uri(image: Image.Image) -> str:
    uri = ""
    for side in PLACEHOLDER_SIDES:
        image.thumbnail((side, side))
        uri = _data_uri(_saved(image, "WEBP", quality=20, method=6), "image/webp")
        if len(uri) <= PLACEHOLDER_CHARS:
            break
    return uri
