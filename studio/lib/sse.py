"""Server-sent events, read from bytes that come in pieces cut anywhere (https://html.spec.whatwg.org, section 9.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_EVENT = 16 * 1024 * 1024  # bytes of one event


class TooLong(ValueError):
    """An event without end."""


@dataclass(slots=True)
class Decoder:
    """Feed it what was read; it answers the data of the events that are complete by then.

    Comments, and fields other than `data`, are dropped. Lines end with LF, CR LF or CR; several `data` lines of one
    event are joined by LF.
    """

    _rest: bytes = b""
    _data: list[bytes] = field(default_factory=list)
    _size: int = 0
    _begun: bool = False

    def feed(self, chunk: bytes) -> list[bytes]:
        if not self._begun and self._rest + chunk:
            self._rest, chunk = b"", (self._rest + chunk)
            if len(chunk) < 3 and b"\xef\xbb\xbf".startswith(chunk):
                self._rest = chunk
                return []
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            self._begun = True
        text = self._rest + chunk
        if b"\r" in text:
            held = b"\r" if text.endswith(b"\r") else b""  # its LF may still come
            text = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            held = b""
        lines = text.split(b"\n")
        self._rest = lines.pop() + held
        events = []
        for line in lines:
            if line:
                self._line(line)
            elif self._data:
                events.append(b"\n".join(self._data))
                self._data, self._size = [], 0
        if len(self._rest) + self._size > MAX_EVENT:
            raise TooLong(f"An event is longer than {MAX_EVENT:,} bytes.")
        return events

    def end(self) -> list[bytes]:
        """What a stream that ended without its last empty line still held: providers' last event, as a rule."""
        if self._rest:
            self._line(self._rest.rstrip(b"\r"))
        data, self._data, self._rest = self._data, [], b""
        return [b"\n".join(data)] if data else []

    def _line(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            value = line[6:] if line[5:6] == b" " else line[5:]
        elif line == b"data":
            value = b""
        else:
            return
        self._data.append(value)
        self._size += len(value)
