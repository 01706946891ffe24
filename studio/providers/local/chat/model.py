"""The process that holds the model: begun by the first question, ended when nobody has asked for a while.

Ending it gives all of its memory back, and what kills it kills nothing else.
"""

import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from .terms import Question

Piece = dict[str, Any]  # as in `resident`

CRASHED: Piece = {"error": "The built-in model stopped unexpectedly. Try again.", "code": "model_crashed"}


class Answer:
    """What comes of one question. Who takes no more of it calls `stop`."""

    def __init__(self, number: int, process: "_Process") -> None:
        self.pieces: SimpleQueue[Piece] = SimpleQueue()
        self._number = number
        self._process = process

    def take(self, within: float) -> Piece | None:
        """The next piece; None where none came within so many seconds."""
        try:
            return self.pieces.get(timeout=within)
        except Empty:
            return None

    def stop(self) -> None:
        self._process.forget(self._number)


class Model:
    """`rest` is to be called now and then; `close` at the end."""

    def __init__(self, weights: Path, *, idle: float) -> None:
        self._command = [sys.executable, "-m", "studio.providers.local.chat.resident", str(weights)]
        self._idle = idle
        self._lock = Lock()
        self._process: _Process | None = None

    def ask(self, question: Question) -> Answer:
        with self._lock:
            if self._process is None or not self._process.is_alive():
                self._process = _Process(self._command)
            return self._process.ask(question)

    def rest(self) -> None:
        """Ends the process where nobody needed it for long enough."""
        with self._lock:
            if self._process and self._process.unused_for() > self._idle:
                self._process.end()
                self._process = None

    def close(self) -> None:
        with self._lock:
            if self._process:
                self._process.end()


class _Process:
    """One life of it. Its answers are read by a thread, which ends with it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._numbers = itertools.count(1)
        self._answers: dict[int, Answer] = {}
        self._lock = Lock()
        self._is_over = False
        self._used_at = time.monotonic()
        Thread(target=self._listen, daemon=True).start()

    def is_alive(self) -> bool:
        return not self._is_over and self._process.poll() is None

    def unused_for(self) -> float:
        """Seconds since the last answer ended; 0 while there is one under way."""
        return 0 if self._answers else time.monotonic() - self._used_at

    def ask(self, question: Question) -> Answer:
        with self._lock:
            number = next(self._numbers)
            answer = Answer(number, self)
            if self._is_over:
                answer.pieces.put(CRASHED)
            else:
                self._answers[number] = answer
                self._write({"id": number, "turns": question.turns, "settings": question.settings})
        return answer

    def forget(self, number: int) -> None:
        """Ends the answer, unless it has ended."""
        with self._lock:
            if self._answers.pop(number, None) and not self._is_over:
                self._used_at = time.monotonic()
                self._write({"id": number, "stop": True})

    def end(self) -> None:
        with self._lock:
            self._is_over = True
        self._process.kill()
        self._process.wait()

    def _write(self, line: Piece) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return  # it has died: `_listen` says so to all

    def _close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdout.close()
        with suppress(BrokenPipeError):  # what it was told last it did not live to hear
            self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                self._hand_over(json.loads(line))
        status = self._process.wait()
        with self._lock:
            was_meant, self._is_over = self._is_over, True
            self._close()
            answers, self._answers = self._answers, {}
        if not was_meant:
            how = f"exit {status}" if status >= 0 else signal.Signals(-status).name
            sys.stderr.write(f"The built-in model stopped unexpectedly: {how}.\n")
        for answer in answers.values():
            answer.pieces.put(CRASHED)

    def _hand_over(self, piece: Piece) -> None:
        with self._lock:
            if not (answer := self._answers.get(piece["id"])):
                return  # nobody waits for it any more
            if "text" not in piece:
                del self._answers[piece["id"]]
                self._used_at = time.monotonic()
        answer.pieces.put(piece)
