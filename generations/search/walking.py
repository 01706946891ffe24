"""Pages by keyset, never by an OFFSET, in any order and in both directions.

A list sorted by something has those that have it first, and after them all others, the newest first: two stretches,
each in the order of an index. From a place within it, there is a third: those that have as much as that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from generations.models import Job

Row = tuple[UUID, Any]
NEWEST, OLDEST = "", "oldest"
FIELDS = {"stars": "stars", "price": "price", "duration": "seconds"}
READ: dict[str, Any] = {"stars": lambda text: int(float(text)), "price": Decimal, "duration": float}


@dataclass(frozen=True, slots=True)
class Order:
    """`sort` as in the query string; prices are sorted within one `unit`."""

    sort: str = NEWEST
    unit: str = ""

    @property
    def field(self) -> str:
        return FIELDS.get(self.sort, "")

    @property
    def has(self) -> Q:
        some = Q(**{f"{self.field}__gt": 0})
        return some & Q(price_unit=self.unit) if self.sort == "price" else some

    @property
    def lacks(self) -> Q:
        if self.sort == "price":
            return Q(price__isnull=True) | Q(price__lte=0) | ~Q(price_unit=self.unit)
        return Q(**{self.field: 0})

    def value(self, job: Job) -> Any:
        """What this job is sorted by; None where it stands among the others."""
        value = getattr(job, self.field) if self.field else None
        return value if value and (self.sort != "price" or job.price_unit == self.unit) else None

    def read(self, text: str) -> Any:
        return READ[self.sort](text) if text and self.field else None


@dataclass(frozen=True, slots=True)
class Place:
    """A job in a list, by what it is sorted by and its id."""

    id: UUID
    value: Any = None


def walk(rows: QuerySet[Job], order: Order, place: Place | None, count: int, *, back: bool = False) -> list[Row]:
    """Up to `count` (id, value) after the place, or, nearest first, before it."""
    found: list[Row] = []
    for stretch in _stretches(rows, order, place, back):
        found += stretch.values_list("pk", order.field or "pk")[: count - len(found)]
        if len(found) >= count:
            break
    return found


def _stretches(rows: QuerySet[Job], order: Order, place: Place | None, back: bool) -> Iterator[QuerySet[Job]]:
    if not order.field:
        ascending = (order.sort == OLDEST) != back
        yield _by_id(rows, place, ascending)
        return
    having, lacking = rows.filter(order.has), rows.filter(order.lacks)
    inside = place is not None and place.value is not None
    if back:
        if not inside:
            yield _by_id(lacking, place, ascending=True)
        yield from _by_value(having, order.field, place if inside else None, back)
        return
    if place is None or inside:
        yield from _by_value(having, order.field, place, back)
    yield _by_id(lacking, None if inside else place, ascending=False)


def _by_id(rows: QuerySet[Job], place: Place | None, ascending: bool) -> QuerySet[Job]:
    if place is not None:
        rows = rows.filter(**{"pk__gt" if ascending else "pk__lt": place.id})
    return rows.order_by("pk" if ascending else "-pk")


def _by_value(rows: QuerySet[Job], field: str, place: Place | None, back: bool) -> Iterator[QuerySet[Job]]:
    if place is not None:
        yield _by_id(rows.filter(**{field: place.value}), place, ascending=back)
        rows = rows.filter(**{f"{field}__{'gt' if back else 'lt'}": place.value})
    yield rows.order_by(field, "pk") if back else rows.order_by(f"-{field}", "-pk")
