"""Reading lists of models, with what servers say beside OpenAI's own few fields.

Seen in the field: `context_length` (OpenRouter, Together), `context_window` (Groq), `max_model_len` (vLLM),
`max_context_length` (LM Studio, Mistral), `meta` (llama.cpp); `architecture.input_modalities`
(OpenRouter), `capabilities` as an object (Mistral) or a list (Ollama, llama.cpp), `type` (LM Studio, Together),
`supports_chat` and `supports_image_input` (Fireworks), `active` (Groq); `name` or `display_name`, `description`.
A model is left out only where its server says that it cannot chat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from studio.providers import errors, reading
from studio.providers.base import Json
from studio.providers.chat import ChatModel

Row = Mapping[str, Json]

CONTEXTS = ("context_length", "context_window", "max_context_length", "max_model_len", "context_size")
MAX_CONTEXT = 1_000_000_000
MAX_NAME = 200

_NOBODY = frozenset({"library", "system", "user", "organization_owner", "organization-owner"})  # as makers
_MUTE = frozenset({"embedding", "embeddings", "rerank", "reranker", "image", "audio", "video", "speech", "tts"}) | {
    "transcribe",
    "transcription",
    "moderation",
}
_TALKS = frozenset({"completion", "chat", "completion_chat", "text", "tools"})
_SEES = frozenset({"vision", "image", "images", "multimodal", "image_input"})


def models(payload: Json) -> Sequence[ChatModel]:
    """Every model of a list that can answer messages, once each, in the server's order."""
    found: dict[str, ChatModel] = {}
    for row in reading.rows(payload) or ():
        model_id = reading.identifier(row.get("id")) or reading.identifier(row.get("name"))
        if model_id and model_id not in found and _talks(row):
            found[model_id] = _model(model_id, row)
    return tuple(found.values())


def _model(model_id: str, row: Row) -> ChatModel:
    name = errors.plain(reading.text(row.get("name")) or reading.text(row.get("display_name")))
    maker = errors.plain(reading.text(row.get("owned_by")) or reading.text(row.get("organization")))
    return ChatModel(
        id=model_id,
        name=_short(name[:MAX_NAME] or model_id),
        maker="" if maker.lower() in _NOBODY else maker[:MAX_NAME],
        description=errors.plain(reading.text(row.get("description"))),
        sees=_sees(row),
        context=_context(row),
    )


def _short(name: str) -> str:
    """Without the folder, where a server calls a model by its file."""
    is_file = name.startswith(("/", "./", "~/")) or name.endswith(".gguf") or ":\\" in name
    return re.split(r"[/\\]", name.rstrip("/"))[-1] or name if is_file else name


def _talks(row: Row) -> bool:
    if (
        reading.text(row.get("type")).lower() in _MUTE
        or row.get("active") is False
        or row.get("supports_chat") is False
    ):
        return False
    outputs, able = _words(_architecture(row).get("output_modalities")), row.get("capabilities")
    if outputs and "text" not in outputs:
        return False
    if isinstance(able, dict):
        return able.get("completion_chat") is not False
    return not _words(able) & _MUTE or bool(_words(able) & _TALKS)


def _sees(row: Row) -> bool | None:
    inputs, able = _words(_architecture(row).get("input_modalities")), row.get("capabilities")
    if inputs:
        return "image" in inputs
    for said in (row.get("supports_image_input"), row.get("supports_vision"), _field(able, "vision")):
        if isinstance(said, bool):
            return said
    if words := _words(able):
        return True if words & _SEES else False if words & _TALKS else None
    return {"vlm": True, "llm": False}.get(reading.text(row.get("type")).lower())


def _context(row: Row) -> int | None:
    provider, meta = row.get("top_provider"), row.get("meta")
    told = [row.get(name) for name in CONTEXTS] + [_field(provider, "context_length")]
    for value in (*told, _field(meta, "n_ctx"), _field(meta, "n_ctx_train")):
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_CONTEXT:
            return value
    return None


def _architecture(row: Row) -> Row:
    """{input_modalities, output_modalities}, which some write as one: "text+image->text"."""
    said = row.get("architecture") if isinstance(row.get("architecture"), dict) else row
    assert isinstance(said, Mapping)
    takes, arrow, gives = reading.text(said.get("modality")).partition("->")
    if arrow and not said.get("input_modalities"):
        return {"input_modalities": takes.split("+"), "output_modalities": gives.split("+")}
    return said


def _field(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def _words(value: Json) -> frozenset[str]:
    return (
        frozenset(word.lower() for word in value if isinstance(word, str)) if isinstance(value, list) else frozenset()
    )
