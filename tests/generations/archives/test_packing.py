"""The ZIP as bytes: what other programs read, and exactly as long as was said before."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generations.archives import packing
from generations.archives.packing import Changed, Entry

AT = datetime(2026, 11, 21, 10, 20, 30, tzinfo=UTC)


def entry(name: str, content: bytes = b"content") -> Entry:
    return Entry.of(name, AT, content)


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_it_reads_as_it_was_written(tmp_path):
    (tmp_path / "clip").write_bytes(bytes(range(256)) * 3000)
    entries = [entry("a.json", b"{}"), Entry("日本/clip.mp4", AT, tmp_path / "clip", 768_000), entry("empty", b"")]
    content = b"".join(packing.stream(entries))
    with opened(content) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.json", "日本/clip.mp4", "empty"]
        assert archive.read("日本/clip.mp4") == bytes(range(256)) * 3000
        first = archive.infolist()[0]
    assert first.date_time == (2026, 11, 21, 10, 20, 30)
    assert first.compress_type == zipfile.ZIP_STORED
    assert not first.flag_bits & 8  # no size stands behind a file, where some programs do not look
    assert packing.length(entries) == len(content)


def test_nothing_is_an_archive_too():
    content = b"".join(packing.stream([]))
    assert opened(content).namelist() == []
    assert packing.length([]) == len(content)


def test_more_than_65535_files():
    entries = [entry(f"{number}.txt", b"") for number in range(65_600)]
    content = b"".join(packing.stream(entries))
    assert packing.length(entries) == len(content)
    assert len(opened(content).namelist()) == 65_600


@pytest.mark.parametrize("limit", [5, 100, 190])
def test_sizes_and_places_beyond_their_fields(monkeypatch, limit):
    """As for files beyond 4 GB: what Zip64 is for, with a lower limit."""
    monkeypatch.setattr(packing, "FULL", limit)
    entries = [entry("small", b"abc"), entry("large", b"x" * 120), entry("last", b"abcdef")]
    content = b"".join(packing.stream(entries))
    assert packing.length(entries) == len(content)
    assert content.count(b"PK\6\6") == 1
    assert b"x" * 120 in content


def test_what_was_beyond_4_gb_reads_back(tmp_path, monkeypatch):
    """Places of more than 32 bits, without writing so much: the packer is told that it has come that far."""
    packer = packing.Packer()
    packer.at = 5 * 2**30
    written = b"".join(packer.pack([entry("late.txt")])) + b"".join(packer.end())
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.seek(5 * 2**30)  # a hole: no disk is used
        file.write(written)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("late.txt") == b"content"


@pytest.mark.parametrize("size", [2, 9])
def test_a_file_that_changed_breaks_off(tmp_path, size):
    path = Path(tmp_path, "file")
    path.write_bytes(b"12345")
    if size == 2:  # it has become longer: what was planned is sent
        [name] = opened(b"".join(packing.stream([Entry("f", AT, path, 2)]))).namelist()
        assert name == "f"
        return
    with pytest.raises(Changed):
        list(packing.stream([Entry("f", AT, path, size)]))
    path.unlink()
    with pytest.raises(Changed):
        list(packing.stream([Entry("f", AT, path, 5)]))
