"""What a file is, by its first bytes: servers and file names are not believed."""

import re
from typing import Literal, NamedTuple

Kind = Literal["image", "video", "audio"]


class MediaType(NamedTuple):
    mime: str
    extension: str  # without a dot
    kind: Kind


PNG = MediaType("image/png", "png", "image")
JPEG = MediaType("image/jpeg", "jpg", "image")
WEBP = MediaType("image/webp", "webp", "image")
GIF = MediaType("image/gif", "gif", "image")
AVIF = MediaType("image/avif", "avif", "image")
MP4 = MediaType("video/mp4", "mp4", "video")
WEBM = MediaType("video/webm", "webm", "video")
MOV = MediaType("video/quicktime", "mov", "video")
MP3 = MediaType("audio/mpeg", "mp3", "audio")
WAV = MediaType("audio/wav", "wav", "audio")
M4A = MediaType("audio/mp4", "m4a", "audio")

SIGNATURES: tuple[tuple[re.Pattern[bytes], MediaType], ...] = tuple(
    (re.compile(pattern, re.DOTALL), media)
    for pattern, media in (
        (rb"\x89PNG\r\n\x1a\n", PNG),
        (rb"\xff\xd8\xff", JPEG),
        (rb"RIFF....WEBP", WEBP),
        (rb"GIF8[79]a", GIF),
        (rb"RIFF....WAVE", WAV),
        (rb"\x1a\x45\xdf\xa3.{0,60}\x42\x82.{1,8}?webm", WEBM),  # an EBML head whose DocType is webm
        (rb"ID3[\x02-\x04]", MP3),
        (rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef][\x00-\xff]", MP3),  # a frame of layer III with a bit rate
    )
)
# ISO base media: the first brand of the `ftyp` box that is known decides.
BRANDS = {b"avif": AVIF, b"avis": AVIF, b"qt  ": MOV, b"M4A ": M4A} | dict.fromkeys(
    (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"), MP4
)
TEXTS = (
    (re.compile(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body)", re.I | re.S), "HTML"),
    (re.compile(rb"<\?xml|<svg|<Error>"), "XML"),
    (re.compile(rb'[{\[]\s*(["{\[\]}]|-?\d|true|false|null)'), "JSON"),
)
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(head: bytes) -> MediaType | None:
    """The type of the file that begins with `head` (64 bytes do, more are fine); None when it is not media."""
    for signature, media in SIGNATURES:
        if signature.match(head):
            return media
    return _iso_media(head)


def text_kind(head: bytes) -> str | None:
    """`"HTML"`, `"XML"`, `"JSON"` or `"text"` when that is what came in place of media; None for anything else."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start or BINARY.search(start):
        return None
    return next((kind for pattern, kind in TEXTS if pattern.match(start)), "text")


def _iso_media(head: bytes) -> MediaType | None:
    if head[4:8] != b"ftyp":
        return None
    length = int.from_bytes(head[:4])
    brands = [head[8:12]] + [head[at : at + 4] for at in range(16, min(length, len(head)), 4)]
    return next((BRANDS[brand] for brand in brands if brand in BRANDS), None)
