"""Pictures without what tells of place, time and camera, their pixels untouched.

Each format's file is read as its list of parts; those that a picture needs are kept, all others are left out, and so
is what hangs behind its end (phones put whole clips there). The orientation alone is written anew, where there is one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

from studio.lib.sniff import GIF, JPEG, PNG, WEBP, MediaType

EXIF_HEAD = b"Exif\0\0"
ORIENTATION = 0x0112
PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)
WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
WEBP_EXIF, WEBP_XMP = 0x08, 0x04  # flags in VP8X
GIF_APPLICATIONS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})
SOI, EOI, SOS, APP0, APP1, APP2, APP14, COMMENT = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE


class Damaged(ValueError):
    """The file is not built as its format says."""


def clean(content: bytes, media: MediaType, orientation: int) -> bytes:
    """The file without metadata. `orientation` (1–8, as in EXIF) is kept where it is not 1. Raises Damaged."""
    try:
        return b"".join(CLEANERS[media](content, orientation))
    except (IndexError, struct.error) as error:
        raise Damaged("The file ends too early.") from error


def _exif(orientation: int) -> bytes:
    """TIFF with one entry."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, orientation, 0, 0)


# -- JPEG ------------------------------------------------------------------------------------------------------------
def _jpeg(content: bytes, orientation: int) -> Iterator[bytes]:
    yield content[:2]
    exif = EXIF_HEAD + _exif(orientation)
    if orientation != 1:
        yield struct.pack(">BBH", 0xFF, APP1, len(exif) + 2) + exif
    at = 2
    while (marker := _marker(content, at)) != EOI:
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if end > len(content):
            raise Damaged("A part of it is longer than the file.")
        if marker == SOS:
            end = _scan_end(content, end)
        if _is_needed(marker, content[at + 4 : end]):
            yield content[at:end]
        at = end
        while content[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
    yield b"\xff\xd9"


def _marker(content: bytes, at: int) -> int:
    if content[at] != 0xFF:
        raise Damaged("There is something between its parts.")
    return content[at + 1]


def _scan_end(content: bytes, at: int) -> int:
    """Where the compressed pixels end: at the first marker that is neither a stuffed 0xFF nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise Damaged("The file ends too early.")
        if content[at + 1] and content[at + 1] != 0xFF and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 1 if content[at + 1] == 0xFF else 2


def _is_needed(marker: int, segment: bytes) -> bool:
    """Of the APPn only JFIF (without a second thumbnail), the colour profile and Adobe's note on its colours."""
    if marker == APP0:
        return segment.startswith(b"JFIF\0")
    if marker == APP2:
        return segment.startswith(b"ICC_PROFILE\0")
    return marker == APP14 or not (APP0 <= marker <= 0xEF or marker == COMMENT)


# -- PNG -------------------------------------------------------------------------------------------------------------
def _png(content: bytes, orientation: int) -> Iterator[bytes]:
    yield content[:8]
    at, kind = 8, b""
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise Damaged("A part of it is longer than the file.")
        if kind in PNG_KEPT:
            yield content[at:end]
        if kind == b"IHDR" and orientation != 1:
            yield _png_chunk(b"eXIf", _exif(orientation))
        at = end


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# -- WebP ------------------------------------------------------------------------------------------------------------
def _webp(content: bytes, orientation: int) -> Iterator[bytes]:
    turned = orientation != 1
    parts = [_webp_part(kind, body, turned) for kind, body in _riff(content) if kind in WEBP_KEPT]
    extended = bool(parts) and parts[0].startswith(b"VP8X")
    if turned and extended:  # a simple file has no metadata, and so no orientation
        parts.append(_riff_part(b"EXIF", _exif(orientation)))
    body = b"WEBP" + b"".join(parts)
    yield b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_part(kind: bytes, body: bytes, turned: bool) -> bytes:
    if kind == b"VP8X":
        flags = (body[0] & ~(WEBP_EXIF | WEBP_XMP)) | (WEBP_EXIF if turned else 0)
        body = bytes([flags]) + body[1:]
    return _riff_part(kind, body)


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    (whole,) = struct.unpack_from("<I", content, 4)
    at, last = 12, min(len(content), whole + 8)
    while at + 8 <= last:
        kind, length = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        if at + 8 + length > len(content):
            raise Damaged("A part of it is longer than the file.")
        yield kind, content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _riff_part(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


# -- GIF -------------------------------------------------------------------------------------------------------------
def _gif(content: bytes, orientation: int) -> Iterator[bytes]:
    at = 13 + _colours(content[10])
    yield content[:at]
    while (block := content[at]) != 0x3B:
        if block == 0x2C:
            end = _sub_blocks_end(content, at + 11 + _colours(content[at + 9]))
        elif block == 0x21:
            end = _sub_blocks_end(content, at + 2)
        else:
            raise Damaged("There is something between its parts.")
        if block == 0x2C or content[at + 1] == 0xF9 or content[at + 3 : at + 14] in GIF_APPLICATIONS:
            yield content[at:end]
        at = end
    yield b"\x3b"


def _colours(flags: int) -> int:
    """The bytes of the table of colours that the flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks_end(content: bytes, at: int) -> int:
    while length := content[at]:
        at += 1 + length
    return at + 1


CLEANERS: dict[MediaType, Callable[[bytes, int], Iterator[bytes]]] = {
    JPEG: _jpeg,
    PNG: _png,
    WEBP: _webp,
    GIF: _gif,
}
