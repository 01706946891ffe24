"""Answers of the OpenAI dialect: text, reasoning, usage and errors, from wherever servers put them, and once."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from studio.lib.sse import Named
from studio.providers.base import Json, ProviderError, Response
from studio.providers.chat import Delta, Usage
from studio.providers.openai_reader import ChunkReader, read_usage

DONE = b"[DONE]"


def chunk(said: Json = None, *, finish: str | None = None, **more: Json) -> bytes:
    choices = [{"index": 0, "delta": said or {}, "finish_reason": finish}]
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "choices": choices, **more}).encode()


def streamed(*events: bytes) -> Delta:
    reader, found = ChunkReader("Fake"), Delta()
    for event in events:
        if delta := reader.read(event):
            found.add(delta)
    if rest := reader.end():
        found.add(rest)
    return found


def whole(message: Json, **more: Json) -> Delta:
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], **more}
    return ChunkReader("Fake").read_whole(Response(200, json.dumps(body).encode()))


def failed(*events: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        streamed(*events)
    return caught.value


# -- Text --------------------------------------------------------------------------------------------------------------
def test_a_stream_is_read() -> None:
    found = streamed(
        chunk({"role": "assistant", "content": ""}, model="m"),
        chunk({"content": "Hello"}, model="m"),
        chunk({"content": " you"}),
        chunk(finish="stop"),
        json.dumps({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}).encode(),
        DONE,
    )
    assert found == Delta("Hello you", usage=Usage(3, 2), finish="stop", model="m")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        (None, ""),
        (7, ""),
        ({}, ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "image_url"}, "a", None, 7], "a"),
        ([{"type": "refusal", "refusal": "No."}], "No."),
    ],
)
def test_the_content_may_be_text_nothing_or_parts(content: Json, text: str) -> None:
    assert streamed(chunk({"content": content})).text == text
    assert whole({"content": content}).text == text


def test_a_refusal_is_text() -> None:
    assert streamed(chunk({"content": None, "refusal": "I will"}), chunk({"refusal": " not."})).text == "I will not."
    assert whole({"content": None, "refusal": "I will not."}).text == "I will not."


def test_a_whole_message_in_a_stream_is_read_unless_it_was_streamed() -> None:
    message = {"choices": [{"message": {"content": "All of it"}, "finish_reason": "stop"}]}
    assert streamed(json.dumps(message).encode()).text == "All of it"
    assert streamed(chunk({"content": "All of it"}), json.dumps(message).encode()).text == "All of it"


@pytest.mark.parametrize("odd", [b"{}", b'{"choices": null}', b'{"choices": []}', b'{"choices": [null]}',
                                 b'{"choices": [{}]}', b'{"choices": [{"delta": null}]}', b'{"choices": {}}',
                                 b'{"choices": [{"delta": []}], "usage": null, "model": []}'])  # fmt: skip
def test_a_chunk_that_adds_nothing_is_nothing(odd: bytes) -> None:
    assert ChunkReader("Fake").read(odd) is None


@pytest.mark.parametrize("aside", [b"", b"  ", b"ping", b"PING", b"keepalive", b"[DONE]", b" [DONE] "])
def test_signs_of_life_and_the_end_are_no_chunks(aside: bytes) -> None:
    reader = ChunkReader("Fake")
    assert reader.read(aside) is None
    assert reader.is_over is (b"DONE" in aside)
    assert not reader.has_begun


@pytest.mark.parametrize("sign", [b"{}", b'{"type": "ping"}'])
def test_a_sign_of_life_is_no_answer(sign: bytes) -> None:
    reader = ChunkReader("Fake")
    assert reader.read(sign) is None
    assert not reader.has_begun


def test_nothing_is_read_after_the_end() -> None:
    assert streamed(chunk({"content": "a"}), DONE, b"nonsense").text == "a"


@pytest.mark.parametrize("garbage", [b"nonsense", b"<html>", b"null", b"7", b'"text"', b"[]", b'{"choices": ['])
def test_what_is_no_chunk_is_malformed(garbage: bytes) -> None:
    error = failed(garbage)
    assert (error.kind, error.sent) == ("malformed", True)


def test_what_is_nested_without_end_is_malformed() -> None:
    assert failed(b'{"a":' * 100_000).kind == "malformed"


def test_the_reader_says_how_far_it_is() -> None:
    reader = ChunkReader("Fake")
    reader.read(chunk({"content": "a"}))
    assert (reader.has_begun, reader.is_finished, reader.is_over) == (True, False, False)
    reader.read(chunk(finish="length"))
    assert (reader.is_finished, reader.is_over) == (True, False)
    reader.read(DONE)
    assert reader.is_over


# -- Characters --------------------------------------------------------------------------------------------------------
def test_halves_of_a_character_are_joined_across_chunks() -> None:
    first, second = (
        rb'{"choices": [{"delta": {"content": "a \ud83c"}}]}',
        rb'{"choices": [{"delta": {"content": "\udf53 b"}}]}',
    )
    assert streamed(first, second).text == "a 🍓 b"
    assert streamed(first, chunk({"content": " b"})).text == "a \ufffd b"
    assert streamed(first).text == "a \ufffd"
    assert streamed(second).text == "\ufffd b"


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert streamed(b'{"choices": [{"delta": {"content": "a\xf0\x9f b"}}]}').text == "a\ufffd b"


def test_the_character_nul_is_replaced_everywhere() -> None:
    found = streamed(chunk({"content": "a\0b", "reasoning": "c\0d"}, finish="st\0op", model="m\0"))
    assert (found.text, found.reasoning, found.finish, found.model) == ("a\ufffdb", "c\ufffdd", "", "")


def test_what_is_read_can_be_stored() -> None:
    odd = rb'{"choices": [{"delta": {"content": "\udf53\ud83c", "reasoning": "\ud83c"}, "finish_reason": "\ud83c"}]}'
    found = streamed(odd)
    for text in (found.text, found.reasoning, found.finish):
        text.encode()


# -- Reasoning ---------------------------------------------------------------------------------------------------------
PLACES: list[dict[str, Json]] = [
    {"reasoning_content": "So."},
    {"reasoning": "So."},
    {"reasoning": {"content": "So."}},
    {"reasoning_details": [{"type": "reasoning.text", "text": "So."}]},
    {"reasoning": "So.", "reasoning_details": [{"type": "reasoning.text", "text": "So."}]},
    {"reasoning": "So.", "reasoning_content": "So."},
    {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "So."}]}]},
]


@pytest.mark.parametrize("said", PLACES)
def test_reasoning_is_read_from_every_field_once(said: dict[str, Json]) -> None:
    assert streamed(chunk(said), chunk({"content": "Yes."})) == Delta("Yes.", "So.")
    rest = said.get("content", [])
    assert whole({**said, "content": [*rest, {"type": "text", "text": "Yes."}]}) == Delta("Yes.", "So.", finish="stop")


def metadata(reasoning: Json) -> dict[str, Json]:
    return {"model_output_metadata": {"reasoning": reasoning}}


TRACES: list[tuple[Json, str]] = [
    ("So.", "So."),
    ({"text": "So."}, "So."),
    (["So.", "And so."], "So.\n\nAnd so."),
    ([{"trace": "So."}, {"trace": "And so."}], "So.\n\nAnd so."),
    ({"traces": [{"content": "So."}]}, "So."),
    (None, ""),
    (7, ""),
]


@pytest.mark.parametrize(("value", "thought"), TRACES)
def test_wayscloud_s_traces_are_read_in_any_shape(value: Json, thought: str) -> None:
    assert whole({"content": "Yes."}, **metadata(value)).reasoning == thought
    assert streamed(chunk(**metadata(value)), chunk({"content": "Yes."})).reasoning == thought
    late = streamed(chunk({"content": "Yes."}), chunk(finish="stop", **metadata(value)))
    assert (late.reasoning, late.whole_reasoning) == ("", thought)


@pytest.mark.parametrize("where", ["payload", "choice", "message"])
def test_traces_are_read_wherever_their_metadata_stands(where: str) -> None:
    message: dict[str, Json] = {"content": "Yes.", **(metadata("So.") if where == "message" else {})}
    choice = {"message": message, "finish_reason": "stop", **(metadata("So.") if where == "choice" else {})}
    body = {"choices": [choice], **(metadata("So.") if where == "payload" else {})}
    assert ChunkReader("Fake").read_whole(Response(200, json.dumps(body).encode())).reasoning == "So."


@pytest.mark.parametrize("odd", [None, "text", [], 7, {}])
def test_odd_metadata_is_passed_over(odd: Json) -> None:
    assert whole({"content": "Yes."}, model_output_metadata=odd).text == "Yes."


def test_tags_are_taken_from_the_text() -> None:
    pieces = [chunk({"content": piece}) for piece in ("<th", "ink>So", ".</thi", "nk>\n\n", "Yes.")]
    assert streamed(*pieces) == Delta("Yes.", "So.")
    assert whole({"content": "<think>So.</think>Yes."}) == Delta("Yes.", "So.", finish="stop")


def test_tags_that_are_cut_off_by_the_end_are_not_lost() -> None:
    assert streamed(chunk({"content": "<thin"})) == Delta("<thin")
    assert streamed(chunk({"content": "<think>So"}), chunk({"content": " </thi"})) == Delta("", "So </thi")


@pytest.mark.parametrize(
    "events",
    [
        [chunk({"reasoning": "So it is."}), chunk({"content": "Yes."}), chunk(finish="stop", **metadata("So it is."))],
        [chunk({"content": "<think>So it is.</think>Yes."}), chunk(finish="stop", **metadata("So it is."))],
        [chunk({"reasoning": "So it is."}), chunk({"content": "<think>So it is.</think>Yes."})],
        [chunk(**metadata("So it")), chunk(**metadata(" is.")), chunk({"content": "Yes."}, **metadata("So it is."))],
        [chunk(**metadata("So it")), chunk(**metadata("So it is.")), chunk({"content": "Yes."})],
        [chunk({"reasoning": "So it is."}), chunk({"content": "Yes.", **metadata("So it is.")})],
    ],
    ids=["field and end", "tags and end", "field and tags", "metadata and end", "all so far", "field and message"],
)  # fmt: skip
def test_reasoning_that_is_told_twice_is_taken_once(events: list[bytes]) -> None:
    found = streamed(*events, DONE)
    assert (found.text, found.reasoning, found.whole_reasoning) == ("Yes.", "So it is.", "")


# -- Usage -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("payload", "usage"),
    [
        ({"prompt_tokens": 24, "completion_tokens": 8, "total_tokens": 32}, Usage(24, 8)),
        ({"prompt_tokens": 0, "completion_tokens": 0}, Usage(0, 0)),
        ({"completion_tokens": 8, "completion_tokens_details": {"reasoning_tokens": 5}}, Usage(None, 8, 5)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(9, cached=4)),
        ({"prompt_tokens": 9.0, "completion_tokens": 8.5}, Usage(9)),
        ({"prompt_tokens": "9", "completion_tokens": True}, None),
        ({"prompt_tokens": -1, "completion_tokens": 10**12}, None),
        ({"prompt_tokens": 1, "completion_tokens_details": None, "prompt_tokens_details": []}, Usage(1)),
        ({"prompt_tokens": float("inf"), "completion_tokens": float("nan")}, None),
        ({}, None),
        (None, None),
        ([], None),
        (7, None),
    ],
)
def test_usage_is_read_and_what_is_odd_in_it_is_not(payload: Json, usage: Usage | None) -> None:
    assert read_usage(payload) == usage


def test_the_last_usage_holds() -> None:
    first, last = {"prompt_tokens": 3, "completion_tokens": 1}, {"prompt_tokens": 3, "completion_tokens": 2}
    found = streamed(chunk({"content": "a"}, usage=first), chunk({"content": "b"}, usage=last), chunk(usage=None))
    assert found.usage == Usage(3, 2)


# -- Tools -------------------------------------------------------------------------------------------------------------
def call(index: int, name: str | None, arguments: str) -> Json:
    return {"index": index, "id": "call_1", "function": {"name": name, "arguments": arguments}}


def test_calls_of_tools_are_shown_where_there_is_no_text() -> None:
    pieces = [call(0, "weather", '{"pla'), call(0, None, 'ce": "Oslo"}'), call(1, "time", "")]
    text = streamed(*(chunk({"tool_calls": [piece]}) for piece in pieces), chunk(finish="tool_calls")).text
    assert text.startswith("```json\n")
    assert json.loads(text.removeprefix("```json\n").removesuffix("\n```")) == [
        {"name": "weather", "arguments": {"place": "Oslo"}},
        {"name": "time", "arguments": {}},
    ]
    message = {"content": None, "tool_calls": [{"id": "1", "function": {"name": "weather", "arguments": "{oops"}}]}
    assert '"arguments": "{oops"' in whole(message).text


def test_calls_of_tools_beside_a_text_are_not() -> None:
    assert (
        streamed(chunk({"content": "Let me see."}), chunk({"tool_calls": [call(0, "weather", "{}")]})).text
        == "Let me see."
    )


@pytest.mark.parametrize("odd", [None, {}, "x", [None], [{}], [{"function": None}], [{"function": {"arguments": 7}}]])
def test_odd_calls_do_no_harm(odd: Json) -> None:
    assert streamed(chunk({"content": "a", "tool_calls": odd})).text == "a"


def test_calls_without_end_are_not_all_kept() -> None:
    text = streamed(chunk({"tool_calls": [call(at, "f", "{}") for at in range(5000)]})).text
    assert text.count('"name"') == 128


# -- Errors ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"error": {"message": "So it is.", "type": "server_error", "code": "overloaded"}}, "unavailable"),
        ({"error": {"message": "So it is.", "code": 429}}, "rate_limited"),
        ({"error": {"message": "So it is.", "code": "502"}}, "unavailable"),
        ({"error": {"message": "So it is.", "code": 401}, "choices": []}, "invalid_key"),
        ({"error": {"message": "So it is.", "type": "insufficient_quota"}}, "insufficient_credits"),
        ({"error": {"message": "So it is.", "type": "rate_limit_error"}}, "rate_limited"),
        ({"error": {"message": "So it is.", "type": "invalid_request_error"}}, "bad_request"),
        ({"error": {"message": "So it is.", "code": "context_length_exceeded"}}, "bad_request"),
        ({"error": {"message": "So it is.", "code": "model_not_found"}}, "not_found"),
        ({"error": {"message": "So it is.", "code": "content_filter"}}, "content_filtered"),
        ({"error": {"message": "So it is. Blocked by the content policy"}}, "content_filtered"),
        ({"error": {"message": "So it is. Insufficient credits"}}, "insufficient_credits"),
        ({"error": "So it is."}, "unavailable"),
        ({"error": ["So it is."]}, "unavailable"),
        ({"detail": "So it is."}, "unavailable"),
        ({"detail": {"code": "AUTH_FAILED", "message": "So it is."}}, "invalid_key"),
        ({"object": "error", "message": "So it is.", "type": "BadRequestError", "code": 400}, "bad_request"),
        ({"type": "error", "message": "So it is."}, "unavailable"),
        ({"choices": [{"delta": {}, "error": {"message": "So it is.", "code": 502}}]}, "unavailable"),
        ({"choices": [{"delta": {}, "finish_reason": "error"}], "error": {"message": "So it is."}}, "unavailable"),
    ],
)
def test_an_error_inside_a_stream_is_one_of_every_shape(payload: Json, kind: str) -> None:
    error = failed(chunk({"content": "a"}), json.dumps(payload).encode())
    assert (error.kind, error.sent) == (kind, True)
    assert "So it is" in error.message


@pytest.mark.parametrize(
    "data", [b'{"error": {"message": "So it is."}}', b'{"message": "So it is."}', b"So it is.", b'"So it is."']
)
def test_an_event_may_be_called_an_error(data: bytes) -> None:
    assert "So it is." in failed(Named.of(data, "error")).message
    assert streamed(Named.of(chunk({"content": "a"}), "message")).text == "a"


@pytest.mark.parametrize("nothing", [None, "", {}, [], False])
def test_an_error_that_is_empty_is_none(nothing: Json) -> None:
    assert streamed(chunk({"content": "a"}, error=nothing)).text == "a"


def test_an_end_by_error_without_words_is_one() -> None:
    assert failed(chunk(finish="error")).kind == "unavailable"


# -- Whole -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"{}", b"[]", b"null", b'{"choices": []}', b'{"choices": [7]}', b"<html>"]
)
def test_a_whole_answer_without_an_answer_is_malformed(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        ChunkReader("Fake").read_whole(Response(200, body))
    assert (caught.value.kind, caught.value.sent) == ("malformed", True)


def test_a_whole_answer_may_be_an_error_by_its_body_alone() -> None:
    with pytest.raises(ProviderError, match="So it is") as caught:
        ChunkReader("Fake").read_whole(Response(200, b'{"error": {"message": "So it is.", "code": 429}}'))
    assert caught.value.kind == "rate_limited"


def test_a_whole_answer_that_says_nothing_is_an_answer() -> None:
    assert whole({"content": ""}) == Delta(finish="stop")


# -- Anything ----------------------------------------------------------------------------------------------------------
DELTA = [
    "content",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "model_output_metadata",
    "tool_calls",
    "refusal",
]
CALL = ["function", "arguments", "name", "index", "text", "type", "thinking", "detail", "code", "prompt_tokens"]
NAMES = ["choices", "delta", "message", "usage", "error", "finish_reason", "model", *DELTA, *CALL]
TEXTS: list[Json] = ["", "<think>", "</think>", "a", "\0", "\ud83c", "\udf53", "text", "thinking", "error"]
VALUES: list[Json] = [None, True, 0, -1, 2**70, 1.5, 500, *TEXTS]


def anything(dice: random.Random, depth: int = 5) -> Json:
    kind = dice.randint(0, 9)
    if depth and kind < 6:
        return {name: anything(dice, depth - 1) for name in dice.choices(NAMES, k=dice.randint(0, 4))}
    if depth and kind < 8:
        return [anything(dice, depth - 1) for _ in range(dice.randint(0, 3))]
    return dice.choice(VALUES)


def likely(dice: random.Random) -> Json:
    delta = {name: anything(dice, 3) for name in dice.choices(NAMES, k=3)}
    return {"choices": [{"delta": delta, "finish_reason": dice.choice(VALUES)}], dice.choice(NAMES): anything(dice, 3)}


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_server_says_is_read_or_refused_and_can_be_stored(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(100):
        events = [json.dumps(dice.choice((anything, likely))(dice)).encode() for _ in range(5)]
        for found in (outcome(lambda: streamed(*events)), outcome(lambda: whole_of(events[0]))):  # noqa: B023
            for text in found:
                assert "\0" not in text
                text.encode()


def whole_of(body: bytes) -> Delta:
    return ChunkReader("Fake").read_whole(Response(200, body))


def outcome(read: Callable[[], Delta]) -> list[str]:
    """Its texts; those of the error where it is none."""
    try:
        found = read()
    except ProviderError as error:
        return [error.message]
    return [found.text, found.reasoning, found.whole_reasoning, found.finish, found.model]
