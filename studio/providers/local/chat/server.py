"""The built-in chat model as a process of its own, on this machine only:

    STUDIO_CHAT_TOKEN=… python -m studio.providers.local.chat.server --port 8102

It speaks OpenAI's chat completions and is small while nobody asks: the model is in a process beside it. A thread for
each connection, of Python's own server: its only clients are Studio's processes on the same machine."""

import argparse
import hmac
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from types import FrameType
from typing import Any

from . import terms, weights
from .line import FullError, Line
from .model import Model
from .reply import reply_to
from .terms import Question, RefusedError

MOST_WAITING = 16  # questions beside those that are being answered: the last of them waits about two minutes
LARGEST_BODY = 4 * 1024 * 1024
SLOWEST_CLIENT = 30  # seconds for a request to come, or for a piece of an answer to be taken
LOOK = 0.2  # seconds between two looks at whether anybody still waits for an answer
IDLE = 300.0  # seconds after the last answer until the model leaves the memory


class GoneError(Exception):
    """Nobody waits for the answer any more."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, model: Model, token: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model
        self.line = Line(places=terms.AT_ONCE, waiting=MOST_WAITING)
        self.token = token.encode()

    def service_actions(self) -> None:
        self.model.rest()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = SLOWEST_CLIENT

    def version_string(self) -> str:
        return "Studio"

    def log_message(self, *_: Any) -> None:
        """Nothing: what people ask is theirs."""

    def do_GET(self) -> None:
        self._serve({"/healthz": self._healthz, "/v1/models": self._models})

    def do_POST(self) -> None:
        self._serve({"/v1/chat/completions": self._complete})

    def _serve(self, pages: dict[str, Callable[[bytes], None]]) -> None:
        self.close_connection = True
        try:
            body = self._body()
            if self.path not in pages:
                raise RefusedError(404, "There is nothing here.", code="not_found")
            pages[self.path](body)
        except RefusedError as refusal:
            self.send_json(refusal.status, refusal.body())
        except GoneError:
            return

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            raise RefusedError(411, "A request says how long it is.")
        if len(length) > 9 or int(length) > LARGEST_BODY:
            raise RefusedError(413, "The body is too large.")
        return self.rfile.read(int(length))

    def _admit(self) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self.server.token):
            raise RefusedError(401, "The key is missing or wrong.", code="invalid_api_key")

    def _healthz(self, _: bytes) -> None:
        self.send_json(200, {"status": "ok"})

    def _models(self, _: bytes) -> None:
        self._admit()
        self.send_json(200, terms.models())

    def _complete(self, body: bytes) -> None:
        self._admit()
        question = terms.read(body)
        try:
            turn = self.server.line.enter()
        except FullError:
            words = "Too many people are asking the built-in model; try again in a moment."
            raise RefusedError(429, words, "rate_limit_error", "busy") from None
        try:
            self._answer(question, turn)
        finally:
            self.server.line.leave(turn)

    def _answer(self, question: Question, turn: Event) -> None:
        """Writes all of it. Raises GoneError, and RefusedError where nothing is written yet."""
        reply = reply_to(question, self)
        while not turn.wait(LOOK):
            self._look()
            reply.waits()
        answer = self.server.model.ask(question)
        is_over = False
        try:
            while not is_over:
                piece = answer.take(within=LOOK)
                self._look()
                if piece is None:
                    reply.waits()
                else:
                    is_over = reply.take(piece)
        finally:
            answer.stop()

    def _look(self) -> None:
        """Raises GoneError where the other side has closed the connection."""
        watch = select.poll()
        watch.register(self.connection, select.POLLIN)
        if watch.poll(0) and not self.connection.recv(1, socket.MSG_PEEK):
            raise GoneError

    def send_json(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status == 429:
            self.send_header("Retry-After", "5")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()

    def write(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT. Port 0 takes a free one; the address is the first line on standard output."""
    options = _options(arguments)
    token, file = os.environ.pop("STUDIO_CHAT_TOKEN", ""), weights.find()
    if not token:
        sys.stderr.write("Set STUDIO_CHAT_TOKEN to a long random text that its clients know as well.\n")
        return 2
    if file is None:
        sys.stderr.write("The built-in chat model is not installed: see requirements-chat.txt.\n")
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    model = Model(file, idle=options.idle_seconds)
    try:
        with Server(options.port, model, token) as server:
            sys.stdout.write(f"The built-in chat model listens on http://127.0.0.1:{server.server_port}\n")
            sys.stdout.flush()
            server.serve_forever(poll_interval=min(5.0, options.idle_seconds / 2))
    finally:
        model.close()
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m studio.providers.local.chat.server", description="The built-in chat model"
    )
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--idle-seconds", type=float, default=IDLE, help=f"how long the model stays loaded unused ({IDLE:g})"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
