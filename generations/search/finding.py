"""Which way leads to a page soonest: along the list, by a filter that leaves few, or by the words.

What is frequent is met at the beginning of the list. What is rare is known to an index, and read whole. What is neither
is looked for along the list for as long as a page may take; the next page goes on from there. Before that is found out,
the indexes are asked that answer at once.
"""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q

from generations.search.filters import DAYS, Scope, conditions
from generations.search.looking import Found, Look
from generations.search.scarce import few, own_lists
from generations.search.walking import Order, Place, walk
from generations.search.wanted import Wanted
from generations.search.words import Words

# Seconds that a page looks along the list: the first one is to be there soon, and what follows comes by itself.
PATIENCE, FURTHER = 0.003, 0.03


def find(
    wanted: Wanted,
    scope: Scope,
    order: Order,
    place: Place | None,
    count: int,
    *,
    back: bool = False,
    patience: float | None = None,
) -> Found:
    """Up to `count` jobs after the place in the list, or, nearest first, before it."""
    asked = conditions(wanted, scope)
    listed = scope.jobs().filter(*(asked.pop(name) for name in DAYS if name in asked))
    words = Words.read(wanted.text, scope) if wanted.text else None
    if words and words.are_none:
        return Found([])
    if not asked and words is None:
        return Found(walk(listed, order, place, count, back=back))
    look = Look(listed, listed.filter(*asked.values()), words, order, back)
    begun = Found([], place)
    if not (order.field or wanted.on):
        known = _at_once(look, asked, place, count)
        if known is not None:
            return Found(known)
        begun = look.soon(place, count)
        if begun.looked_to is None:
            return begun
    if not (wanted.on or look.is_near(begun, count)):
        found = _rare(look, asked, scope, place, count)
        if found is not None:
            return Found(found)
    if patience is None:
        patience = FURTHER if wanted.on else PATIENCE
    return look.on(begun, count, patience)


def _at_once(look: Look, asked: dict[str, Q], place: Place | None, count: int) -> list[Place] | None:
    """Of an album's or a tag's own list, or of the few that have the words alone; None where that does not tell."""
    if listed := next(own_lists(asked), None):
        return look.without(listed.condition, asked).ahead(listed, place, count)
    ids_by_words = look.words.few_at_once() if look.words and not asked else None
    return None if ids_by_words is None else replace(look, words=None).among(ids_by_words, place, count)


def _rare(look: Look, asked: dict[str, Q], scope: Scope, place: Place | None, count: int) -> list[Place] | None:
    """Of the few that one filter leaves, or that have the words; None where all of them leave many."""
    if rare := few(asked, scope):
        return look.without(rare.condition, asked).near(rare, place, count)
    ids_by_words = look.words.few() if look.words else None
    return None if ids_by_words is None else replace(look, words=None).among(ids_by_words, place, count)
