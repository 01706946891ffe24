"""The built-in chat model as a process, with the real model, spoken to over the loopback."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.providers.local.chat import terms, weights
from studio.providers.local.chat.model import Model
from studio.providers.local.chat.server import LARGEST_BODY, MOST_WAITING
from studio.providers.local.chat.terms import AT_ONCE
from tests.generations.conftest import until
from tests.providers.local.test_server import gone

pytestmark = pytest.mark.skipif(weights.find() is None, reason="the built-in chat model is not installed here")

TOKEN = "a-token-for-the-tests"
PATH = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello, who are you?"}]
ENDLESS = {"messages": [{"role": "user", "content": "Count from 1 to 5000."}], "stream": True, "max_tokens": 3000}


class Chat:
    """A running server: `client` has its key, `process` is its own."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio.providers.local.chat.server", "--port", "0", *options],
            env={**os.environ, "STUDIO_CHAT_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.base = self.process.stdout.readline().split()[-1]
        limits = httpx.Limits(max_connections=None)
        self.client = httpx.Client(
            base_url=self.base, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60, limits=limits
        )

    def ask(self, **asked: Any) -> dict[str, Any]:
        reply = self.client.post(PATH, json={"messages": HELLO, "max_tokens": 12, **asked})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def refused(self, body: Any) -> tuple[int, dict[str, Any]]:
        """The status and the error; on a slow machine a stream has begun by then, and the error is its last event."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = self.client.post(PATH, content=content)
        if reply.headers["content-type"] == "text/event-stream":
            return 400, dict(json.loads(reply.text.rpartition("data: ")[2])["error"])
        return reply.status_code, dict(reply.json()["error"])

    def stream(self, asked: dict[str, Any] = ENDLESS) -> "Stream":
        return Stream(self.client.send(self.client.build_request("POST", PATH, json=asked), stream=True))

    def residents(self) -> list[int]:
        """The processes that hold a model, or are about to."""
        pid = self.process.pid
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for children in tasks for child in children.read_text().split()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status; `said` is what it wrote on standard error."""
        self.process.send_signal(number)
        self.client.close()
        _, self.said = self.process.communicate(timeout=30)
        return self.process.returncode


class Stream:
    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.events = self._read()

    def _read(self) -> Iterator[Any]:
        for line in self.response.iter_lines():
            if line.startswith("data: "):
                yield line[6:] if line == "data: [DONE]" else json.loads(line[6:])

    def begin(self) -> None:
        """Reads until the first text."""
        next(event for event in self.events if event["choices"][0]["delta"].get("content"))

    def close(self) -> None:
        self.response.close()


def listening(pid: int) -> list[int]:
    """The ports of 127.0.0.1 that it listens on, and it listens on nothing else."""
    sockets = {os.readlink(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if f"socket:[{words[9]}]" in sockets and words[3] == "0A":
                address, port = words[1].split(":")
                assert address == "0100007F"
                found.append(int(port, 16))
    return found


def cpu(pid: int) -> int:
    """Ticks of the processor that it has used."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    chat = Chat()
    yield chat
    assert chat.stop() == 0
    assert "Hello" not in chat.said


def test_it_names_its_model_without_loading_it_and_loads_it_for_the_first_question() -> None:
    chat = Chat("--idle-seconds", "0.4")
    assert [row["id"] for row in chat.client.get("/v1/models").json()["data"]] == ["smollm2-135m"]
    assert httpx.get(f"{chat.base}/healthz").json() == {"status": "ok"}
    assert chat.residents() == []
    with closing(chat.stream({"messages": HELLO, "stream": True, "max_tokens": 60})) as stream:
        stream.begin()
        (resident,) = chat.residents()
    until(lambda: gone(resident), 20)  # it was idle
    assert chat.ask()["usage"]["completion_tokens"] > 0
    assert chat.stop() == 0
    assert chat.said == ""


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ключ".encode()}])
def test_it_needs_the_key(chat: Chat, headers: dict[str, Any]) -> None:
    for reply in (
        httpx.get(f"{chat.base}/v1/models", headers=headers),
        httpx.post(f"{chat.base}{PATH}", headers=headers, json={"messages": HELLO}),
    ):
        assert reply.status_code == 401
        assert reply.json()["error"]["code"] == "invalid_api_key"


def test_it_does_not_start_without_a_key() -> None:
    command = [sys.executable, "-m", "studio.providers.local.chat.server", "--port", "0"]
    assert subprocess.run(command, env={"PATH": ""}, capture_output=True, check=False).returncode == 2


def test_an_answer_comes_whole(chat: Chat) -> None:
    answer = chat.ask(temperature=0, max_tokens=8)
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"].strip()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 8
    assert answer["usage"]["prompt_tokens"] > 8


@pytest.mark.parametrize("tells_usage", [True, False])
def test_an_answer_comes_in_pieces(chat: Chat, tells_usage: bool) -> None:
    asked = {"messages": HELLO, "stream": True, "max_tokens": 8, "stream_options": {"include_usage": tells_usage}}
    with closing(chat.stream(asked)) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream"
        *chunks, done = stream.events
    assert done == "[DONE]"
    assert len({chunk["id"] for chunk in chunks}) == 1
    usage = [chunk["usage"] for chunk in chunks if "usage" in chunk]
    assert [each["completion_tokens"] for each in usage] == [8] * tells_usage
    ends = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    assert ends[0]["delta"] == {"role": "assistant", "content": ""}
    assert ends[-1] == {"index": 0, "delta": {}, "finish_reason": "length"}
    assert all(end["delta"]["content"] and end["finish_reason"] is None for end in ends[1:-1])


def test_it_goes_on_with_what_it_had_begun(chat: Chat) -> None:
    begun = [
        {"role": "user", "content": "What is the capital of France?"},
        {"role": "assistant", "content": "The capital of France is"},
    ]
    text = chat.ask(messages=begun, temperature=0, max_tokens=6)["choices"][0]["message"]["content"]
    assert text.startswith(" Paris")


def knock(chat: Chat) -> socket.socket:
    """A client that has asked and reads nothing yet."""
    connection = socket.create_connection(("127.0.0.1", httpx.URL(chat.base).port or 0), timeout=30)
    body = json.dumps(ENDLESS).encode()
    head = f"POST {PATH} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def test_two_are_answered_at_once_the_others_wait_and_one_beyond_is_refused(chat: Chat) -> None:
    with ExitStack() as all_of_them:
        for stream in [all_of_them.enter_context(closing(chat.stream())) for _ in range(AT_ONCE)]:
            stream.begin()
        waiting = [all_of_them.enter_context(knock(chat)) for _ in range(MOST_WAITING + 1)]
        readable, _, _ = select.select(waiting, [], [], 10)
        assert len(readable) == 1
        said = b"".join(iter(lambda: readable[0].recv(4096), b"")).decode()  # until it hangs up
        assert said.startswith("HTTP/1.1 429 ")
        assert "Retry-After: 5" in said
        assert "Too many people are asking the built-in model" in said
    asked = {"messages": HELLO, "max_tokens": 1}
    until(lambda: chat.client.post(PATH, json=asked).status_code == 200, 10)  # they have left: places are free


def test_who_leaves_is_written_for_no_longer(chat: Chat) -> None:
    streams = [chat.stream() for _ in range(AT_ONCE)]
    for stream in streams:
        stream.begin()
    (resident,) = chat.residents()
    for stream in streams:
        stream.close()

    def is_idle() -> bool:
        before = cpu(resident)
        time.sleep(0.1)
        return cpu(resident) == before

    until(is_idle, 15)  # what it was asked for would take much longer
    assert chat.ask()["usage"]["completion_tokens"] > 0
    assert chat.residents() == [resident]


def test_of_a_long_conversation_it_reads_the_newest_turns(chat: Chat) -> None:
    old = [{"role": "user", "content": "many words " * 3000}, {"role": "assistant", "content": "Indeed."}]
    system = {"role": "system", "content": "You are a clock."}
    alone = chat.ask(messages=[system, *HELLO])["usage"]["prompt_tokens"]
    assert chat.ask(messages=[system, *old, *HELLO])["usage"]["prompt_tokens"] == alone


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("words", [1850, 20_000])
def test_a_question_that_is_too_long_by_itself_is_refused(chat: Chat, stream: bool, words: int) -> None:
    status, error = chat.refused({"messages": [{"role": "user", "content": "many words " * words}], "stream": stream})
    assert (status, error["code"]) == (400, "context_length_exceeded")
    assert re.fullmatch(r"The message is too long .*: [\d,]+ tokens, of which it can read 3,584\.", error["message"])


def test_when_the_model_crashes_the_reply_says_so_and_the_next_one_works(chat: Chat) -> None:
    with closing(chat.stream()) as stream:
        stream.begin()
        (resident,) = chat.residents()
        os.kill(resident, signal.SIGSEGV)
        *_, last = stream.events
    assert last["error"]["code"] == "model_crashed"
    assert last["error"]["message"] == "The built-in model stopped unexpectedly. Try again."
    assert chat.ask()["usage"]["completion_tokens"] > 0
    assert chat.residents() != [resident]


def test_weights_that_cannot_be_read_are_a_crash_and_not_a_silence(tmp_path: Path) -> None:
    model = Model(tmp_path, idle=60)
    question = terms.read(json.dumps({"messages": HELLO}).encode())
    for _ in range(2):
        piece = model.ask(question).take(within=30)
        assert piece is not None
        assert piece["code"] == "model_crashed"
    model.close()


def test_the_port_that_llama_opens_lets_nobody_in(chat: Chat) -> None:
    chat.ask()
    (resident,) = chat.residents()
    ports = listening(resident)
    assert ports
    for port in ports:
        for path in (PATH, "/completion", "/tokenize"):
            assert httpx.post(f"http://127.0.0.1:{port}{path}", json={"messages": HELLO}).status_code == 401
        for path in ("/props", "/slots", "/metrics"):
            assert httpx.get(f"http://127.0.0.1:{port}{path}").status_code == 401


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_model_ends_with_its_server_in_the_middle_of_a_reply(number: signal.Signals) -> None:
    chat = Chat()
    stream = chat.stream()
    stream.begin()
    (resident,) = chat.residents()
    assert chat.stop(number) == (0 if number == signal.SIGTERM else -number)
    stream.close()
    assert gone(resident)
    assert chat.said == ""


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"no json", 400, "The body is not JSON."),
        (b"[" * 100_000, 400, "The body is not JSON."),
        (b'{"messages": [{"role": "user", "content": "x"}], "temperature": NaN}', 400, "The body is not JSON."),
        (b"{" + b" " * LARGEST_BODY, 413, "The body is too large."),
        ([], 400, "The body is not an object."),
        ({"messages": []}, 400, "messages must be a list with at least one message."),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "messages must hold a message of the user."),
        ({"messages": [{"role": "tool", "content": "x"}]}, 400, "Every message has a role, one of"),
        ({"messages": ["x"]}, 400, "Every message has a role, one of"),
        ({"messages": [{"role": "user"}]}, 400, "Every message has a content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            400,
            "it does not see pictures",
        ),
        ({"messages": HELLO, "temperature": "hot"}, 400, "temperature must be a number."),
        ({"messages": HELLO, "temperature": True}, 400, "temperature must be a number."),
        ({"messages": HELLO, "top_p": 1.5}, 400, "top_p must be from 0 to 1."),
        ({"messages": HELLO, "max_tokens": 0}, 400, "max_tokens must be from 1 to"),
        ({"messages": HELLO, "stop": ["x"] * 5}, 400, "stop must hold at most 4 texts."),
        ({"messages": HELLO, "stop": [""]}, 400, "stop must be a text or a list of texts"),
    ],
    ids=lambda value: None if isinstance(value, int | str) else "body",
)
def test_what_it_cannot_read_it_refuses_in_words(chat: Chat, body: Any, status: int, words: str) -> None:
    refused, error = chat.refused(body)
    assert (refused, error["type"]) == (status, "invalid_request_error")
    assert words in error["message"]


def test_there_is_nothing_else(chat: Chat) -> None:
    for reply in (chat.client.get("/v1/nothing"), chat.client.post("/v1/models", json={})):
        assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")


def test_parts_of_text_a_zero_a_seed_and_a_stop_are_taken(chat: Chat) -> None:
    parts = [{"type": "text", "text": "Repeat after me:"}, {"type": "text", "text": "one, two, three, four"}]
    answer = chat.ask(
        messages=[{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}],
        temperature=0,
        seed=-1,
        stop=",",
        tools=[{"type": "function"}],
        max_completion_tokens=40,
    )
    assert "," not in answer["choices"][0]["message"]["content"]
    assert answer["choices"][0]["finish_reason"] == "stop"
