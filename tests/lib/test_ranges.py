import datetime as dt
import io

import pytest

from studio.lib.ranges import ByteRange, Unsatisfiable, if_range_holds, parse_range, slices

MODIFIED = dt.datetime(2026, 1, 1, 14, 0, 0, 500_000, tzinfo=dt.timezone(dt.timedelta(hours=2)))


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-1000", 90, 99),
        ("bytes=-10", 90, 99),
        ("bytes=-1000", 0, 99),
        ("Bytes = 5 - 6", 5, 6),
    ],
)
def test_a_single_range(header, first, last):
    found = parse_range(header, 100)
    assert found == ByteRange(first, last, 100)
    assert found.length == last - first + 1
    assert found.content_range == f"bytes {first}-{last}/100"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=9-1",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=--1",
        "bytes=٣-",
    ],
)
def test_no_range_several_or_an_unreadable_one_mean_the_whole_file(header):
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_a_range_outside_the_file(header, size):
    with pytest.raises(Unsatisfiable, match=rf"bytes \*/{size}"):
        parse_range(header, size)


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (None, True),
        ('"abc"', True),
        ('"abd"', False),
        ('W/"abc"', False),
        ("Thu, 01 Jan 2026 12:00:00 GMT", True),
        ("Thu, 01 Jan 2026 12:00:01 GMT", False),
        ("Thu, 01 Jan 2026 11:59:59 GMT", False),
        ("nonsense", False),
    ],
)
def test_if_range(header, holds):
    assert if_range_holds(header, etag='"abc"', modified=MODIFIED) is holds


def test_if_range_does_not_hold_for_what_is_not_known():
    assert not if_range_holds("Thu, 01 Jan 2026 12:00:00 GMT")
    assert not if_range_holds('W/"abc"', etag='W/"abc"')


def test_slices_are_the_bytes_asked_for_and_the_file_is_closed():
    file = io.BytesIO(bytes(range(100)))
    pieces = list(slices(file, 10, 25, chunk=10))
    assert [len(piece) for piece in pieces] == [10, 10, 5]
    assert b"".join(pieces) == bytes(range(10, 35))
    assert file.closed


def test_slices_end_with_a_file_that_became_shorter():
    assert b"".join(slices(io.BytesIO(b"abc"), 1, 50)) == b"bc"


def test_a_viewer_who_leaves_closes_the_file():
    file = io.BytesIO(bytes(100))
    pieces = slices(file, 0, 100, chunk=10)
    next(pieces)
    pieces.close()
    assert file.closed
