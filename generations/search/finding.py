"""Which way leads to a page soonest: by a filter that leaves few, by the words, or along the list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from generations import fulltext
from generations.models import Job
from generations.search.filters import Scope, conditions
from generations.search.scarce import FEW, few
from generations.search.walking import Order, Place, Row, pick, stretches, walk
from generations.search.wanted import Wanted
from generations.search.words import Words

AT_ONCE = 300  # rows, whose texts are read


def find(
    wanted: Wanted, scope: Scope, order: Order, place: Place | None, count: int, *, back: bool = False
) -> list[Place]:
    """Up to `count` jobs after the place in the list, or, nearest first, before it."""
    asked = conditions(wanted, scope)
    rows = scope.jobs()
    for condition in asked.values():
        rows = rows.filter(condition)
    words = Words.read(wanted.text, scope)
    if wanted.text and words.are_none:
        return []
    candidates = few(asked, scope)
    if candidates is not None:
        left = rows.filter(pk__in=candidates)
        return pick(
            _with_words(left, order, words) if wanted.text else _read(left, order), order, place, count, back=back
        )
    if not wanted.text:
        return walk(rows, order, place, count, back=back)
    if connection.vendor == "postgresql":
        return walk(rows.filter(words.condition()), order, place, count, back=back)
    if order.field:
        return _sorted_by_value(rows, words, order, place, count, back)
    return _along_hits(rows, words, order, place, count, back)


def _read(rows: QuerySet[Job], order: Order) -> list[Row]:
    return list(rows.order_by().values_list(*order.columns))


def _with_words(rows: QuerySet[Job, object], order: Order, words: Words) -> Iterator[Row]:
    """Those of these rows that have the words, looked for in their texts."""
    for pk, value, unit, *texts in rows.values_list(*order.columns, *words.texts).iterator(chunk_size=AT_ONCE):
        if fulltext.has(" ".join(texts), words.parts):
            yield pk, value, unit


def _along_hits(
    rows: QuerySet[Job], words: Words, order: Order, place: Place | None, count: int, back: bool
) -> list[Place]:
    ascending = (order.sort == "oldest") != back
    found: list[Place] = []
    for hits in words.hits(after=place.id if place else None, ascending=ascending):
        found += pick(_read(rows.filter(pk__in=hits), order), order, place, count, back=back)
        if len(found) >= count:
            break
    return found[:count]


def _sorted_by_value(
    rows: QuerySet[Job], words: Words, order: Order, place: Place | None, count: int, back: bool
) -> list[Place]:
    """A few hits are read whole; many are met soon along the list."""
    hits: list[UUID] = []
    for batch in words.hits():
        hits += batch
        if len(hits) > FEW:
            break
    else:
        return pick(_read(rows.filter(pk__in=hits), order), order, place, count, back=back)
    found = chain.from_iterable(
        _with_words(stretch, order, words) for stretch in stretches(rows, order, place, back=back)
    )
    return [order.place(row) for row in islice(found, count)]
