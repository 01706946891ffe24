"""Parts of a file by HTTP (RFC 9110): what a player's `Range` asks for, and the bytes to answer with."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO, NamedTuple

CHUNK = 64 * 1024
SINGLE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class Unsatisfiable(Exception):
    """The range lies outside the file: answer 416 with `Content-Range: bytes */size`."""


class ByteRange(NamedTuple):
    """The first and the last byte, both included, of a file of `size` bytes."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The part asked for; None to answer with the whole file, as for no range, several, or one we cannot read.

    Raises `Unsatisfiable`.
    """
    asked = SINGLE.fullmatch((header or "").strip())
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if first and last and int(last) < int(first):
        return None
    found = _within(first, last, size)
    if found.first >= size or found.length < 1:
        raise Unsatisfiable(f"bytes */{size}")
    return found


def _within(first: str, last: str, size: int) -> ByteRange:
    if not first:  # the last so many bytes
        return ByteRange(max(0, size - int(last)), size - 1, size)
    return ByteRange(int(first), min(int(last), size - 1) if last else size - 1, size)


def if_range_holds(header: str | None, *, etag: str | None = None, modified: datetime | None = None) -> bool:
    """Whether the file is still the one a part of which the client has; if not, the whole file has to be sent.

    `etag` with its quotes; a weak one never holds. A date holds only when it is the very one of `modified` (aware).
    """
    if header is None:
        return True
    header = header.strip()
    if header.startswith(('"', "W/")):
        return header == etag and not header.startswith("W/")
    return modified is not None and _moment(header) == modified.astimezone(UTC).replace(microsecond=0)


def slices(file: BinaryIO, first: int, length: int, *, chunk: int = CHUNK) -> Iterator[bytes]:
    """The bytes of a seekable file from `first` on, piece by piece; closes the file at the end."""
    with file:
        file.seek(first)
        while length > 0 and (piece := file.read(min(chunk, length))):
            length -= len(piece)
            yield piece


def _moment(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
