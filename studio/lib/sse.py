"""Server-sent events, read from bytes that come in pieces cut anywhere (https://html.spec.whatwg.org, section 9.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_EVENT = 16 * 1024 * 1024  # bytes of one event, or of one line

BOM = b"\xef\xbb\xbf"


class TooLong(ValueError):
    """An event without end."""


class Named(bytes):
    """The data of an event that has a name: `event: error`. Those without one are plain bytes."""

    name: str

    @classmethod
    def of(cls, data: bytes, name: str) -> Named:
        event = cls(data)
        event.name = name
        return event


@dataclass(slots=True)
class Decoder:
    """Feed it what was read; it answers the data of the events that are complete by then.

    Comments, ids and times to reconnect are dropped. Lines end with LF, CR LF or CR; several `data` lines of one event
    are joined by LF. However the stream is cut, the events are the same, and each byte is looked at a fixed number of
    times. What comes before something too long is still answered; the next call then raises TooLong.
    """

    _line: list[bytes] = field(default_factory=list)  # the pieces of a line that has not ended
    _line_size: int = 0
    _data: list[bytes] = field(default_factory=list)
    _data_size: int = 0
    _name: bytes = b""
    _start: bytes | None = b""  # the first bytes, while they may be a byte order mark
    _after_cr: bool = False
    _is_broken: bool = False

    def feed(self, chunk: bytes) -> list[bytes]:
        if self._start is not None:
            chunk = self._begun(chunk)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        events: list[bytes] = []
        if not self._is_broken and chunk:
            self._lines(chunk, events)
        if self._is_broken and not events:
            raise TooLong(f"An event is longer than {MAX_EVENT:,} bytes.")
        return events

    def end(self) -> list[bytes]:
        """What a stream that ended without its last empty line still held: providers' last event, as a rule."""
        held, self._start = self._start or b"", None
        return self.feed(held + b"\n\n")

    def _begun(self, chunk: bytes) -> bytes:
        """What is there to be read, once it is clear whether the stream begins with a byte order mark."""
        chunk = (self._start or b"") + chunk
        if len(chunk) < len(BOM) and BOM.startswith(chunk):
            self._start = chunk
            return b""
        self._start = None
        return chunk.removeprefix(BOM)

    def _lines(self, text: bytes, events: list[bytes]) -> None:
        *lines, rest = text.split(b"\n")
        if lines and self._line:
            lines[0] = b"".join((*self._line, lines[0]))
            self._line, self._line_size = [], 0
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                events.append(self._event())
            else:
                self._name = b""
            if self._is_broken:
                return
        if rest:
            self._line.append(rest)
            self._line_size += len(rest)
            self._is_broken = self._line_size > MAX_EVENT

    def _field(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            value = line[6:] if line[5:6] == b" " else line[5:]
        elif line == b"data":
            value = b""
        else:
            if line.startswith(b"event:"):
                self._name = line[6:].strip()
            self._is_broken = len(line) > MAX_EVENT
            return
        self._data.append(value)
        self._data_size += len(value) + 1
        self._is_broken = len(line) > MAX_EVENT or self._data_size > MAX_EVENT

    def _event(self) -> bytes:
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        self._data, self._data_size = [], 0
        if self._name:
            data, self._name = Named.of(data, self._name.decode(errors="replace")), b""
        return data
