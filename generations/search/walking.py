"""Pages by keyset, never by an OFFSET, in any order and in both directions.

A list sorted by something has those that have it first, and after them all others, the newest first: two stretches,
each in the order of an index. From a place within it, there is a third: those that have as much as that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from generations.models import Job

Row = tuple[UUID, Any, str]  # id, what it is sorted by, the unit of its price
FIELDS = {"stars": "stars", "price": "price", "duration": "seconds"}
READ: dict[str, Callable[[str], Any]] = {"stars": lambda text: int(float(text)), "price": Decimal, "duration": float}


@dataclass(frozen=True, slots=True)
class Place:
    """A job in a list: its id, and what it is sorted by; None where it has nothing of that."""

    id: UUID
    value: Any = None


@dataclass(frozen=True, slots=True)
class Order:
    """`sort` as in the query string; prices are sorted within one `unit`."""

    sort: str = ""
    unit: str = ""

    @property
    def field(self) -> str:
        return FIELDS.get(self.sort, "")

    @property
    def is_priced(self) -> bool:
        return self.sort == "price"

    @property
    def has(self) -> Q:
        some = Q(**{f"{self.field}__gt": 0})
        return some & Q(price_unit=self.unit) if self.is_priced else some

    @property
    def lacks(self) -> Q:
        if self.is_priced:
            return Q(price__isnull=True) | Q(price__lte=0) | ~Q(price_unit=self.unit)
        return Q(**{self.field: 0})

    @property
    def columns(self) -> tuple[str, ...]:
        """Of a `Row`."""
        return ("pk", self.field or "pk", "price_unit" if self.is_priced else "pk")

    def place(self, row: Row) -> Place:
        pk, value, unit = row
        return Place(pk, value if self.field and value and (not self.is_priced or unit == self.unit) else None)

    def read(self, text: str) -> Any:
        return READ[self.sort](text) if text and self.field else None

    def rank(self, place: Place) -> tuple[int, Any, int]:
        """Ascends as the list goes on."""
        newness = place.id.int if self.sort == "oldest" else -place.id.int
        return (0, -place.value, newness) if place.value is not None else (1, 0, newness)


def pick(rows: Iterable[Row], order: Order, place: Place | None, count: int, *, back: bool = False) -> list[Place]:
    """Up to `count` of a few rows after the place, or, nearest first, before it."""
    places = sorted((order.place(row) for row in rows), key=order.rank, reverse=back)
    if place is not None:
        here = order.rank(place)
        places = [one for one in places if (order.rank(one) < here if back else order.rank(one) > here)]
    return places[:count]


def walk(rows: QuerySet[Job], order: Order, place: Place | None, count: int, *, back: bool = False) -> list[Place]:
    """The same of any number of rows."""
    found: list[Place] = []
    for stretch in stretches(rows, order, place, back=back):
        found += [order.place(row) for row in stretch.values_list(*order.columns)[: count - len(found)]]
        if len(found) >= count:
            break
    return found


def stretches(
    rows: QuerySet[Job], order: Order, place: Place | None, *, back: bool = False
) -> Iterator[QuerySet[Job, Any]]:
    if not order.field:
        yield by_id(rows, place, ascending=(order.sort == "oldest") != back)
        return
    having, lacking = rows.filter(order.has), rows.filter(order.lacks)
    is_among_others = place is not None and place.value is None
    if back:
        if place is None or is_among_others:
            yield by_id(lacking, place, ascending=True)
        yield from _by_value(having, order.field, None if is_among_others else place, back)
        return
    if not is_among_others:
        yield from _by_value(having, order.field, place, back)
    yield by_id(lacking, place if is_among_others else None, ascending=False)


def by_id(rows: QuerySet[Job], place: Place | None, ascending: bool) -> QuerySet[Job, Any]:
    if place is not None:
        rows = rows.filter(**{"pk__gt" if ascending else "pk__lt": place.id})
    return rows.order_by("pk" if ascending else "-pk")


def _by_value(rows: QuerySet[Job], field: str, place: Place | None, back: bool) -> Iterator[QuerySet[Job, Any]]:
    if place is not None:
        yield by_id(rows.filter(**{field: place.value}), place, ascending=back)
        rows = rows.filter(**{f"{field}__{'gt' if back else 'lt'}": place.value})
    yield rows.order_by(field, "pk") if back else rows.order_by(f"-{field}", "-pk")
