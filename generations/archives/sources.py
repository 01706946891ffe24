"""What was uploaded, opened with care: loose files, and ZIPs, whose own words about themselves are not believed.

No name out of an archive ever becomes a path. The directory of a ZIP is measured before it is read, and what comes
out of one is counted as it comes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from generations.archives.working import Unfit

MB = 2**20
CHUNK = MB
HEAD = 4096
MOST_MEMBERS = 400_000
LARGEST_DIRECTORY = 128 * MB
FARTHEST_END = 2**16 + 22  # bytes before a ZIP's end, in which Python looks for the end record
LOCATOR, WIDE = 20, 20 + 56  # bytes before the end record: the locator of the wide record, and both
TEXT_MAX = 4 * MB  # bytes of a sidecar
GROWTH, GROWTH_FREE = 3, 512 * MB  # an upload may hold so many times its own size, and so much besides
SPARE = 256 * MB  # of the disk, which no import takes
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, struct.error)
STAYS = "What has been imported stays."
ZIP = (b"PK\3\4", b"PK\5\6")  # with something in it, and empty


class Damaged(Exception):
    """This file cannot be taken; the others can. The message says why, for people."""


@dataclass(frozen=True, slots=True)
class Copied:
    size: int
    sha256: str
    head: bytes


class Allowance:
    """Of one import, however many ZIPs it has: the bytes that may come out, `room` for what stays (None: any), and the
    disk. What passes one of them raises Unfit.
    """

    def __init__(self, size: int, room: int | None = None) -> None:
        self.left = size * GROWTH + GROWTH_FREE
        self.room = room

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Unfit("What is in this .zip is far larger than the .zip itself. The rest of it is not taken.")

    def keep(self, size: int) -> None:
        """Before a file is kept: what is here already takes no more."""
        if self.room is None:
            return
        if size > self.room:
            raise Unfit(
                f"Your storage has no room for the rest. {STAYS} Delete what you no longer need, and try again."
            )
        self.room -= size

    @staticmethod
    def check_disk(folder: Path) -> None:
        if shutil.disk_usage(folder).free < SPARE:
            raise Unfit(f"Studio's disk has no room for the rest. {STAYS}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a source. `size` is what its archive says."""

    name: str
    size: int
    opened: Callable[[], IO[bytes]]
    allowance: Allowance

    def head(self) -> bytes:
        return b"".join(self._pieces(HEAD, whole=False))[:HEAD]

    def text(self, most: int = TEXT_MAX) -> bytes:
        return b"".join(self._pieces(most))

    def copy(self, path: Path, most: int) -> Copied:
        """To a file of ours. Raises Damaged where it is larger than `most`, or cannot be read."""
        digest, size, head = hashlib.sha256(), 0, b""
        with path.open("wb") as file:
            for piece in self._pieces(most):
                self.allowance.check_disk(path.parent)
                head = head or piece[:HEAD]
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        return Copied(size, digest.hexdigest(), head)

    def _pieces(self, most: int, *, whole: bool = True) -> Iterator[bytes]:
        """Up to its end; or, where not the `whole` is wanted, the first `most` bytes."""
        came = 0
        try:
            with self.opened() as file:
                while piece := file.read(min(CHUNK, most + 1 - came)):
                    self.allowance.take(len(piece))
                    came += len(piece)
                    if came > most and whole:
                        raise Damaged(f"It is larger than {most // MB} MB.")
                    yield piece
                    if came >= most and not whole:
                        return
        except BROKEN as error:
            raise Damaged("It is damaged, locked, or packed in a way that Studio does not know.") from error


Source = dict[str, Member]  # by name


@contextmanager
def opened(path: Path, allowance: Allowance) -> Iterator[Source]:
    """The files in a ZIP. Raises Unfit."""
    _check_directory(path)
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise Unfit("This .zip cannot be opened.") from error
    with archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        yield {
            name: Member(name, one.file_size, partial(archive.open, one), allowance)
            for one in members
            if (name := _shown(one.filename))
        }


def loose(paths: list[Path], allowance: Allowance) -> Source:
    """Files as they were uploaded; see `kept_name`. Two of one name are told apart by their numbers."""
    source: Source = {}
    for path in paths:
        name = path.name.partition("-")[2]
        name = path.name if name in source else name
        source[name] = Member(name, path.stat().st_size, partial(_read, path), allowance)
    return source


def _read(path: Path) -> IO[bytes]:
    return path.open("rb")


def kept_name(number: int, name: str) -> str:
    """What an uploaded file is called while it waits: "0003-lake.png"."""
    plain = re.sub(r"[^\w.\-() ]", "_", PurePosixPath(name.replace("\\", "/")).name).strip(". ")
    return f"{number:04d}-{plain.encode()[-150:].decode(errors='ignore') or 'file'}"


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in ZIP


def _shown(name: str) -> str:
    """Without what systems add to archives; "" for those."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    hidden = not parts or parts[0] == "__MACOSX" or any(part.startswith(".") and part != ".." for part in parts)
    return "" if hidden or len(name) > 1000 else name


def _check_directory(path: Path) -> None:
    """Python reads a ZIP's directory whole, however large it is: what stands right before its end record.

    Of the wide record, some Pythons read the one that the locator names, others the one right before the locator; here
    both are the same one.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.seek(max(0, size - FARTHEST_END - WIDE))
        tail = file.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0 or len(tail) < at + 22:
            raise Unfit("This .zip breaks off, or is none.")
        (length,) = struct.unpack_from("<I", tail, at + 12)
        if at >= LOCATOR and tail[at - LOCATOR :].startswith(b"PK\6\7"):
            (named,) = struct.unpack_from("<Q", tail, at - LOCATOR + 8)
            at -= WIDE
            if at < 0 or named != start + at or not tail[at:].startswith(b"PK\6\6"):
                raise Unfit("This .zip cannot be opened.")
            (length,) = struct.unpack_from("<Q", tail, at + 40)
        if length <= LARGEST_DIRECTORY:
            file.seek(max(0, start + at - length))
            if file.read(length).count(b"PK\1\2") <= MOST_MEMBERS:
                return
    raise Unfit(f"A .zip may hold at most {MOST_MEMBERS:,} files.")
