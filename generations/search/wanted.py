"""What one asks the gallery for, as its query string says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from generations.models import Colour, Review
from generations.models.found import ASPECTS
from generations.models.states import IMPORTED, IN_FLIGHT, State
from studio.providers.registry import DIALECTS

KINDS = ("image", "video", "audio")
PROVIDERS = (*DIALECTS, IMPORTED)
# What a person filters by → the states behind it.
STATES: dict[str, tuple[State, ...]] = {
    "done": (State.SUCCEEDED,),
    "running": IN_FLIGHT,
    "held": (State.HELD,),
    "look": (State.UNCONFIRMED,),
    "failed": (State.FAILED, State.CANCELLED),
}
SHAPES = ("landscape", "portrait", "square")
# What a list is sorted by; the newest first where nothing is said.
SORTS = ("oldest", "stars", "price", "duration")
MOST_TAGS = 8
YEARS = range(1971, 3000)
LONGEST = 200
NAMES = {"text": "q", "tags": "tag", "since": "from", "until": "to"}  # of fields whose parameter is called otherwise
UNSEEN = ("review", "team", "key", "month", "similar", "unit")  # fields that the gallery's form has no control for
PLACES = ("before", "at", "on")  # where a page begins, which another search does not share

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def _text(value: str) -> str:
    return value.replace("\0", "").strip()[:LONGEST]  # PostgreSQL keeps no NUL


def _among(*known: str) -> Callable[[str], str]:
    return lambda value: value if value in known else ""


def _number(value: str) -> str:
    return str(int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else ""


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        return ""


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return ""
    return day.isoformat() if day.year in YEARS else ""


def _month(value: str) -> str:
    return value if _MONTH.fullmatch(value) and int(value[:4]) in YEARS else ""


def _figure(value: str) -> str:
    """A sorted list's value, as `walking` wrote it."""
    return value if re.fullmatch(r"\d{1,12}(\.\d{1,20})?(e-?\d{1,3})?", value, re.ASCII) else ""


# Each field's word as it may be; "" where the gallery does not know it.
KNOWN: dict[str, Callable[[str], str]] = {
    "text": _text,
    "kind": _among(*KINDS),
    "provider": _text,
    "model": _text,
    "state": _among(*STATES),
    "album": _uuid,
    "stars": _among("1", "2", "3", "4", "5"),
    "favourite": _among("1"),
    "colour": _among(*Colour.values),
    "review": _among(*Review.values),
    "person": _number,
    "team": _number,
    "key": _number,
    "since": _day,
    "until": _day,
    "month": _month,
    "aspect": _among(*SHAPES, *ASPECTS),
    "seed": _among("1", "0"),
    "input": _among("1", "0"),
    "similar": _uuid,
    "sort": _among(*SORTS),
    "unit": _text,
    "grouped": _among("1"),
    "before": _uuid,
    "at": _figure,
    "on": _among("1"),
}


def provider_label(name: str) -> str:
    return DIALECTS[name].label if name in DIALECTS else name.capitalize()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Texts, "" where nothing is asked for.

    `model` is an id, `person`, `team` and `key` are ids, `since` and `until` days; `similar` is a job, whose prompt it
    is about. `unit` is the one that prices are sorted in. `before` is the last job of the page above, and `at` what
    that one was sorted by; with `on` it is no card of that page, which was looked for that far.
    """

    text: str = ""
    kind: str = ""
    state: str = ""
    before: str = ""
    at: str = ""
    on: str = ""
    provider: str = ""
    model: str = ""
    album: str = ""
    tags: tuple[str, ...] = ()
    stars: str = ""
    favourite: str = ""
    colour: str = ""
    review: str = ""
    person: str = ""
    team: str = ""
    key: str = ""
    since: str = ""
    until: str = ""
    month: str = ""
    aspect: str = ""
    seed: str = ""
    input: str = ""
    similar: str = ""
    sort: str = ""
    unit: str = ""
    grouped: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Words that the gallery does not know are left out rather than refused: links live long."""
        said = {field: known(query.get(NAMES.get(field, field), "")) for field, known in KNOWN.items()}
        tags = dict.fromkeys(filter(None, (_text(tag) for tag in query.getlist("tag")[:MOST_TAGS])))
        return cls(tags=tuple(tags), **said)

    @classmethod
    def parse(cls, query: str) -> Self:
        """The same of a query string that was kept, with or without its question mark."""
        return cls.read(QueryDict(query.removeprefix("?")))

    def for_a_team(self) -> Self:
        """Without what would tell how its people marked theirs. Its words are looked for in prompts alone."""
        sort = "" if self.sort == "stars" else self.sort
        return replace(self, tags=(), stars="", favourite="", colour="", key="", sort=sort)

    @property
    def narrowing(self) -> list[str]:
        """The fields that leave some jobs out."""
        other = {*PLACES, "sort", "unit", "grouped"}
        return [field.name for field in fields(self) if field.name not in other and getattr(self, field.name)]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.narrowing)

    @property
    def unseen(self) -> list[tuple[str, str]]:
        """What the page has no field for, as a form's names and values."""
        return [(NAMES.get(name, name), getattr(self, name)) for name in UNSEEN if getattr(self, name)]

    @property
    def kept(self) -> str:
        """What a smart album keeps: all but the place on the page."""
        return self.query().removeprefix("?")

    def query(self, **changes: Any) -> str:
        """This search as a query string, with some parts changed; the page starts anew unless `before` is given."""
        other = replace(self, **{**dict.fromkeys(PLACES, ""), **changes})
        names = [field.name for field in fields(other) if field.name not in PLACES] + list(PLACES)
        named = [(NAMES.get(name, name), getattr(other, name)) for name in names]
        return "?" + urlencode([(name, value) for name, value in named if value], doseq=True)
