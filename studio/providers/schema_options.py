"""Options out of what a JSON Schema says of its fields. What it cannot say becomes a plain field, never a crash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from studio.providers import errors, reading
from studio.providers.base import Choice, Media, Option, OptionType
from studio.providers.json_schema import (
    SOME_ITEMS,
    Said,
    accepts,
    bound,
    component,
    enum,
    item,
    items_at_most,
    properties,
    required,
    resolved,
    scalar,
    type_of,
)

MAX_CHOICES = 500
MAX_SEED = 2**31 - 1

LORA: Mapping[str, Said] = {
    "path": {
        "type": "string",
        "title": "Path",
        "description": "A name on Hugging Face, or the address of weights.",
    },
    "scale": {"type": "number", "minimum": 0, "maximum": 4, "default": 1},
}

_RATIO = re.compile(r"\d{1,3}(\.\d+)?:\d{1,3}")
_SIZE = re.compile(r"(\d{2,5})\s*[*x×]\s*(\d{2,5})")
_MEDIA_WORDS: Mapping[str, Media] = {
    **dict.fromkeys(("image", "images", "img", "mask", "photo", "picture", "frame"), "image"),
    **dict.fromkeys(("video", "videos"), "video"),
    **dict.fromkeys(("audio", "audios"), "audio"),
}
_ADDRESS_WORDS = frozenset({"url", "urls", "uri", "uris"})
_PLURALS = frozenset({"images", "videos", "audios", "urls", "uris"})
_DURATIONS = frozenset({"duration", "duration_sec", "duration_seconds", "seconds"})
_SPELT = {
    "lora": "LoRA",
    "loras": "LoRAs",
    "fps": "FPS",
    "cfg": "CFG",
    "id": "ID",
    "url": "URL",
    "ai": "AI",
    "hd": "HD",
}


def option(name: str, said: Said, *, needed: bool = False, nested: bool = False) -> Option:
    """One field. `nested`: within a row of a list, where there are only single values."""
    said = resolved(said)
    fields: dict[str, Any] = {
        "label": _label(name, said),
        "help": errors.plain(reading.text(said.get("description"))),
        "required": needed and said.get("x-hidden") is not True,
    }
    if not nested and (media := _media(name, said)):
        return Option(name, "media", **fields, accept=(media,), max_items=_how_many(name, said))
    if choices := _choices(said):
        return _chosen(name, said, choices, fields)
    if type_of(said) == "array" and not nested:
        return _list(name, said, fields)
    return _single(name, said, fields)


def wants_list(name: str) -> bool:
    """Is a field of this name a list wherever it takes media? "images", "reference_image_urls"."""
    return name.lower().split("_")[-1] in _PLURALS


# -- Media -----------------------------------------------------------------------------------------------------------
def _media(name: str, said: Said) -> Media | None:
    """The kind of media whose address this field takes; None where it takes none."""
    of_text = item(said) if type_of(said) == "array" else said
    if type_of(of_text) != "string" or enum(of_text):
        return None
    if accepted := accepts(said) or accepts(of_text):
        return _MEDIA_WORDS.get(accepted.partition("/")[0])
    words = name.lower().split("_")
    bare = [word for word in words if word not in _ADDRESS_WORDS]
    if bare and bare[-1] in _MEDIA_WORDS:
        return _MEDIA_WORDS[bare[-1]]
    if len(bare) < len(words) or component(said).startswith("uploader") or of_text.get("format") in ("uri", "url"):
        told = [*reversed(bare), *re.findall(r"[a-z]+", reading.text(said.get("description")).lower())]
        return next((_MEDIA_WORDS[word] for word in told if word in _MEDIA_WORDS), None)
    return None


def _how_many(name: str, said: Said) -> int:
    if type_of(said) != "array":
        return SOME_ITEMS if wants_list(name) or component(said) == "uploaders" else 1
    most = items_at_most(said)
    return most if wants_list(name) else max(2, most)  # that a single one goes as a list, its name alone can tell


# -- Choices ---------------------------------------------------------------------------------------------------------
def _choices(said: Said) -> tuple[Choice, ...]:
    kind = type_of(said)
    if kind in ("boolean", "array", "object"):
        return ()
    values = dict.fromkeys(value for each in enum(said) if (value := scalar(kind, each)) not in (None, ""))
    return tuple(Choice(value, _choice_label(value)) for value in list(values)[:MAX_CHOICES])


def _choice_label(value: Any) -> str:
    size = _SIZE.fullmatch(str(value))
    return f"{size[1]} × {size[2]}" if size else errors.plain(str(value))


def _chosen(name: str, said: Said, choices: tuple[Choice, ...], fields: dict[str, Any]) -> Option:
    default = scalar(type_of(said), said.get("default"))
    kind: OptionType = "choice"
    if all(isinstance(choice.value, str) and _RATIO.fullmatch(choice.value) for choice in choices):
        kind = "aspect_ratio"
    elif name in _DURATIONS and all(isinstance(choice.value, int) for choice in choices):
        kind = "duration"
    known = default in {choice.value for choice in choices}
    unit = "s" if name in _DURATIONS else ""
    return Option(name, kind, **fields, choices=choices, default=default if known else None, unit=unit)


# -- Single values ---------------------------------------------------------------------------------------------------
def _single(name: str, said: Said, fields: dict[str, Any]) -> Option:
    match type_of(said):
        case "boolean":
            return Option(name, "boolean", **fields, default=scalar("boolean", said.get("default")))
        case "integer":
            return _number(name, "integer", said, fields)
        case "number":
            return _number(name, "number", said, fields)
        case "string":
            return _text(name, said, fields)
        case _:
            return Option(name, "json", **fields)


def _number(name: str, kind: OptionType, said: Said, fields: dict[str, Any]) -> Option:
    low, high = bound(said, "minimum", "exclusiveMinimum"), bound(said, "maximum", "exclusiveMaximum")
    if low is not None and high is not None and low > high:
        low = high = None
    if name == "seed" or name.endswith("_seed"):
        low, high = -1 if low is None else low, MAX_SEED if high is None else high
        return Option(name, "seed", **fields, min=low, max=high, step=1)
    default = scalar(kind, said.get("default"))
    if default is not None and ((low is not None and default < low) or (high is not None and default > high)):
        default = None
    step = bound(said, "multipleOf", "step")
    step = step if step and step > 0 else 1 if kind == "integer" else None
    unit = "s" if name in _DURATIONS else "px" if name in ("width", "height") else ""
    if name in _DURATIONS and kind == "integer":
        kind = "duration"
    return Option(name, kind, **fields, default=default, min=low, max=high, step=step, unit=unit)


def _text(name: str, said: Said, fields: dict[str, Any]) -> Option:
    default, longest = reading.text(said.get("default")), bound(said, "maxLength")
    if _SIZE.fullmatch(default) or name in ("size", "image_size"):
        fields["help"] = f"{fields['help']} {_size_help(said)}".strip()
        longest = 16 if longest is None else longest
    return Option(name, "text", **fields, default=default or None, max=longest if longest and longest > 0 else None)


def _size_help(said: Said) -> str:
    low, high = bound(said, "minimum"), bound(said, "maximum")
    limits = "" if low is None or high is None else f", each from {low:g} to {high:g}"
    return f"In pixels, width*height{limits}."


# -- Lists -----------------------------------------------------------------------------------------------------------
def _list(name: str, said: Said, fields: dict[str, Any]) -> Option:
    """Rows of fields, or of single values. What is nested deeper, or not said, is asked for as JSON."""
    row = tuple(_row(name, said))
    if not row or any(field.type == "json" for field in row):
        return Option(name, "json", **fields)
    return Option(name, "list", **fields, fields=row, max_items=items_at_most(said))


def _row(name: str, said: Said) -> Iterator[Option]:
    of_item = item(said)
    inner, needed = properties(of_item), required(of_item)
    if not inner and (component(said) == "loras" or ("lora" in name.lower() and type_of(of_item) in ("", "object"))):
        inner, needed = dict(LORA), frozenset({"path"})
    if inner:
        for field, about in inner.items():
            yield option(field, about, needed=field in needed, nested=True)
    elif type_of(of_item) in ("string", "integer", "number", "boolean"):
        yield option("", of_item, needed=True, nested=True)


# -- Labels ----------------------------------------------------------------------------------------------------------
def _label(name: str, said: Said) -> str:
    """Its title, or its name in words: "num_images" is "Number of images", "enable_hd" is "HD"."""
    title = errors.plain(reading.text(said.get("title")))
    if title and title != name:
        return title[:80]
    words = [word for word in re.split(r"[_.-]+", name) if word] or ["value"]
    if words[0] == "num" and len(words) > 1:
        words[:1] = ["number", "of"]
    elif words[0] == "enable" and len(words) > 1:
        words = words[1:]
    spelt = " ".join(_SPELT.get(word.lower(), word) for word in words)
    return spelt[:1].upper() + spelt[1:]
