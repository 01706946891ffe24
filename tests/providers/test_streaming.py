"""A chat request on a real socket: each script of the fake model comes as it was sent, and every end is what it is."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from studio.lib.sse import Decoder
from studio.providers import streaming
from studio.providers.base import ProviderError
from studio.providers.chat import ChatMessage, ChatSpec, Delta, Usage
from studio.providers.chat_dialect import ChatDialect
from studio.providers.http import HttpProvider
from studio.providers.local_chat import LocalChat
from studio.providers.openai import OpenAI
from studio.providers.transports import Timeouts, Transports
from studio.providers.wayscloud_llm import WaysCloudLlm
from tests.fake_llm import FakeLlm, scripts, serve_in_thread

from .loopback import Raw, answer, closed_port, raw_server

KEY = "wayscloud_llm_abc12_SECRET"
CONTEXT = ssl.create_default_context()  # one for all: it is slow to make
QUICK = Timeouts(connect=1, view=1, poll=1, submit=1)


class LlmChat(WaysCloudLlm):
    chat_path = "/v1/llm/chat"


class LlmChatCompletions(WaysCloudLlm):
    chat_path = "/v1/llm/chat/completions"


@pytest.fixture(scope="module")
def served() -> Iterator[FakeLlm]:
    with serve_in_thread(FakeLlm(speed=1000)) as llm:
        yield llm


@pytest.fixture
def llm(served: FakeLlm) -> Iterator[FakeLlm]:
    yield served
    served.reset()


@dataclass
class Answer:
    """All that came of one request."""

    deltas: list[Delta] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def whole(self) -> Delta:
        found = Delta()
        for delta in self.deltas:
            found.add(delta)
        return found

    @property
    def said(self) -> tuple[str, str]:
        return self.whole.text, self.whole.reasoning or self.whole.whole_reasoning


def ask(url: str, spec: ChatSpec, dialect: ChatDialect | None = None, *, key: str = "") -> Answer:
    found = Answer()

    async def run() -> None:
        async with Transports(verify=CONTEXT) as transports:
            provider = HttpProvider(dialect or LocalChat(), url, key, transports, QUICK)
            async for delta in streaming.chat(provider, spec):
                found.deltas.append(delta)

    try:
        asyncio.run(run())
    except ProviderError as error:
        found.error = error
    return found


def hello(text: str, **spec: Any) -> ChatSpec:
    return ChatSpec("fake-small", (ChatMessage("user", text),), **spec)


# -- The scripts -------------------------------------------------------------------------------------------------------
THINKING = ["[think field]", "[think reasoning]", "[think metadata]", "[think tags]", "[think end]"]
GOOD = [
    "Hello",
    "[slow]",
    "[utf8]",
    "[huge]",
    "[long 20000]",
    "[rate 1000 500]",
    "[slowstart 3]",
    "[echo] é",
    *THINKING,
]


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_what_was_sent_is_what_came(llm: FakeLlm, text: str, stream: bool) -> None:
    found = ask(llm.url, hello(text, stream=stream))
    assert (found.error, found.said) == (None, scripts.answer(text))
    usage = scripts.usage(llm.exchanges[-1].asked)
    assert found.whole.usage == Usage(
        usage["prompt_tokens"],
        usage["completion_tokens"],
        usage.get("completion_tokens_details", {}).get("reasoning_tokens"),
    )
    assert (found.whole.finish, found.whole.model) == ("stop", "fake-small")


@pytest.mark.parametrize("text", ["[whole]", *(f"[whole] {tag}" for tag in THINKING)])
def test_an_answer_at_once_is_taken_where_a_stream_was_asked_for(llm: FakeLlm, text: str) -> None:
    assert ask(llm.url, hello(text)).said == scripts.answer(text)


def test_a_stream_without_its_last_word_has_ended(llm: FakeLlm) -> None:
    found = ask(llm.url, hello("[nodone]"))
    assert (found.error, found.said) == (None, scripts.answer("[nodone]"))


def test_a_connection_that_breaks_off_is_an_error_after_all_that_came(llm: FakeLlm) -> None:
    found = ask(llm.url, hello("[die]"))
    assert found.said == scripts.answer("[die]")
    assert found.error
    assert (found.error.kind, found.error.sent, found.error.message) == (
        "unavailable", True, "The connection to Built-in model broke off.",
    )  # fmt: skip


@pytest.mark.parametrize("tags", ["[error]", "[error] [think tags]"])
def test_an_error_inside_a_stream_comes_after_all_that_was_said(llm: FakeLlm, tags: str) -> None:
    found = ask(llm.url, hello(tags))
    assert found.said == scripts.answer(tags)
    assert found.error
    assert (found.error.kind, found.error.sent) == ("unavailable", True)
    assert "The model fell over." in found.error.message


def test_leaving_a_stream_that_stalls_closes_its_connection(llm: FakeLlm) -> None:
    async def run() -> str:
        text = ""
        async with Transports(verify=CONTEXT) as transports:
            provider = HttpProvider(LocalChat(), llm.url, "", transports, QUICK)
            async with aclosing(streaming.chat(provider, hello("[stall]"))) as deltas:
                async for delta in deltas:
                    text += delta.text
                    if text == scripts.answer("[stall]")[0]:
                        break
                assert llm.exchanges[-1].is_open
            async with asyncio.timeout(10):
                while llm.exchanges[-1].is_open:  # noqa: ASYNC110 - it is another thread's
                    await asyncio.sleep(0.005)
        return text

    assert asyncio.run(run()) == scripts.answer("[stall]")[0]


@pytest.mark.parametrize("shape", ["error", "code", "detail", "object", "list", "string", "message", "text"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "invalid_key"),
        (402, "insufficient_credits"),
        (404, "not_found"),
        (429, "rate_limited"),
        (500, "unavailable"),
    ],
)
def test_a_refusal_is_read_in_every_shape(llm: FakeLlm, status: int, kind: str, shape: str) -> None:
    found = ask(llm.url, hello(f"[refuse {status} {shape}]"))
    assert found.error
    assert (found.error.kind, found.error.status, found.error.sent) == (kind, status, status == 500)
    assert "So it is refused." in found.error.message
    assert len(llm.exchanges) == 1


# -- How it is asked ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dialect", [WaysCloudLlm(), LlmChat(), LlmChatCompletions()], ids=["chat", "llm", "llm chat"])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_all_three_of_wayscloud_s_addresses_answer(llm: FakeLlm, dialect: ChatDialect, stream: bool) -> None:
    llm.schemes = frozenset({"x-api-key"})
    llm.bad_keys.add("")
    settings = {"temperature": 0.7, "region": "oslo", "agent_id": "studio", "tools": [], "tool_choice": "auto"}
    found = ask(llm.url, hello("Hello", settings=settings, stream=stream), dialect, key=KEY)
    assert (found.error, found.said) == (None, scripts.answer("Hello"))
    exchange = llm.exchanges[-1]
    assert (exchange.path, exchange.key, "authorization" in exchange.headers) == (dialect.chat_path, KEY, False)  # type: ignore[attr-defined]
    assert {name: exchange.body[name] for name in settings} == settings


def test_a_server_of_one_s_own_gets_a_bearer_where_there_is_a_key(llm: FakeLlm) -> None:
    assert ask(f"{llm.url}/v1", hello("Hello"), OpenAI(), key="sk-12345678").error is None
    assert llm.exchanges[-1].headers["authorization"] == "Bearer sk-12345678"
    assert "x-api-key" not in llm.exchanges[-1].headers
    assert ask(f"{llm.url}/v1", hello("Hello"), OpenAI()).error is None
    assert "authorization" not in llm.exchanges[-1].headers


def test_wayscloud_is_not_asked_without_a_key(llm: FakeLlm) -> None:
    found = ask(llm.url, hello("Hello"), WaysCloudLlm())
    assert found.error
    assert (found.error.kind, found.error.sent, llm.requests) == ("invalid_key", False, {})


def test_a_stream_is_asked_for_as_one_that_nobody_packs(llm: FakeLlm) -> None:
    ask(llm.url, hello("Hello"))
    headers = llm.exchanges[-1].headers
    assert headers["accept"].startswith("text/event-stream")
    assert (headers["accept-encoding"], headers["content-type"]) == ("identity", "application/json")


def test_pictures_arrive(llm: FakeLlm) -> None:
    message = ChatMessage("user", "What is it?", ("data:image/png;base64,AA==", "https://host/a.png"))
    ask(llm.url, ChatSpec("fake-seeing", (message,)))
    assert llm.exchanges[-1].pictures == 2


def test_a_server_that_knows_no_stream_options_is_asked_once_more_without(llm: FakeLlm) -> None:
    llm.refuses_stream_options = True
    found = ask(llm.url, hello("Hello"))
    assert (found.error, found.said, found.whole.usage) == (None, scripts.answer("Hello"), None)
    assert llm.requests == {"/v1/chat/completions": 2}
    assert len(llm.exchanges) == 1


# -- Over a raw socket -------------------------------------------------------------------------------------------------
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
HI = b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'
STOP = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


def says(content: bytes, *, wait: bool = False) -> Callable[[Raw, socket.socket], None]:
    """A server that sends this and then closes, or keeps the connection open."""

    def handle(raw: Raw, connection: socket.socket) -> None:
        raw.received(connection)
        connection.sendall(content)
        if wait:
            raw.over.wait(20)

    return handle


def spoken(content: bytes, *, wait: bool = False, dialect: ChatDialect | None = None, key: str = "") -> Answer:
    with raw_server(says(content, wait=wait)) as raw:
        found = ask(raw.url, hello("Hello"), dialect, key=key)
        assert len(raw.requests) == 1
        return found


def test_it_is_over_at_the_last_word_even_if_the_connection_stays_open() -> None:
    found = spoken(HEAD + HI + DONE + HI, wait=True)
    assert (found.error, found.said) == (None, ("Hi", ""))


def test_it_is_over_soon_after_the_model_ended_even_without_a_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "AFTERWARDS", 0.02)
    found = spoken(HEAD + HI + STOP, wait=True)
    assert (found.error, found.said, found.whole.finish) == (None, ("Hi", ""), "stop")


@pytest.mark.parametrize(("end", "error"), [(b"", "unavailable"), (STOP, None), (DONE, None)])
def test_a_cut_behind_the_model_s_last_word_is_none(end: bytes, error: str | None) -> None:
    content = HI + end
    head = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    found = spoken(head + b"%x\r\n%b\r\n" % (len(content), content))
    assert found.said == ("Hi", "")
    assert (found.error.kind if found.error else None) == error


@pytest.mark.parametrize(
    "kind", [b"text/plain", b"application/octet-stream", b"application/json", b"x/y; charset=utf-8"]
)
def test_a_stream_is_known_by_what_it_is_and_not_by_what_it_is_called(kind: bytes) -> None:
    assert spoken(HEAD.replace(b"text/event-stream", kind) + b": hello\n\n" + HI + DONE).said == ("Hi", "")
    whole = b'{"choices": [{"message": {"content": "Hi"}}]}'
    assert spoken(HEAD.replace(b"text/event-stream", kind) + whole).said == ("Hi", "")
    assert spoken(HEAD + whole).said == ("Hi", "")


@pytest.mark.parametrize("status", [b"201 Created", b"202 Accepted"])
def test_every_good_status_is_good(status: bytes) -> None:
    assert spoken(HEAD.replace(b"200 OK", status) + HI + DONE).said == ("Hi", "")


@pytest.mark.parametrize(
    "content",
    [b"", b": hello\n\n", DONE, b"data: nonsense\n\n", b"<html>", b"data: [1]\n\n", b"HTTP/1.1 500"],
)
def test_a_stream_that_holds_no_answer_is_malformed(content: bytes) -> None:
    found = spoken(HEAD + content)
    assert found.error
    assert (found.error.kind, found.error.sent, found.deltas) == ("malformed", True, [])


def test_what_was_said_before_nonsense_is_kept() -> None:
    found = spoken(HEAD + HI + b"data: <html>\n\n")
    assert found.said == ("Hi", "")
    assert found.error
    assert found.error.kind == "malformed"


def test_half_of_a_tag_is_not_lost_when_the_stream_is_cut() -> None:
    found = spoken(HEAD + HI.replace(b"Hi", b" <thi") + b"data: <html>\n\n")
    assert found.said == (" <thi", "")


def test_an_event_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.lib.sse.MAX_EVENT", 1000)
    found = spoken(HEAD + HI + b"data: " + b"x" * 5000)
    assert found.said == ("Hi", "")
    assert found.error
    assert (found.error.kind, found.error.sent) == ("malformed", True)


@pytest.mark.parametrize(("end", "error"), [(b"", "malformed"), (STOP, None)], ids=["at-work", "finished"])
def test_a_server_that_goes_on_without_a_word_is_left(
    monkeypatch: pytest.MonkeyPatch, end: bytes, error: str | None
) -> None:
    monkeypatch.setattr(streaming, "MAX_BODY", 20_000)
    found = spoken(HEAD + HI + end + b"data: {}\n\n: x\n\n" * 20_000, wait=True)
    assert found.said == ("Hi", "")
    assert (found.error.kind if found.error else None) == error


def test_others_get_their_turn_while_much_is_read() -> None:
    turns: list[int] = []

    async def others() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    async def test() -> Delta | None:
        task = asyncio.create_task(others())
        await asyncio.sleep(0)
        provider = HttpProvider(OpenAI(), "", "", Transports(verify=CONTEXT))
        chunk = HI * (20 * streaming.PORTION // len(HI))
        found, _ = await streaming._portioned(provider, OpenAI().reader(), Decoder(), chunk, is_last=False)
        task.cancel()
        return found

    found = asyncio.run(test())
    assert found
    assert found.text == "Hi" * (20 * streaming.PORTION // len(HI))
    assert len(turns) >= 19


def test_a_key_that_the_provider_repeats_is_not_handed_on() -> None:
    event = f'event: error\ndata: {{"message": "Bad key {KEY} here"}}\n\n'.encode()
    found = spoken(HEAD + HI + event, dialect=WaysCloudLlm(), key=KEY)
    assert found.error
    assert (found.error.message.count("***"), KEY in found.error.message) == (1, False)


def test_a_redirect_is_not_followed() -> None:
    found = spoken(answer(status="307 Temporary Redirect", Location="http://127.0.0.1:1/"))
    assert found.error
    assert (found.error.kind, "redirects" in found.error.message) == ("malformed", True)


def test_what_never_left_was_not_sent() -> None:
    found = ask(f"http://127.0.0.1:{closed_port()}", hello("Hello"))
    assert found.error
    assert (found.error.kind, found.error.sent) == ("unavailable", False)


def test_a_server_that_hangs_up_may_have_acted() -> None:
    found = spoken(b"")
    assert found.error
    assert (found.error.kind, found.error.sent) == ("unavailable", True)


def test_a_packed_stream_is_unpacked_all_the_same() -> None:
    compressed = gzip.compress(HI + DONE)
    found = spoken(HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + compressed)
    assert (found.error, found.said) == (None, ("Hi", ""))


def test_each_request_has_a_connection_of_its_own(llm: FakeLlm) -> None:
    async def run() -> list[str]:
        async with Transports(verify=CONTEXT) as transports:
            provider = HttpProvider(LocalChat(), llm.url, "", transports, QUICK)

            async def one(number: int) -> str:
                spec = replace(hello(f"[echo] number {number}"))
                return "".join([delta.text async for delta in streaming.chat(provider, spec)])

            return await asyncio.gather(*(one(number) for number in range(50)))

    assert asyncio.run(run()) == [f"number {number}" for number in range(50)]
    assert {exchange.headers.get("connection", "").lower() for exchange in llm.exchanges} == {"close"}
