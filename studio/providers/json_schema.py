"""A JSON Schema as catalogues carry one for each model, read tolerantly: whatever it says, nothing here raises.

Read beside the standard words, as catalogues write them:
    x-order-properties                     the order of the fields
    x-ui-component, x-ui-component-props   "uploader", "uploaders", "loras"; {"accept": "image/*"}
    x-accept                               "image/*"
    x-hidden, disabled                     not for everyone; not at all
    enum of texts under another type       {"type": "integer", "enum": ["5", "10"]} means 5 and 10
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from studio.providers import reading
from studio.providers.base import Json

Said = Mapping[str, Json]  # what a schema says of one field

MAX_FIELDS = 100
MAX_BOUND = 2.0**53
MAX_ITEMS = 50
SOME_ITEMS = 10  # of a list that sets no limit

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_TYPE_OF: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


def properties(schema: Json) -> dict[str, Said]:
    """Its fields by name, in the order that the schema wants; those that are out of use or misshapen left out."""
    found = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(found, dict):
        return {}
    wanted = schema.get("x-order-properties")
    first = [name for name in wanted if isinstance(name, str) and name in found] if isinstance(wanted, list) else []
    names = [name for name in dict.fromkeys([*first, *found]) if isinstance(name, str) and _NAME.fullmatch(name)]
    fit = {name: found[name] for name in names[:MAX_FIELDS] if isinstance(found[name], dict)}
    return {name: said for name, said in fit.items() if said.get("disabled") is not True}


def required(schema: Json) -> frozenset[str]:
    names = schema.get("required") if isinstance(schema, dict) else None
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def type_of(said: Said) -> str:
    """Its type; of several, the first that is not null; where it names none, what else it says tells."""
    named = said.get("type")
    if isinstance(named, list):
        named = next((word for word in named if word != "null"), None)
    if isinstance(named, str) and named:
        return named
    if isinstance(said.get("properties"), dict):
        return "object"
    if isinstance(said.get("items"), dict):
        return "array"
    samples = [said.get("default"), *enum(said)[:1]]
    return next((found for sample in samples if (found := _TYPE_OF.get(type(sample), ""))), "")


def enum(said: Said) -> list[Json]:
    listed = said.get("enum")
    return listed if isinstance(listed, list) else []


def item(said: Said) -> Said:
    """What it says of the items of a list."""
    found = said.get("items")
    return resolved(found) if isinstance(found, dict) else {}


def items_at_most(said: Said) -> int:
    """Of a list; some where it does not say, and never more than a form can show."""
    most = bound(said, "maxItems")
    most = bound(item(said), "maxItems") if most is None else most
    return SOME_ITEMS if most is None else int(min(max(most, 1), MAX_ITEMS))


def component(said: Said) -> str:
    return reading.text(said.get("x-ui-component"))


def accepts(said: Said) -> str:
    """What an uploader takes: "image/*", "application/zip"."""
    props = said.get("x-ui-component-props")
    return reading.text(said.get("x-accept") or (props.get("accept") if isinstance(props, dict) else "")).lower()


def bound(said: Said, *names: str) -> float | None:
    """The first of these that is a number."""
    return next((found for name in names if (found := scalar("number", said.get(name))) is not None), None)


def scalar(kind: str, value: Json) -> Any:
    """A single value in the type `kind`, or None where it is none of it: "5" is 5 for an integer, 5 is "5" for text."""
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if kind not in ("integer", "number"):
        return str(value).strip() if kind == "string" else value
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number) or abs(number) > MAX_BOUND or (kind == "integer" and not number.is_integer()):
        return None
    return int(number) if kind == "integer" or isinstance(value, int) else number


def resolved(said: Said) -> Said:
    """With the one variant that it has beside null; several of different types can only be asked for as JSON."""
    if "type" in said:
        return said
    for word in ("anyOf", "oneOf", "allOf"):
        found = said.get(word)
        variants = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        variants = [each for each in variants if each.get("type") != "null"]
        if variants:
            types = {type_of(each) for each in variants}
            return {**(variants[0] if len(types) == 1 else {"type": "object"}), **said}
    return said
