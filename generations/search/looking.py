"""Looking along a list for what is wanted, step by step, for as long as a page may take."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from math import inf
from uuid import UUID

from django.db.models import Q, QuerySet

from generations import fulltext
from generations.models import Job
from generations.search.ids import these_in_hex
from generations.search.scarce import Few
from generations.search.walking import Order, Place, Row, by_id, pick, stretches, walk
from generations.search.words import Words

# Jobs of the list that the first step looks through, and of how many of them it reads the words. A later step is at
# most so many times as long; so many times where nothing was found yet.
STEP, READING = 4_000, 200
LONGEST, LONGEST_READING, BLIND = 8, 5, 3
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
    def longest(self) -> int:
        return LONGEST_READING if self.words else LONGEST

    def soon(self, place: Place | None, count: int) -> Found:
        """Where the list is in the order of time: one step from the place."""
        return self._step(Found([], place), count, 1)

    def is_near(self, begun: Found, count: int) -> bool:
        """Does a single step find what is missing, if it is there as often as in the first one?"""
        return self._needed(begun, 1, count) <= self.longest

    def on(self, begun: Found, count: int, patience: float) -> Found:
        """What was begun so, and further along, for so many seconds."""
        until = time.monotonic() + patience
        if self.order.field and self.words is None:
            return Found(walk(self.wanted, self.order, begun.looked_to, count, back=self.back))
        if self.order.field:
            return self._by_value(begun.looked_to, count, until)
        looked = 1.0
        while True:
            times = self._times(begun, looked, count)
            begun, looked = self._step(begun, count, times), looked + times
            if begun.looked_to is None or time.monotonic() >= until:
                return begun

    def without(self, condition: str, asked: dict[str, Q]) -> Look:
        """With the other conditions: it is known that this one is true."""
        return replace(self, wanted=self.listed.filter(*(one for name, one in asked.items() if name != condition)))

    def near(self, few: Few, place: Place | None, count: int) -> list[Place]:
        """Those that an index knows; in the order of time no more ids are read than it needs."""
        if self.order.field:
            return self._pick([pk.hex for pk, *_ in few.rows], place, count)
        found: list[Place] = []
        while len(found) < count:
            ids = self._next(few, place)
            found += self._pick([one.hex for one in ids], place, count - len(found))
            if len(ids) < AT_ONCE:
                break
            place = Place(ids[-1])
        return found

    def ahead(self, few: Few, place: Place | None, count: int) -> list[Place] | None:
        """In the order of time, where the next ids of an index are enough."""
        ids = self._next(few, place)
        found = self._pick([one.hex for one in ids], place, count)
        return found if len(found) >= count or len(ids) < AT_ONCE else None

    def among(self, ids: Collection[str], place: Place | None, count: int) -> list[Place]:
        """Those of these few, in hex; in the order of time the first of them, where they will do."""
        if self.order.field:
            return self._pick(ids, place, count)
        if place is not None:
            here = place.id.hex
            ids = [one for one in ids if (one > here if self.ascending else one < here)]
        ordered = sorted(ids, reverse=not self.ascending)
        first, others = ordered[: 2 * count], ordered[2 * count :]
        found = self._pick(first, place, count)
        return found + self._pick(others, place, count - len(found)) if others and len(found) < count else found

    def read(self, rows: QuerySet[Job], most: int | None = None) -> Iterator[tuple[Row, bool]]:
        """Each, and whether it has the words."""
        if self.words is None:
            yield from ((row, True) for row in rows.values_list(*self.order.columns)[:most])
            return
        columns = (*self.order.columns, *self.words.texts)
        for pk, value, unit, *texts in rows.values_list(*columns)[:most]:
            yield (pk, value, unit), fulltext.has(" ".join(texts), self.words.parts)

    def _times(self, begun: Found, looked: float, count: int) -> float:
        """The length of the next step in first steps, of which so many were looked through."""
        return max(1.0, min(self.longest, self._needed(begun, looked, count))) if begun.places else BLIND

    @staticmethod
    def _needed(begun: Found, looked: float, count: int) -> float:
        """In how many is what is missing, and some to spare, if it is there as often as before?"""
        return 1.3 * looked * (count - len(begun.places)) / len(begun.places) if begun.places else inf

    def _step(self, begun: Found, count: int, times: float) -> Found:
        """Along the list, in the order of time, and no further than the words of so many were read."""
        ascending, size = self.ascending, int(STEP * times)
        last = by_id(self.listed, begun.looked_to, ascending).values_list("pk", flat=True)[size - 1 : size]
        end = next(iter(last), None)
        part = by_id(self.wanted, begun.looked_to, ascending)
        if end is not None:
            part = part.filter(**{"pk__lte" if ascending else "pk__gte": end})
        found = list(begun.places)
        most = int(READING * times) if self.words else count - len(found)
        for read, (row, has) in enumerate(self.read(part, most), start=1):
            if has:
                found.append(self.order.place(row))
            if len(found) >= count:
                return Found(found)
            if read == most:
                return Found(found, self.order.place(row))
        return Found(found, None if end is None else Place(end))

    def _next(self, few: Few, place: Place | None) -> list[UUID]:
        way, sign = ("gt", "") if self.ascending else ("lt", "-")
        rows = few.rows.order_by(f"{sign}{few.column}")
        ahead = rows.filter(**{f"{few.column}__{way}": place.id}) if place else rows
        return [pk for pk, *_ in ahead[:AT_ONCE]]

    def _pick(self, ids: Iterable[str], place: Place | None, count: int) -> list[Place]:
        rows = self.read(self.wanted.filter(pk__in=these_in_hex(ids)))
        return pick((row for row, has in rows if has), self.order, place, count, back=self.back)

    def _by_value(self, place: Place | None, count: int, until: float) -> Found:
        found: list[Place] = []
        while True:
            rows = stretches(self.wanted, self.order, place, back=self.back)
            size = LONGEST_READING * READING
            some = list(islice(chain.from_iterable(self.read(stretch, size) for stretch in rows), size))
            found += [self.order.place(row) for row, has in some if has]
            if len(found) >= count or len(some) < size:
                return Found(found[:count])
            place = self.order.place(some[-1][0])
            if time.monotonic() >= until:
                return Found(found, place)
