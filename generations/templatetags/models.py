"""A model as lists show it."""

from __future__ import annotations

from django import template

from generations.catalogue import facts
from generations.catalogue.shelf import Entry

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
