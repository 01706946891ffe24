"""WaveSpeedAI's catalogue: each row a model with its kind, maker, floor price and a JSON Schema of its inputs.

{"model_id", "name", "description", "type", "base_price", "formula", "sort_order",
 "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": {…}}]}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from studio.providers import errors, reading, schema_options
from studio.providers.base import Cost, Json, Kind, ModelInfo, Option, Price
from studio.providers.json_schema import Said, bound, properties, required, resolved, type_of

UNIT = "USD"
NEVER = frozenset(
    {"enable_sync_mode", "enable_base64_output", "webhook_url", "webhook"}
)  # how it answers is our affair
PARAMETERS = Option(
    "parameters",
    "parameters",
    "Parameters",
    help="The model's own fields and their values, as its page at wavespeed.ai names them.",
)

MAX_MAIN = 6
_MAIN_NAMES = frozenset(
    {"size", "image_size", "resolution", "target_resolution", "width", "height", "num_images", "loras"}
)
_MAIN_TYPES = frozenset({"aspect_ratio", "duration", "media"})

_ENDPOINTS = frozenset({"predictions", "models", "model", "media", "balance", "webhook", "billings", "user"})
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~@+-]*")

_MAKES: Mapping[str, Kind] = {
    **dict.fromkeys(("image", "images", "photo", "portrait", "t2i", "i2i"), "image"),
    **dict.fromkeys(("video", "videos", "human", "avatar", "lipsync", "motion", "animation"), "video"),
    **dict.fromkeys(("t2v", "i2v", "v2v", "s2v", "flf2v"), "video"),
    **dict.fromkeys(("audio", "speech", "music", "sound", "voice", "song", "tts"), "audio"),
}
_MAKES_ELSE: Mapping[str, str] = {
    "3d": "3D models",
    **dict.fromkeys(("training", "trainer", "train"), "trained weights"),
    **dict.fromkeys(
        ("text", "llm", "chat", "caption", "captioner", "transcription", "moderation", "detection"), "text"
    ),
    **dict.fromkeys(("embedding", "embeddings"), "numbers"),
}


def is_path(model_id: str) -> bool:
    """May it stand in an address? "maker/model/variant", and none of the API's own endpoints."""
    segments = model_id.split("/")
    fit = all(_SEGMENT.fullmatch(segment) and ".." not in segment for segment in segments)
    return fit and len(model_id) <= reading.MAX_ID and segments[0].lower() not in _ENDPOINTS


def models(rows: Sequence[Mapping[str, Json]]) -> list[ModelInfo]:
    """The most popular first, as the provider ranks them; rows that name no model are left out."""
    ranked = sorted(rows, key=lambda row: -(bound(row, "sort_order") or 0))
    found = (model for row in ranked if (model := _model(row)))
    return list({model.id: model for model in reversed(list(found))}.values())[::-1]


def typed(model_id: str, kind: Kind) -> ModelInfo:
    return ModelInfo(
        id=model_id,
        name=_name(model_id, ""),
        kind=kind,
        maker=_maker(model_id),
        needs_prompt=False,
        options=(PARAMETERS,),
    )


def _model(row: Mapping[str, Json]) -> ModelInfo | None:
    model_id = reading.identifier(row.get("model_id"))
    if not is_path(model_id):
        return None
    task = errors.plain(reading.text(row.get("type")).lower())[:60]
    schema = _schema(row)
    fields = properties(schema)
    options = tuple(_options(fields, required(schema))) if fields else (PARAMETERS,)
    kind, reason = _kind(task, model_id, options)
    prompt = fields.get("prompt")
    return ModelInfo(
        id=model_id,
        name=_name(model_id, errors.plain(reading.text(row.get("name")))),
        kind=kind,
        description=errors.plain(reading.text(row.get("description"))),
        maker=_maker(model_id),
        task=task,
        needs_prompt=prompt is not None and _is_text(prompt) and "prompt" in required(schema),
        takes_prompt=not fields or (prompt is not None and _is_text(prompt)),
        options=options,
        price=_price(row),
        available=not reason,
        unavailable_reason=reason,
    )


def _name(model_id: str, name: str) -> str:
    return name[:200] if name and name != model_id else model_id.partition("/")[2] or model_id


def _maker(model_id: str) -> str:
    return model_id.partition("/")[0] if "/" in model_id else ""


def _price(row: Mapping[str, Json]) -> Price | None:
    """Where the price begins: what is chosen may make it more. A price of nothing is none."""
    cost = Cost.parse(row.get("base_price"), UNIT)
    return Price(cost, "run", floor=True) if cost and cost.amount else None


# -- What it makes ---------------------------------------------------------------------------------------------------
def _kind(task: str, model_id: str, options: Sequence[Option]) -> tuple[Kind, str]:
    """What it makes, and why Studio cannot use it if it cannot."""
    target = _words(task.rpartition("-to-")[2])
    for words in (target, _words(model_id.rpartition("-to-")[2])):
        if other := next((_MAKES_ELSE[word] for word in words if word in _MAKES_ELSE), ""):
            return "image", f"It makes {other}, which Studio cannot show."
        if found := next((_MAKES[word] for word in words if word in _MAKES), None):
            return found, ""
    taken = [media for option in options for media in option.accept]
    if taken:  # an upscaler gives back the kind that it takes
        return ("video" if "video" in taken else taken[0]), ""
    return "image", "WaveSpeedAI does not say what it makes."


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


# -- Its inputs ------------------------------------------------------------------------------------------------------
def _schema(row: Mapping[str, Json]) -> Said:
    """Its schema; nothing where it has none that can be read."""
    api = row.get("api_schema")
    listed = api.get("api_schemas") if isinstance(api, dict) else None
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    entries.sort(key=lambda entry: entry.get("type") != "model_run")
    schemas = (entry.get("request_schema") for entry in entries)
    return next((schema for schema in schemas if isinstance(schema, dict) and properties(schema)), {})


def _options(fields: Mapping[str, Said], needed: frozenset[str]) -> Iterator[Option]:
    room = MAX_MAIN
    for name, said in fields.items():
        if name in NEVER or name == PARAMETERS.name or (name == "prompt" and _is_text(said)):
            continue
        option = schema_options.option(name, said, needed=name in needed)
        matters = (name in _MAIN_NAMES or option.type in _MAIN_TYPES) and "mask" not in name
        matters = matters and said.get("x-hidden") is not True
        main = option.required or (matters and room > 0)
        room -= main
        yield replace(option, advanced=not main)


def _is_text(said: Said) -> bool:
    return type_of(resolved(said)) in ("string", "")
