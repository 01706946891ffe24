"""The fake model does what its scripts say, and counts what it was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from tests.fake_llm import FakeLlm, run_process, scripts, serve_in_thread, texts, wire

TAGS = ["", "[slow]", "[utf8]", "[huge]", "[long 5000]", "[rate 100 50]", "[echo] Hello", "[nodone]", "[slowstart 3]"]


@pytest.fixture(scope="module")
def llm() -> Iterator[FakeLlm]:
    with serve_in_thread(FakeLlm(speed=1000)) as found:
        yield found


def ask(llm: FakeLlm, text: str, *, stream: bool = True, path: str = "/v1/chat/completions") -> httpx.Response:
    body = {"model": "fake-small", "messages": [{"role": "user", "content": text}], "stream": stream}
    return httpx.post(llm.url + path, json=body, timeout=20)


def events(content: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in content.split(b"\n") if line.startswith(b"data: ")]
    return [orjson.loads(line) for line in lines if line != b"[DONE]"]


def said(content: bytes, name: str = "content") -> str:
    return "".join(choice["delta"].get(name, "") for event in events(content) for choice in event.get("choices", ()))


@pytest.mark.parametrize("tag", TAGS)
def test_a_stream_says_what_its_script_says(llm: FakeLlm, tag: str) -> None:
    answer = ask(llm, f"{tag} a fox")
    assert said(answer.content) == scripts.answer(f"{tag} a fox")[0]
    assert answer.content == llm.exchanges[-1].sent_bytes
    assert (b"[DONE]" in answer.content) is (tag != "[nodone]")


def test_the_scripts_lengths_are_as_they_say() -> None:
    assert len(scripts.answer("[long 100000]")[0]) == 100_000
    assert len([step for step in scripts.steps(scripts.Asked("[rate 100 50]")) if isinstance(step, float)]) == 50
    assert len(list(texts.words_of(2000))) == 2000
    assert scripts.answer("[echo] Say this")[0] == "Say this"


@pytest.mark.parametrize("tag", ["[die]", "[error]"])
def test_a_script_breaks_off_in_the_middle(llm: FakeLlm, tag: str) -> None:
    content = b""
    with httpx.Client() as client:
        body = {"model": "m", "messages": [{"role": "user", "content": tag}], "stream": True}
        try:
            with client.stream("POST", f"{llm.url}/v1/chat/completions", json=body) as answer:
                for piece in answer.iter_raw():
                    content += piece
        except httpx.RemoteProtocolError:
            assert tag == "[die]"
        else:
            assert tag == "[error]"
            assert events(content)[-1]["error"]["message"]
    assert 0 < len(said(content)) < len(texts.DEFAULT)
    assert said(content) == scripts.answer(tag)[0]


def test_a_stream_that_stalls_is_open_until_its_client_leaves(llm: FakeLlm) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "[stall]"}], "stream": True}
    content = b""
    with httpx.Client() as client, client.stream("POST", f"{llm.url}/v1/llm/chat", json=body) as answer:
        pieces = answer.iter_raw()
        while said(content.rpartition(b"\n\n")[0]) != scripts.answer("[stall]")[0]:
            content += next(pieces)
        assert llm.exchanges[-1].is_open
    deadline = time.monotonic() + 20
    while llm.exchanges[-1].is_open and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not llm.exchanges[-1].is_open


@pytest.mark.parametrize("place", ["field", "reasoning", "metadata", "tags", "end"])
@pytest.mark.parametrize("stream", [True, False])
def test_reasoning_comes_in_each_place(llm: FakeLlm, place: str, stream: bool) -> None:
    content = ask(llm, f"[think {place}]", stream=stream).content
    marks = {"field": b"reasoning_content", "tags": b"<", "metadata": b"metadata", "end": b"metadata"}
    assert marks.get(place, b'"reasoning":') in content
    assert scripts.answer(f"[think {place}]") == (texts.DEFAULT, texts.THOUGHTS)


def test_whole_answers_are_json(llm: FakeLlm) -> None:
    answer = ask(llm, "[whole] a fox")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["choices"][0]["message"]["content"] == texts.DEFAULT


@pytest.mark.parametrize("shape", wire.REFUSALS)
def test_it_refuses_in_every_shape(llm: FakeLlm, shape: str) -> None:
    answer = ask(llm, f"[refuse 429 {shape}]")
    assert answer.status_code == 429
    assert b"refused" in answer.content or shape == "nothing"


def test_keys_and_paths_are_as_they_are_set() -> None:
    with serve_in_thread(FakeLlm(keyed=True, schemes=frozenset({"x-api-key"}), bad_keys={"old"})) as llm:
        assert httpx.get(f"{llm.url}/v1/models").status_code == 401
        assert httpx.get(f"{llm.url}/v1/models", headers={"Authorization": "Bearer new"}).status_code == 401
        assert httpx.get(f"{llm.url}/v1/models", headers={"X-API-Key": "old"}).status_code == 401
        assert len(httpx.get(f"{llm.url}/v1/models", headers={"X-API-Key": "new"}).json()["data"]) == 3
        llm.missing.add("/v1/llm/models")
        assert httpx.get(f"{llm.url}/v1/llm/models", headers={"X-API-Key": "new"}).status_code == 404


def test_it_counts_from_another_process() -> None:
    with run_process(speed=1000) as remote:
        content = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
        body = {"model": "m", "messages": [{"role": "user", "content": content}], "stream": True}
        answer = httpx.post(f"{remote.url}/v1/chat/completions", json=body)
        counts = remote.counts()
        assert (counts["asked"], counts["pictures"], counts["open"]) == ({"look": 1}, 1, 0)
        assert remote.sent(1) == answer.content
        assert remote.control(reset=True)["exchanges"] == []
