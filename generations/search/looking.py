"""Looking along a list for what is wanted, step by step, for as long as a page may take."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat
from uuid import UUID

from django.db.models import QuerySet

from generations import fulltext
from generations.models import Job
from generations.search.walking import Order, Place, Row, by_id, pick, stretches, walk
from generations.search.words import Words

# Jobs of the list that one step looks through, and all the others after them.
STEPS = (4_000, 16_000)
READING = (400, 1_000)  # where their words are read
AT_ONCE = 200  # of a few that an index knows


@dataclass(frozen=True, slots=True)
class Found:
    """`looked_to`: how far the list was looked through, where there may be more behind."""

    places: list[Place]
    looked_to: Place | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """`listed`: all jobs of the list; `wanted`: those of them that the filters leave."""

    listed: QuerySet[Job]
    wanted: QuerySet[Job]
    words: Words | None
    order: Order
    back: bool = False

    @property
    def ascending(self) -> bool:
        """By their ids, where the list is in the order of time."""
        return (self.order.sort == "oldest") != self.back

    @property
    def steps(self) -> tuple[int, ...]:
        return READING if self.words else STEPS

    def soon(self, place: Place | None, count: int) -> Found:
        """Where the list is in the order of time: one step from the place."""
        return self._by_time(place, count, self.steps[:1], 0)

    def on(self, place: Place | None, count: int, patience: float) -> Found:
        """Further along, for so many seconds."""
        until = time.monotonic() + patience
        if not self.order.field:
            return self._by_time(place, count, chain(self.steps[1:], repeat(self.steps[-1])), until)
        if self.words is None:
            return Found(walk(self.wanted, self.order, place, count, back=self.back))
        return self._by_value(place, count, until)

    def among(self, ids: Collection[UUID], place: Place | None, count: int) -> list[Place]:
        """Those of these few; in the order of time no more of them are read than it needs."""
        if self.order.field:
            return self._pick(ids, place, count)
        if place is not None:
            ids = [one for one in ids if (one > place.id if self.ascending else one < place.id)]
        found: list[Place] = []
        ordered = sorted(ids, reverse=not self.ascending)
        for start in range(0, len(ordered), AT_ONCE):
            found += self._pick(ordered[start : start + AT_ONCE], place, count - len(found))
            if len(found) >= count:
                break
        return found

    def read(self, rows: QuerySet[Job], most: int | None = None) -> Iterator[tuple[Row, bool]]:
        """Each, and whether it has the words."""
        if self.words is None:
            yield from ((row, True) for row in rows.values_list(*self.order.columns)[:most])
            return
        columns = (*self.order.columns, *self.words.texts)
        for pk, value, unit, *texts in rows.values_list(*columns)[:most]:
            yield (pk, value, unit), fulltext.has(" ".join(texts), self.words.parts)

    def _by_time(self, place: Place | None, count: int, steps: Iterable[int], until: float) -> Found:
        ascending, found = self.ascending, list[Place]()
        for size in steps:
            end = next(iter(by_id(self.listed, place, ascending).values_list("pk", flat=True)[size - 1 : size]), None)
            part = by_id(self.wanted, place, ascending)
            if end is not None:
                part = part.filter(**{"pk__lte" if ascending else "pk__gte": end})
            found += self._some(part, count - len(found))
            if len(found) >= count or end is None:
                return Found(found)
            place = Place(end)
            if time.monotonic() >= until:
                break
        return Found(found, place)

    def _pick(self, ids: Iterable[UUID], place: Place | None, count: int) -> list[Place]:
        rows = self.read(self.wanted.filter(pk__in=ids))
        return pick((row for row, has in rows if has), self.order, place, count, back=self.back)

    def _some(self, rows: QuerySet[Job], count: int) -> list[Place]:
        read = self.read(rows, None if self.words else count)
        return [self.order.place(row) for row in islice((row for row, has in read if has), count)]

    def _by_value(self, place: Place | None, count: int, until: float) -> Found:
        found: list[Place] = []
        while True:
            rows = stretches(self.wanted, self.order, place, back=self.back)
            size = self.steps[-1]
            some = list(islice(chain.from_iterable(self.read(stretch, size) for stretch in rows), size))
            found += [self.order.place(row) for row, has in some if has]
            if len(found) >= count or len(some) < size:
                return Found(found[:count])
            place = self.order.place(some[-1][0])
            if time.monotonic() >= until:
                return Found(found, place)
