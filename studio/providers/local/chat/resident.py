"""The process that holds the model: `python -m studio.providers.local.chat.resident WEIGHTS`.

It is asked in lines of JSON on standard input and answers on standard output, several questions at once:

    {"id": 7, "turns": [{"role": …, "content": …}, …], "settings": {…}}   it is asked, and may be told
    {"id": 7, "stop": true}
    {"id": 7, "text": "…"}   any number of these, and then one of
    {"id": 7, "finish": "stop", "usage": {…}}   {"id": 7, "error": "…", "code": …}

It ends at once when its standard input closes, which is what happens when its parent dies, however that dies."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TextIO

import xllamacpp

from .fitting import Turn, shorter
from .terms import AT_ONCE, CONTEXT

Json = Any

ROOM = 512  # tokens of the context that are kept for the reply, where it may be so long
BATCH = 128  # tokens that are read between two looks at whether anybody still waits for the answer
CACHE = 128  # MB of what was read before, for conversations that go on
MOST_THREADS = 8  # so small a model gains nothing by more
NICENESS = 5  # pages come first

TOO_LONG = "The message is too long for the built-in model: {tokens:,} tokens, of which it can read {most:,}."


class Attempt:
    """Takes in what llama.cpp says to one request. `too_long` is its tokens, where there is no room for them."""

    def __init__(self, resident: "Resident", number: int, most: int) -> None:
        self.resident, self.number, self.most = resident, number, most
        self.too_long = 0
        self._finish = ""

    def take(self, said: Mapping[str, Json]) -> bool:
        """True ends it."""
        if self.number in self.resident.stopped:
            return True
        if error := said.get("error"):
            return self._refused(error)
        if (total := said.get("prompt_progress", {}).get("total", 0)) > self.most:
            self.too_long = total
            return True
        for choice in said.get("choices", ()):
            if text := choice.get("delta", {}).get("content"):
                self.resident.say(id=self.number, text=text)
            self._finish = choice.get("finish_reason") or self._finish
        if usage := said.get("usage"):
            self.resident.say(id=self.number, finish=self._finish, usage=usage)
        return False

    def _refused(self, error: Mapping[str, Json]) -> bool:
        self.too_long = error.get("n_prompt_tokens", 0)
        if not self.too_long:
            self.resident.say(id=self.number, error=str(error.get("message")), code=None)
        return True


class Resident:
    def __init__(self, server: Any, out: TextIO) -> None:
        self.stopped: set[int] = set()
        self._server = server
        self._out = out
        self._lock = Lock()

    def say(self, **piece: Json) -> None:
        line = json.dumps(piece) + "\n"
        with self._lock:
            self._out.write(line)
            self._out.flush()

    def answer(self, number: int, turns: list[Turn], settings: Mapping[str, Json]) -> None:
        """Says all of an answer. A conversation that is too long is asked again without its oldest turns."""
        most = CONTEXT - min(ROOM, settings["max_tokens"])
        left: list[Turn] | None = turns
        while left is not None:
            attempt = Attempt(self, number, most)
            self._ask(left, settings, attempt)
            if not attempt.too_long:
                break
            left = shorter(left, attempt.too_long, most)
        else:
            words = TOO_LONG.format(tokens=attempt.too_long, most=most)
            self.say(id=number, error=words, code="context_length_exceeded")
        self.stopped.discard(number)

    def _ask(self, turns: list[Turn], settings: Mapping[str, Json], attempt: Attempt) -> None:
        request = {
            **settings,
            "messages": turns,
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
        }
        try:
            self._server.handle_chat_completions(request, attempt.take)
        except (ValueError, RuntimeError) as error:
            self.say(id=attempt.number, error=str(error), code=None)


def _threads() -> int:
    """A core is left to the pages: threads that wait for each other crawl when one of them has to wait for a core."""
    return min(max((os.cpu_count() or 1) - 1, 1), MOST_THREADS)


def load(weights: str) -> Any:
    """llama.cpp with the model in it. The port that it cannot be kept from opening is shut by a key nobody knows."""
    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.n_ctx, params.n_parallel = CONTEXT * AT_ONCE, AT_ONCE
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
    params.cache_ram_mib = CACHE
    params.warmup = params.ui = params.endpoint_slots = False
    params.verbosity = 0  # it would write down what people ask
    params.hostnames = ["127.0.0.1"]
    params.api_keys = [secrets.token_urlsafe(32)]
    return xllamacpp.Server(params)


def main(weights: str) -> None:
    os.nice(NICENESS)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the native code prints is no answer
    resident = Resident(load(weights), out)
    pool = ThreadPoolExecutor(AT_ONCE)
    for line in sys.stdin:
        asked = json.loads(line)
        if "stop" in asked:
            resident.stopped.add(asked["id"])
        else:
            pool.submit(resident.answer, asked["id"], asked["turns"], asked["settings"])
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
