"""An answer on its way to who asked: as a stream of events, or whole at the end."""

import json
import secrets
import time
from typing import Any, Protocol

from .model import Piece
from .terms import Frame, Question, RefusedError

PING = 5.0  # seconds of silence after which a stream says that it is alive

STATUS = {"context_length_exceeded": 400, "model_crashed": 503}


class Connection(Protocol):
    """What a reply needs of it. `write` sends a piece of what `begin` began; `end` says that there is no more."""

    def send_json(self, status: int, body: object) -> None: ...
    def begin(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def end(self) -> None: ...


class WholeReply:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._frame = Frame(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()))
        self._texts: list[str] = []

    def waits(self) -> None:
        """Nothing has come for a moment."""

    def take(self, piece: Piece) -> bool:
        """True when that was the last one. Raises RefusedError."""
        if "error" in piece:
            raise refusal(piece)
        if "text" in piece:
            self._texts.append(piece["text"])
            return False
        body = self._frame.whole("".join(self._texts), piece["finish"], piece["usage"])
        self._connection.send_json(200, body)
        return True


class StreamedReply:
    """Its first bytes leave with the first piece, so that what fails before it still has a status."""

    def __init__(self, connection: Connection, *, tells_usage: bool) -> None:
        self._connection = connection
        self._tells_usage = tells_usage
        self._frame = Frame(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()))
        self._has_begun = False
        self._sent_at = time.monotonic()

    def waits(self) -> None:
        """Nothing has come for a moment."""
        if time.monotonic() - self._sent_at > PING:
            self._send(b": waiting\n\n")

    def take(self, piece: Piece) -> bool:
        """True when that was the last one. Raises RefusedError."""
        if "text" in piece:
            self._event(self._frame.chunk({"content": piece["text"]}))
            return False
        if "error" in piece:
            self._fail(refusal(piece))
        else:
            self._finish(piece)
        self._connection.end()
        return True

    def _finish(self, piece: Piece) -> None:
        self._event(self._frame.chunk({}, piece["finish"]))
        if self._tells_usage:
            self._event(self._frame.last_chunk(piece["usage"]))
        self._send(b"data: [DONE]\n\n")

    def _fail(self, error: RefusedError) -> None:
        if not self._has_begun:
            raise error
        self._event(error.body())

    def _event(self, body: Any) -> None:
        self._send(b"data: " + json.dumps(body).encode() + b"\n\n")

    def _send(self, data: bytes) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._connection.begin()
            opening = json.dumps(self._frame.chunk({"role": "assistant", "content": ""}))
            data = f"data: {opening}\n\n".encode() + data
        self._connection.write(data)
        self._sent_at = time.monotonic()


def reply_to(question: Question, connection: Connection) -> WholeReply | StreamedReply:
    if question.stream:
        return StreamedReply(connection, tells_usage=question.tells_usage)
    return WholeReply(connection)


def refusal(piece: Piece) -> RefusedError:
    """The error that ended an answer."""
    status = STATUS.get(piece["code"], 400)
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return RefusedError(status, piece["error"], kind, piece["code"])
