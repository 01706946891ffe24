"""Server-sent events: however a stream is cut, its events are the same."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest

from studio.lib import sse
from studio.lib.sse import Decoder, Named, TooLong


def decoded(pieces: Iterable[bytes]) -> list[bytes]:
    decoder = Decoder()
    found = [event for piece in pieces for event in decoder.feed(piece)]
    return found + decoder.end()


def cut(stream: bytes, dice: random.Random, longest: int) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        size = dice.randint(0, longest)
        yield stream[at : at + size]
        at += size


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"data: a\r\n\ndata: b\n\r\n", [b"a", b"b"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [b"b"]),
        (b": hello\n\n:\n\ndata: a\n\n: bye\n\n", [b"a"]),
        (b"data: a\ndata: b\ndata:\ndata\ndata:  c\n\n", [b"a\nb\n\n\n c"]),
        (b"data\n\n", [b""]),
        (b"data:\n\n", [b""]),
        (b"id: 1\nretry: 5\nnonsense\ndata: a\ndatabase: b\n\n", [b"a"]),
        (b"\n\n\r\n\rdata:a\n\n\n\n", [b"a"]),
        (b"data: a\n\ndata: b", [b"a", b"b"]),
        (b"data: a\n\ndata: b\r", [b"a", b"b"]),
        (b"data: \xc3\xa6\xe2\x80\xa8\x0b\x0c\x85\n\n", [b"\xc3\xa6\xe2\x80\xa8\x0b\x0c\x85"]),  # no ends of lines
        (b"", []),
        (b"\xef\xbb", []),
        (b"event: lonely\n\ndata: a\n\n", [b"a"]),
    ],
)
def test_events_are_read_whole_and_byte_by_byte(stream: bytes, events: list[bytes]) -> None:
    assert decoded([stream]) == events
    assert decoded(stream[at : at + 1] for at in range(len(stream))) == events


def test_an_event_may_have_a_name() -> None:
    plain, named, after = decoded([b"data: a\n\nevent: error\ndata: b\n\ndata: c\n\n"])
    assert [type(plain), type(after)] == [bytes, bytes]
    assert isinstance(named, Named)
    assert (named, named.name) == (b"b", "error")


@pytest.mark.parametrize("seed", range(30))
def test_any_cut_of_any_stream_gives_the_same_events(seed: int) -> None:
    dice = random.Random(seed)
    words = [b"data: ", b"data:", b"data", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b":", b" ", b"event: error",
             b"x", "æ".encode(), b"\xef\xbb\xbf", b"{}", b"\0", b"id: 7"]  # fmt: skip
    for _ in range(40):
        stream = b"".join(dice.choices(words, k=dice.randint(1, 60)))
        whole = decoded([stream])
        for longest in (1, 2, 5, 20):
            pieces = list(cut(stream, dice, longest))
            assert decoded(pieces) == whole, pieces
            assert [getattr(e, "name", "") for e in decoded(pieces)] == [getattr(e, "name", "") for e in whole]


def test_a_line_of_16_mb_in_small_pieces_is_copied_once() -> None:
    decoder, piece = Decoder(), b"x" * 1024
    decoder.feed(b"data: ")
    for _ in range(sse.MAX_EVENT // 1024 - 2):
        decoder.feed(piece)
        assert decoder._line[-1] is piece  # not yet copied into a longer one
    assert [len(event) for event in decoder.feed(b"\n\n")] == [sse.MAX_EVENT - 2048]


@pytest.mark.parametrize(
    "endless",
    [b"data: " + b"x" * 2000, b": " + b"x" * 2000, b"data: xxxx\n" * 400, b"data:\n" * 2000, b"x" * 2000 + b"\n"],
    ids=["line", "comment", "lines", "empty lines", "whole line"],
)
@pytest.mark.parametrize("size", [1, 7, 5000])
def test_an_event_without_end_is_refused_after_what_came_before_it(
    endless: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT", 1000)
    stream, decoder, events = b"data: a\n\n" + endless, Decoder(), []
    with pytest.raises(TooLong):
        _feed(decoder, stream, size, events)
    assert events == [b"a"]
    with pytest.raises(TooLong):
        decoder.feed(b"data: b\n\n")


def _feed(decoder: Decoder, stream: bytes, size: int, events: list[bytes]) -> None:
    for at in range(0, len(stream), size):
        events += decoder.feed(stream[at : at + size])
    events += decoder.end()


def test_the_longest_event_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT", 1000)
    assert decoded([b"data: " + b"x" * 994 + b"\n\n"]) == [b"x" * 994]
    assert len(decoded([b"data: xx\n\n" * 5000])) == 5000
