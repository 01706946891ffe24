"""What is answered, chosen by tags in the last user message. Several may stand together: "[slow] [think tags] Hello".

How fast:
    [fast]              a token every 2 ms, as without a tag
    [slow]              a word every 80 ms
    [rate 100 2000]     2000 tokens, 100 a second, by the clock
    [slowstart 3]       3 seconds of silence before the first byte of the stream
What:
    [echo] text         the message without its tags
    [long 100000]       so many characters of varied Markdown
    [utf8]              many scripts, cut inside characters and inside lines
    [huge]              one event of 200 kB, then fifty events in one write
    [think field]       reasoning in `reasoning_content`; also: reasoning (in `reasoning`), metadata (in the top-level
                        `model_output_metadata.reasoning` of each chunk), tags (<think> in the text, cut anywhere),
                        end (whole, in the last chunk's metadata)
How it ends:
    [stall]             half of it, then silence until the client leaves
    [die]               half of it, then the connection is cut
    [error]             half of it, then an error event
    [nodone]            all of it, without "[DONE]"
    [whole]             JSON, though a stream was asked for
    [refuse 429 detail] a refusal: a status and one of `wire.REFUSALS`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from tests.fake_llm import texts, wire

FAST, SLOW = 0.002, 0.08  # seconds between pieces

HANG: Final = "hang"
CUT: Final = "cut"

Step = bytes | float | str  # to write, to wait (seconds), HANG or CUT

Tags = dict[str, list[str]]

_TAG = re.compile(r"\[([a-z0-9]+(?: [a-z0-9.]+)*)\]")
_HALVES = frozenset({"stall", "die", "error"})


def tags(message: str) -> Tags:
    found = (tag.split(" ") for tag in _TAG.findall(message))
    return {name: arguments for name, *arguments in found}


@lru_cache(64)
def answer(message: str) -> tuple[str, str]:
    """(text, reasoning): exactly what comes, or what comes before it breaks off."""
    said = tags(message)
    pieces = list(_pieces(message, said))
    text = "".join(pieces[: len(pieces) // 2] if _HALVES & said.keys() else pieces)
    return text, texts.THOUGHTS if "think" in said else ""


def _pieces(message: str, said: Tags) -> Iterator[str]:
    """The text as the script cuts it, whole."""
    if "rate" in said:
        return texts.words_of(int(said["rate"][1]))
    if "huge" in said:
        return iter((texts.long(texts.HUGE), *(f" number {i}" for i in range(50))))
    text = _text(message, said)
    return iter(re.findall(r"\s*\S+\s*$|\s*\S+", text) if "slow" in said else texts.tokens(text))


def _text(message: str, said: Tags) -> str:
    if "echo" in said:
        return _TAG.sub("", message).strip()
    if "long" in said:
        return texts.long(int(said["long"][0]))
    return texts.FOREIGN if "utf8" in said else texts.DEFAULT


# -- As a stream -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """What of a request matters to its answer."""

    message: str
    model: str = "fake-small"
    prompt_tokens: int = 0
    usage: bool = False


@lru_cache(64)
def steps(asked: Asked) -> tuple[Step, ...]:
    said = tags(asked.message)
    pieces = _stream(asked, said)
    if "utf8" in said:
        return tuple(_shredded(b"".join(step for step in pieces if isinstance(step, bytes))))
    return tuple(pieces)


def _stream(asked: Asked, said: Tags) -> Iterator[Step]:
    pause = _pause(said)
    if "slowstart" in said:
        yield float(said["slowstart"][0])
    yield wire.chunk(asked.model, {"role": "assistant", "content": ""})
    for event in _thinking(asked, said):
        yield from (pause, event)
    yield from _speaking(asked, said, pause)
    if "stall" in said:
        yield HANG
    elif "die" in said:
        yield CUT
    elif "error" in said:
        yield wire.event({"error": {"message": "The model fell over.", "type": "server_error", "code": "overloaded"}})
        yield wire.DONE
    else:
        yield from _closing(asked, said)


def _speaking(asked: Asked, said: Tags, pause: float) -> Iterator[Step]:
    pieces = list(_pieces(asked.message, said))
    if _HALVES & said.keys():
        pieces = pieces[: len(pieces) // 2]
    events = [wire.chunk(asked.model, {"content": piece}) for piece in pieces]
    if "huge" in said:
        yield from (events[0], pause, b"".join(events[1:]))
        return
    for event in events:
        yield from (pause, event)


def _closing(asked: Asked, said: Tags) -> Iterator[bytes]:
    at_end = {"model_output_metadata": {"reasoning": texts.THOUGHTS}} if said.get("think") == ["end"] else {}
    yield wire.chunk(asked.model, {}, finish="stop", **at_end)
    if asked.usage:
        yield wire.usage_chunk(asked.model, usage(asked))
    if "nodone" not in said:
        yield wire.DONE


def _thinking(asked: Asked, said: Tags) -> Iterator[bytes]:
    thoughts = texts.tokens(texts.THOUGHTS)
    match said.get("think"):
        case ["field"]:
            yield from (wire.chunk(asked.model, {"reasoning_content": piece}) for piece in thoughts)
        case ["reasoning"]:
            yield from (wire.chunk(asked.model, {"reasoning": piece}) for piece in thoughts)
        case ["metadata"]:
            for piece in thoughts:
                yield wire.chunk(asked.model, {"content": ""}, model_output_metadata={"reasoning": piece})
        case ["tags"]:
            tagged = f"<think>\n{texts.THOUGHTS}\n</think>\n\n"
            yield from (wire.chunk(asked.model, {"content": tagged[at : at + 3]}) for at in range(0, len(tagged), 3))


def _pause(said: Tags) -> float:
    return 1 / float(said["rate"][0]) if "rate" in said else SLOW if "slow" in said else FAST


def _shredded(stream: bytes) -> Iterator[Step]:
    """The same bytes in pieces of one to seven, whatever they hold."""
    at, number = 0, 0
    while at < len(stream):
        size = 1 + (number * 5) % 7
        yield stream[at : at + size]
        if number % 16 == 0:
            yield FAST
        at, number = at + size, number + 1


# -- Whole -------------------------------------------------------------------------------------------------------------
def whole(asked: Asked) -> bytes:
    said = tags(asked.message)
    text, reasoning = answer(asked.message)
    match said.get("think"):
        case ["field"]:
            return wire.whole(asked.model, {"content": text, "reasoning_content": reasoning}, usage(asked))
        case ["reasoning"]:
            return wire.whole(asked.model, {"content": text, "reasoning": reasoning}, usage(asked))
        case ["tags"]:
            return wire.whole(asked.model, {"content": f"<think>\n{reasoning}\n</think>\n\n{text}"}, usage(asked))
        case ["metadata" | "end"]:
            metadata = {"reasoning": reasoning}
            return wire.whole(asked.model, {"content": text}, usage(asked), model_output_metadata=metadata)
    return wire.whole(asked.model, {"content": text}, usage(asked))


def usage(asked: Asked) -> dict[str, Any]:
    text, reasoning = answer(asked.message)
    return wire.usage(asked.prompt_tokens, len(texts.tokens(text)), len(texts.tokens(reasoning)))
