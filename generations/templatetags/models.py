"""A model as lists show it."""

from __future__ import annotations

from decimal import Decimal

from django import template

from generations import facts
from generations.browsing import Found, Search
from generations.shelf import Entry

register = template.Library()

register.filter("facts", facts.facts)
register.filter("availability", facts.availability)


@register.filter
def star_name(entry: Entry) -> str:
    """As the star sends it."""
    return "/".join(entry.name)


@register.filter
def unit_words(unit: str) -> str:
    """ "NOK/image" → "NOK per image" """
    return unit.replace("/", " per ")


@register.filter
def plain(amount: Decimal) -> str:
    """For attributes: without exponents."""
    return f"{amount:f}"


@register.simple_tag
def sorted_by(search: Search, sort: str) -> str:
    return search.query(sort=sort)


@register.filter
def shown(found: Found) -> int:
    return sum(len(section.entries) for section in found.sections)
