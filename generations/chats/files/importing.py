"""Conversations out of files: Studio's own, and ChatGPT's export, alone or in the .zip that it comes in.

A file is read twice, a conversation at a time: first to see that it can be read to its end, then to keep what is in it.
Each conversation is kept whole or not at all, and under an id that follows from its own, so that the same file, taken
in again, changes nothing.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any
from uuid import UUID, uuid5

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from accounts.models import User
from generations.chats.files import chatgpt, exporting, records
from generations.chats.files.records import Odd
from generations.models import Conversation

MB = 2**20
LARGEST = 100 * MB  # of the upload
UNPACKED = 400 * MB  # of what is in it
LONGEST = 64 * MB  # characters of one conversation
MOST = 20_000  # conversations
CHUNK = MB
IDS = UUID("3c9c2f0e-7c6a-5d8e-9a52-6e0d1f0c8b11")

NEITHER = "This is neither Studio's export nor ChatGPT's conversations.json."
BROKEN = "The file breaks off, or is no JSON."
OWN = re.compile(
    rf'\s*\{{\s*"format"\s*:\s*"{exporting.FORMAT}"\s*,\s*"version"\s*:\s*(\d+)\s*,\s*"conversations"\s*:\s*\['
)
LIST = re.compile(r"\s*\[")
MEMBER = re.compile(r"(?:[^/]+/)*conversations(?:-\d{1,4})?\.json")


class Unfit(ValueError):
    """A file that is not taken; the message says why, for people."""


@dataclass
class Report:
    imported: int = 0
    skipped: Counter[str] = field(default_factory=Counter)  # how many, by why

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return self.skipped.most_common()

    @property
    def sentence(self) -> str:
        left = sum(self.skipped.values())
        said = f"Imported {self.imported:,} conversation{'' if self.imported == 1 else 's'}."
        return f"{said} Left out {left:,}:" if left else said


def take_in(user: User, given: UploadedFile[Any]) -> Report:
    """Raises Unfit where the file is not one that can be read; then nothing of it was kept."""
    if (given.size or 0) > LARGEST:
        raise Unfit(f"A file may have at most {LARGEST // MB} MB.")
    file = given.file
    assert file is not None
    opened = list(_opened(file))
    count = 0
    for open_one in opened:
        for _ in _conversations(open_one):
            count += 1
            if count > MOST:
                raise Unfit(f"A file may have at most {MOST:,} conversations.")
    report = Report()
    for open_one in opened:
        for source, found in _conversations(open_one):
            _keep(user, source, found, report)
    return report


# -- Files -----------------------------------------------------------------------------------------------------------
def _opened(file: IO[bytes]) -> Iterator[Callable[[], IO[bytes]]]:
    """How to open each JSON in it, from its start."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":

        def rewound() -> IO[bytes]:
            file.seek(0)
            return file

        yield rewound
        return
    try:
        archive = zipfile.ZipFile(file)
        members = [one for one in archive.infolist() if MEMBER.fullmatch(one.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unfit("This .zip cannot be opened.") from error
    if not members:
        raise Unfit("There is no conversations.json in this .zip.")
    if sum(one.file_size for one in members) > UNPACKED:
        raise Unfit(f"What is in this .zip is larger than {UNPACKED // MB} MB.")
    for member in members:
        yield partial(_member, archive, member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise Unfit(
            "This .zip cannot be opened: it is locked, or packed in a way that Studio does not know."
        ) from error


class _Text:
    """The text of a file as far as it was read; `at` is the place up to which it was understood."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8-sig")
        self._read = 0
        self.text, self.at = "", 0

    def more(self, characters: int) -> bool:
        try:
            piece = self._file.read(characters)
        except (UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Unfit(BROKEN) from error
        self.text, self.at = self.text[self.at :] + piece, 0
        self._read += len(piece)
        if self._read > UNPACKED:  # whatever an archive says of itself
            raise Unfit(f"What is in this file is larger than {UNPACKED // MB} MB.")
        return bool(piece)

    def done(self) -> None:
        self._file.detach()


def _conversations(open_one: Callable[[], IO[bytes]]) -> Iterator[tuple[str, Any]]:
    """Each with where it comes from: "studio" or "chatgpt"."""
    text = _Text(open_one())
    try:
        text.more(CHUNK)
        if begun := OWN.match(text.text):
            if int(begun[1][:9]) != exporting.VERSION:
                raise Unfit("This was exported by a newer Studio.")
            source = "studio"
        elif begun := LIST.match(text.text):
            source = "chatgpt"
        else:
            raise Unfit(NEITHER)
        text.at = begun.end()
        for found in _items(text):
            yield source, found
    finally:
        text.done()


def _items(text: _Text) -> Iterator[Any]:
    """The items of a JSON list whose bracket was read."""
    decode, wanted = json.JSONDecoder().raw_decode, CHUNK
    while True:
        text.at = _skip(text, " \t\r\n,")
        if text.at < len(text.text) and text.text[text.at] == "]":
            return
        try:
            found, end = decode(text.text, text.at)
        except RecursionError as error:
            raise Unfit("The file is nested too deeply.") from error
        except ValueError as error:
            wanted = max(CHUNK, len(text.text) - text.at)
            if wanted > LONGEST or not text.more(wanted):
                raise Unfit(BROKEN) from error
            continue
        yield found
        text.at = end


def _skip(text: _Text, signs: str) -> int:
    at = text.at
    while at < len(text.text) and text.text[at] in signs:
        at += 1
    return at


# -- Keeping ---------------------------------------------------------------------------------------------------------
def _keep(user: User, source: str, found: Any, report: Report) -> None:
    try:
        record = chatgpt.record(found) if source == "chatgpt" else found
        its_own = records.own_id(record)
        pk = uuid5(IDS, f"{user.pk}/{source}/{its_own}")
        if Conversation.objects.filter(pk__in=[pk, *_uuid(its_own)], owner=user, deleted_at__isnull=True).exists():
            report.skipped["It is here already."] += 1
            return
        with transaction.atomic():
            Conversation.objects.filter(pk=pk, owner=user).delete()  # one that was deleted before
            records.write(user, pk, record)
    except Odd as error:
        report.skipped[str(error)] += 1
    except IntegrityError:
        report.skipped["It came in twice at once."] += 1
    else:
        report.imported += 1


def _uuid(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []
