"""A ZIP as a stream of bytes: stored, not compressed, so that its length is known before its first byte is made.

Each file is read twice, first for its checksum: the sum then stands before the bytes, where every program looks for
it, and no program has to guess where a file ends. Sizes, places and counts beyond 32 bits are written as Zip64.
Format: APPNOTE.TXT 6.3.10 of PKWARE.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CHUNK = 256 * 1024
UTF_8 = 0x0800  # flag: names are UTF-8
PLAIN, ZIP64 = 20, 45  # versions of the format
UNIX = 3 << 8
MODE = 0o100644 << 16
FULL, FULL_COUNT = 0xFFFFFFFF, 0xFFFF  # "see the Zip64 part"

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
END_64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR_64 = struct.Struct("<4sIQI")


class Changed(Exception):
    """A file is gone, or has another size than when the archive was planned. What was sent cannot be mended."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive: these bytes, or those of the file at this path, which are `size` many."""

    name: str
    at: datetime
    content: bytes | Path
    size: int

    @classmethod
    def of(cls, name: str, at: datetime, content: bytes) -> Entry:
        return cls(name, at, content, len(content))


def length(entries: Iterable[Entry]) -> int:
    """The bytes of the whole archive."""
    at = directory = count = 0
    for entry in entries:
        name = len(entry.name.encode())
        directory += CENTRAL.size + name + len(_wide(entry.size, entry.size, *_far(at)))
        at += LOCAL.size + name + len(_wide(entry.size, entry.size)) + entry.size
        count += 1
    return at + directory + len(_end(count, directory, at))


class Packer:
    """Writes one archive; `at` is how far it has come, `count` how many files are whole in it."""

    def __init__(self) -> None:
        self.at = 0
        self.count = 0
        self._directory = bytearray()

    def pack(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        """The entries' bytes, a piece at a time. Raises Changed."""
        for entry in entries:
            for piece in self._entry(entry):
                self.at += len(piece)
                yield piece
            self.count += 1

    def end(self) -> Iterator[bytes]:
        """The directory, which makes an archive of it."""
        for first in range(0, len(self._directory), CHUNK):
            yield bytes(self._directory[first : first + CHUNK])
        yield _end(self.count, len(self._directory), self.at)

    def _entry(self, entry: Entry) -> Iterator[bytes]:
        name, moment = entry.name.encode(), _dos(entry.at)
        crc = _checksum(entry)
        wide = _wide(entry.size, entry.size)
        size = FULL if wide else entry.size
        version = ZIP64 if wide else PLAIN
        place = self.at
        yield LOCAL.pack(b"PK\3\4", version, UTF_8, 0, *moment, crc, size, size, len(name), len(wide)) + name + wide
        yield from _pieces(entry)
        wide = _wide(entry.size, entry.size, *_far(place))
        version, place = (ZIP64 if wide else PLAIN), min(place, FULL)
        sizes = (crc, size, size, len(name), len(wide), 0, 0, 0, MODE, place)
        self._directory += CENTRAL.pack(b"PK\1\2", UNIX | version, version, UTF_8, 0, *moment, *sizes) + name + wide


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """A whole archive. Raises Changed."""
    packer = Packer()
    yield from packer.pack(entries)
    yield from packer.end()


def _far(place: int) -> tuple[int, ...]:
    return (place,) if place >= FULL else ()


def _wide(*values: int) -> bytes:
    """The Zip64 part with those values that need it: sizes go together, a place by itself."""
    sizes = [value for value in values[:2] if values[0] >= FULL]
    needed = [*sizes, *values[2:]]
    return struct.pack(f"<2H{len(needed)}Q", 1, 8 * len(needed), *needed) if needed else b""


def _end(count: int, directory: int, at: int) -> bytes:
    plain = END.pack(
        b"PK\5\6", 0, 0, min(count, FULL_COUNT), min(count, FULL_COUNT), min(directory, FULL), min(at, FULL), 0
    )
    if count < FULL_COUNT and directory < FULL and at < FULL:
        return plain
    wide = END_64.pack(b"PK\6\6", END_64.size - 12, UNIX | ZIP64, ZIP64, 0, 0, count, count, directory, at)
    return wide + LOCATOR_64.pack(b"PK\6\7", 0, at + directory, 1) + plain


def _checksum(entry: Entry) -> int:
    crc = 0
    for piece in _pieces(entry):
        crc = zlib.crc32(piece, crc)
    return crc


def _pieces(entry: Entry) -> Iterator[bytes]:
    """Exactly `size` bytes."""
    if isinstance(entry.content, bytes):
        yield entry.content
        return
    left = entry.size
    try:
        with entry.content.open("rb") as file:
            while left and (piece := file.read(min(CHUNK, left))):
                left -= len(piece)
                yield piece
    except OSError as error:
        raise Changed(entry.name) from error
    if left:
        raise Changed(entry.name)


def _dos(moment: datetime) -> tuple[int, int]:
    """Time and date as MS-DOS has them, to two seconds, from 1980 to 2107."""
    if not 1980 <= moment.year <= 2107:
        return 0, 0x21
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (moment.year - 1980) << 9 | moment.month << 5 | moment.day
