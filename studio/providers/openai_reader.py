"""Reading answers of the OpenAI dialect, in chunks or whole, in the many ways that servers write them.

Reasoning is read from where they put it: `reasoning_content`, `reasoning` or `reasoning_details` of a message,
thinking parts of its content (Mistral), <think> at the beginning of its text, `model_output_metadata.reasoning`
(WAYSCloud). Many tell it twice, in two of these places or once more at the end; the first place is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from studio.lib.sse import Named
from studio.providers import errors, reading
from studio.providers.base import Json, ProviderError, Response
from studio.providers.chat import Delta, Usage
from studio.providers.chat_dialect import StreamReader
from studio.providers.chat_text import Mender, decode, mended
from studio.providers.thinking import Splitter, Traces, told
from studio.providers.tool_calls import ToolCalls

KEEPALIVES = frozenset({b"", b"ping", b"keepalive", b"keep-alive", b"heartbeat"})
MAX_COUNT = 2_147_483_647  # tokens

Object = Mapping[str, Json]
Place = Literal["field", "tags", "metadata"]

_NOTHING: Object = {}


class ChunkReader(StreamReader):
    def __init__(self, label: str) -> None:
        self._label = label
        self._is_over = self._is_finished = self._has_begun = False
        self._spoke = False
        self._place: Place | None = None  # where the reasoning is read from
        self._model = ""
        self._splitter = Splitter()
        self._traces = Traces()
        self._calls = ToolCalls()
        self._text_mender, self._thought_mender = Mender(), Mender()

    @property
    def is_over(self) -> bool:
        return self._is_over

    @property
    def is_finished(self) -> bool:
        return self._is_finished

    @property
    def has_begun(self) -> bool:
        return self._has_begun

    def read(self, data: bytes) -> Delta | None:
        if isinstance(data, Named) and data.name == "error":
            raise errors.inside(self._label, _body(data))
        if data[:1] != b"{" and self._is_aside(data.strip()):
            return None
        try:
            payload, is_odd = decode(data)
        except ValueError:
            payload, is_odd = None, False
        if not isinstance(payload, dict):
            raise ProviderError("malformed", errors.sentence("malformed", self._label), sent=True)
        if errors.is_error(payload):
            raise errors.inside(self._label, payload)
        self._has_begun = self._has_begun or "choices" in payload
        return self._chunk(payload, is_odd)

    def read_whole(self, response: Response) -> Delta:
        if not response.ok:
            raise errors.refusal(self._label, response, acts=True)
        try:
            payload, is_odd = decode(response.body)
        except ValueError:
            payload, is_odd = errors.payload(self._label, response, acts=True), False
        if isinstance(payload, dict) and errors.is_error(payload):
            raise errors.inside(self._label, payload)
        if not isinstance(payload, dict) or not _choice(payload):
            raise errors.malformed(self._label, response, "there is no answer in it", acts=True)
        self._is_over = self._has_begun = True
        found = self._chunk(payload, is_odd) or Delta()
        if rest := self.end():
            found.add(rest)
        return found

    def end(self) -> Delta | None:
        text, thought = self._splitter.end()
        text += self._text_mender.end()
        if not self._spoke and not text:
            text = mended(self._calls.shown())
        thought = self._from("tags", thought) + self._thought_mender.end()
        self._spoke = self._spoke or bool(text)
        return Delta(text, thought) if text or thought else None

    def _is_aside(self, data: bytes) -> bool:
        """Is this no chunk, and no fault either?"""
        if data == b"[DONE]":
            self._is_over = True
        return self._is_over or data.lower() in KEEPALIVES

    def _chunk(self, payload: Object, is_odd: bool) -> Delta | None:
        choice = _choice(payload)
        if choice.get("error") or choice.get("finish_reason") == "error":
            raise errors.inside(self._label, {"error": choice.get("error") or "it failed without a word"})
        said = self._message(choice)
        finish = reading.identifier(choice.get("finish_reason"))
        self._is_finished = self._is_finished or bool(finish)
        spoke = self._spoke
        text, thought = self._said(said, is_odd)
        late = ""
        if metadata := _metadata(payload, choice, said):
            more, late = self._traces.add(metadata, is_late=spoke or (bool(finish) and not text))
            more = self._thought_mender.feed(more, is_odd)
            thought = thought or self._from("metadata", more)
            late = self._from("metadata", Mender().feed(late, is_odd))
        usage = read_usage(payload["usage"]) if "usage" in payload else None
        model = "" if self._model else reading.identifier(payload.get("model"))
        if not (text or thought or late or usage or finish or model):
            return None
        self._model = self._model or model
        return Delta(text, thought, late, usage, finish, model)

    def _message(self, choice: Object) -> Object:
        """What was said: the delta, or the whole message where there is none."""
        said = choice.get("delta")
        if not isinstance(said, dict) and not self._spoke:
            said = choice.get("message")
        return said if isinstance(said, dict) else _NOTHING

    def _said(self, said: Object, is_odd: bool) -> tuple[str, str]:
        """(text, reasoning) of one message or delta."""
        content = said.get("content")
        text, thought = (content, "") if isinstance(content, str) else _parts(content)
        if isinstance(refused := said.get("refusal"), str):
            text += refused
        if "tool_calls" in said:
            self._calls.add(said["tool_calls"])
        for name in ("reasoning_content", "reasoning", "reasoning_details"):
            if name in said and (found := told(said[name])):
                thought = found
                break
        if thought:
            thought = self._from("field", self._thought_mender.feed(thought, is_odd))
        if text or is_odd:
            text = self._text_mender.feed(text, is_odd)
        if text and not self._splitter.is_past:
            text, tagged = self._splitter.feed(text)
            thought = thought or self._from("tags", tagged)
        self._spoke = self._spoke or bool(text)
        return text, thought

    def _from(self, place: Place, thought: str) -> str:
        """The reasoning, if it is read from there."""
        if thought and self._place is None:
            self._place = place
        return thought if self._place == place else ""


def _choice(payload: Object) -> Object:
    choices = payload.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else _NOTHING


def _parts(content: Json) -> tuple[str, str]:
    """(text, reasoning) of a content in parts: [{"type": "text", …}, {"type": "thinking", "thinking": […]}]."""
    if not isinstance(content, list):
        return "", ""
    text = thought = ""
    for part in content:
        if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
            thought += told(part)
        elif isinstance(part, str | dict):
            text += told(part if isinstance(part, str) else part.get("text") or part.get("refusal"))
    return text, thought


def _metadata(*places: Object) -> str:
    for place in places:
        if "model_output_metadata" in place and isinstance(found := place["model_output_metadata"], dict):
            return told(found.get("reasoning"), "\n\n")
    return ""


def _body(data: bytes) -> Json:
    try:
        return decode(data)[0]
    except ValueError:
        return data.decode(errors="replace")


def read_usage(payload: Json) -> Usage | None:
    """None where no number can be read."""
    if not isinstance(payload, dict):
        return None
    usage = Usage(
        prompt=_count(payload, "prompt_tokens"),
        completion=_count(payload, "completion_tokens"),
        reasoning=_count(payload.get("completion_tokens_details"), "reasoning_tokens"),
        cached=_count(payload.get("prompt_tokens_details"), "cached_tokens"),
    )
    return None if usage == Usage() else usage


def _count(payload: Json, name: str) -> int | None:
    value = payload.get(name) if isinstance(payload, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_COUNT:
        return None
    return int(value) if value == int(value) else None
