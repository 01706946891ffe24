"""What a model thinks is taken from its words, wherever a server puts it, and once."""

from __future__ import annotations

import random

import pytest

from studio.providers import thinking
from studio.providers.base import Json
from studio.providers.thinking import Splitter, Traces, told


def split(*pieces: str) -> tuple[str, str]:
    splitter = Splitter()
    found = [*map(splitter.feed, pieces), splitter.end()]
    return "".join(text for text, _ in found), "".join(thought for _, thought in found)


CASES = [
    ("<think>So.</think>Yes.", "Yes.", "So."),
    ("\n <think>\nSo it is.\n\nIs it?\n</think>\n\nYes.\n", "Yes.\n", "So it is.\n\nIs it?"),
    ("<think></think>Yes.", "Yes.", ""),
    ("<think>\n\n</think>\n\nYes.", "Yes.", ""),
    ("<think>So. < 3 </ think> </thin", "", "So. < 3 </ think> </thin"),
    ("<think>never closed \n", "", "never closed"),
    ("<think>", "", ""),
    ("<think>a</think>", "", "a"),
    ("<think>a</think>b<think>c</think>d", "b<think>c</think>d", "a"),
    ("<think>a<think>b</think>c", "c", "a<think>b"),
    ("Yes, <think>no</think>", "Yes, <think>no</think>", ""),
    ("<thinking>is a tag</thinking>", "<thinking>is a tag</thinking>", ""),
    ("<thin", "<thin", ""),
    ("  ", "  ", ""),
    ("", "", ""),
    ("  \n  indented", "  \n  indented", ""),
    ("<", "<", ""),
    ("<think>a</think>  \n  b  ", "b  ", "a"),
]


@pytest.mark.parametrize(("whole", "text", "thought"), CASES)
def test_a_block_at_the_beginning_is_split_off_wherever_it_is_cut(whole: str, text: str, thought: str) -> None:
    assert split(whole) == (text, thought)
    assert split(*whole) == (text, thought)
    for at in range(len(whole)):
        assert split(whole[:at], whole[at:]) == (text, thought), at


@pytest.mark.parametrize("seed", range(10))
def test_any_cut_gives_the_same(seed: int) -> None:
    dice = random.Random(seed)
    bits = ["<think>", "</think>", "<", "</", "think>", " ", "\n", "word", "é", ">", "</thin"]
    for _ in range(100):
        whole = dice.choice(["", " ", "<think>"]) + "".join(dice.choices(bits, k=dice.randint(0, 12)))
        pieces, rest = [], whole
        while rest:
            size = dice.randint(1, 6)
            pieces, rest = [*pieces, rest[:size]], rest[size:]
        assert split(*pieces) == split(whole), pieces


def test_text_is_passed_on_at_once_when_it_begins_with_no_tag() -> None:
    splitter = Splitter()
    assert splitter.feed("<b") == ("<b", "")
    assert splitter.is_past
    assert splitter.feed("<think>") == ("<think>", "")


def test_reasoning_is_passed_on_but_for_what_may_be_its_end() -> None:
    splitter = Splitter()
    assert splitter.feed("<think>One") == ("", "One")
    assert splitter.feed(" two \n</th") == ("", " two")
    assert splitter.feed("e") == ("", " \n</the")


def test_white_space_without_end_is_not_held_for_ever() -> None:
    splitter = Splitter()
    given = sum(len(splitter.feed(" " * 100)[0]) for _ in range(100))
    assert given == 10_000
    splitter = Splitter()
    splitter.feed("<think>x")
    given = sum(len(splitter.feed(" " * 100)[1]) for _ in range(100))
    assert given >= 10_000 - 2 * thinking.MAX_HELD


def test_little_is_held_back_however_long_the_reasoning_is() -> None:
    splitter = Splitter()
    splitter.feed("<think>")
    for _ in range(10_000):
        splitter.feed(" so <")
        assert len(splitter._held) <= len(" <")


# -- Fields ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("So.", "So."),
        (None, ""),
        (7, ""),
        ([], ""),
        (["a", None, "b"], "a|b"),
        ({"text": "a"}, "a"),
        ({"content": [{"text": "a"}, {"text": "b"}]}, "a|b"),
        ([{"type": "reasoning.summary", "summary": "a"}, {"type": "reasoning.text", "text": "b"}], "a|b"),
        ([{"type": "reasoning.encrypted", "data": "Zm94"}], ""),
        ({"traces": [{"step": "a"}, {"step": "b"}]}, "a|b"),
        ({"first": "a", "second": {"text": "b"}, "id": "rs_1", "model": "m"}, "a|b"),
        ({"text": "", "summary": "a"}, "a"),
        ([[[[[[[["deep"]]]]]]]], ""),
    ],
)  # fmt: skip
def test_reasoning_is_read_out_of_any_shape(value: Json, text: str) -> None:
    assert told(value, "|") == text


def traced(*said: tuple[str, bool]) -> list[tuple[str, str]]:
    traces = Traces()
    return [traces.add(text, is_late=late) for text, late in said]


def test_traces_that_grow_are_taken_piece_by_piece() -> None:
    assert traced(("One", False), (" two", False), (" three", False)) == [("One", ""), (" two", ""), (" three", "")]
    assert traced(("ha", False), ("ha", False)) == [("ha", ""), ("ha", "")]


def test_traces_that_repeat_all_so_far_are_taken_once() -> None:
    said = [("One", False), ("One two", False), ("One two three", False), ("One two three", True)]
    assert traced(*said) == [("One", ""), (" two", ""), (" three", ""), ("", "")]


def test_a_trace_that_comes_only_at_the_end_is_the_whole_of_it() -> None:
    assert traced(("One two three.", True)) == [("", "One two three.")]
    assert traced(("One two three.", True), ("One two three.", True)) == [("", "One two three."), ("", "")]


def test_a_trace_that_was_streamed_and_comes_again_written_otherwise_is_dropped() -> None:
    assert traced(("One two", False), ("Firstly: One two", True)) == [("One two", ""), ("", "")]
