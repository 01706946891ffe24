"""What the gallery's filters say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django import template
from django.utils.formats import date_format

from accounts.models import ProviderKey, User
from generations.models import Album, Colour, Review
from generations.search import Search
from generations.search.choices import model_name, units
from generations.search.filters import Scope
from generations.search.months import Month, months
from generations.search.wanted import provider_label

register = template.Library()

WORDS: dict[str, dict[str, str]] = {
    "kind": {"image": "Images", "video": "Videos", "audio": "Sounds"},
    "state": {
        "done": "Done",
        "running": "Running",
        "held": "Waits for approval",
        "look": "Needs a look",
        "failed": "Failed or cancelled",
    },
    "favourite": {"1": "Favourites"},
    "aspect": {"landscape": "Landscape", "portrait": "Portrait", "square": "Square"},
    "seed": {"1": "With a seed", "0": "Without a seed"},
    "input": {"1": "Begun from a file", "0": "From words alone"},
    "colour": dict(Colour.choices),
    "review": dict(Review.choices),
    "similar": {},
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the query string without it."""

    words: str
    without: str


@register.simple_tag
def chips(search: Search, user: User) -> list[Chip]:
    found = []
    for field in search.narrowing:
        if field == "tags":
            left = {tag: tuple(other for other in search.tags if other != tag) for tag in search.tags}
            found += [Chip(f"Tag: {tag}", search.query(tags=others)) for tag, others in left.items()]
        else:
            found.append(Chip(_words(field, getattr(search, field), user), search.query(**{field: ""})))
    return found


def _words(field: str, value: str, user: User) -> str:
    if value in WORDS.get(field, {}):
        return WORDS[field][value]
    match field:
        case "text":
            return f"“{value}”"
        case "provider":
            return provider_label(value)
        case "stars":
            return {"5": "5 stars", "1": "1 star or more"}.get(value, f"{value} stars or more")
        case "since" | "until" | "month":
            return _dates(field, value)
        case "similar":
            return "Prompts of the same words"
    return _named(field, value, user)


def _dates(field: str, value: str) -> str:
    if field == "month":
        return date_format(date.fromisoformat(f"{value}-01"), "F Y")
    return f"{'From' if field == 'since' else 'Until'} {date_format(date.fromisoformat(value), 'j M Y')}"


def _named(field: str, value: str, user: User) -> str:
    """By the name of a record of the person's own; others have none here."""
    match field:
        case "model":
            name = model_name(user, value)
        case "album":
            name = Album.objects.filter(owner=user, pk=value).values_list("title", flat=True).first()
            name = f"Album: {name}" if name else None
        case "key":
            name = ProviderKey.objects.filter(owner=user, pk=value).values_list("label", flat=True).first()
            name = f"Key: {name}" if name else None
        case "team":
            name = user.teams.filter(pk=value).values_list("name", flat=True).first()
            name = f"Shared with {name}" if name else None
        case _:
            name = value
    return name or f"{field.capitalize()}: {value}"


@register.simple_tag
def gallery_months(user: User) -> list[Month]:
    return months(Scope(user))


@register.simple_tag
def price_units(user: User) -> list[str]:
    return units(user)


@register.simple_tag
def search_query(search: Search, **changes: str) -> str:
    return search.query(**changes)


@register.simple_tag
def timeline_query(search: Search) -> str:
    """The address that answers with the months beside this search."""
    return f"{search.query()}&timeline=1".replace("?&", "?")


@register.simple_tag
def jump(search: Search, month: Month) -> str:
    """The list from that month on: the same search, by date."""
    if search.sort == "oldest":
        return search.query(before=str(month.since), month="")
    return search.query(before=str(month.until), month="", sort="")
