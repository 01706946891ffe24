"""Small tolerant readers of untrusted JSON, shared by the dialects. None of them raises but `decode`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import orjson

from studio.providers.base import Json, Output

MAX_OUTPUTS = 64
MAX_ID = 200
MAX_DEPTH = 60  # of lists and objects within one another, in what is kept

_LIST_NAMES = ("data", "items", "results", "jobs", "engines", "presets", "pricing")
_URL_NAMES = ("url", "download_url", "href", "uri")


def decode(body: bytes) -> Json:
    """The JSON in a body. Raises ValueError for anything else (empty, HTML, NaN, nested without end)."""
    return orjson.loads(body)


def storable(payload: Json, depth: int = MAX_DEPTH) -> Json:
    """The payload without the character NUL, which PostgreSQL keeps in no text, and without what is nested too deep."""
    if isinstance(payload, str):
        return payload.replace("\0", "")
    if isinstance(payload, list | dict) and not depth:
        return None
    if isinstance(payload, list):
        return [storable(item, depth - 1) for item in payload]
    if isinstance(payload, dict):
        return {storable(key): storable(value, depth - 1) for key, value in payload.items()}
    return payload


def text(value: Json) -> str:
    """The value where it is text, without space around it; else the empty text."""
    return value.strip() if isinstance(value, str) else ""


def identifier(value: Json) -> str:
    """A provider's id for something, or the empty text where it is unfit to be asked for in a path."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
    return found if found.isprintable() and len(found) <= MAX_ID and found not in {".", ".."} else ""


def percent(value: Json) -> int | None:
    """0–100 from an integer, a float or a text such as "45" or "45.5%"; None where there is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().rstrip("%") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else int(min(max(number, 0.0), 100.0))


def rows(payload: Json) -> list[Mapping[str, Json]] | None:
    """The objects of a list, bare or wrapped in an object such as {"data": […]}; None where there is no list."""
    if isinstance(payload, dict):
        payload = next((payload[name] for name in _LIST_NAMES if isinstance(payload.get(name), list)), None)
    return [row for row in payload if isinstance(row, dict)] if isinstance(payload, list) else None


def outputs(files: Json, name: str) -> tuple[Output, ...]:
    """Every address in a provider's tree of results, once each, named by its key ("image", then "image-2").

    `files` may be text, a list, an object of any keys, or nested; `name` is for what has no key of its own.
    """
    found: dict[str, Output] = {}
    counts: dict[str, int] = {}
    for key, url in _addresses(files, name):
        if url not in found and len(found) < MAX_OUTPUTS:
            counts[key] = counts.get(key, 0) + 1
            found[url] = Output(key if counts[key] == 1 else f"{key}-{counts[key]}", url)
    return tuple(found.values())


def _addresses(files: Json, name: str, depth: int = 6) -> Iterator[tuple[str, str]]:
    if isinstance(files, str):
        if files.startswith(("https://", "http://")) and files.isprintable():
            yield name, files
    elif isinstance(files, list) and depth:
        for item in files:
            yield from _addresses(item, name, depth - 1)
    elif isinstance(files, dict) and depth:
        own = next((files[key] for key in _URL_NAMES if isinstance(files.get(key), str)), None)
        for key, value in [(name, own)] if own else files.items():
            yield from _addresses(value, str(key)[:40] or name, depth - 1)
