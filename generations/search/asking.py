"""A search: what is wanted, and the pages of jobs that it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from uuid import UUID

from accounts.models import Team, User
from generations.models import Job
from generations.search.choices import units
from generations.search.filters import Scope
from generations.search.finding import find
from generations.search.reading import Reader, whole, whole_with_owner
from generations.search.walking import Order, Place
from generations.search.wanted import Wanted

PAGE = 36


@dataclass(frozen=True, slots=True)
class Search(Wanted):
    """Of one's own jobs; with `team`, of those that this team sees. Who may ask is for the caller to know."""

    def page(self, user: User, *, team: Team | None = None, read: Reader = whole) -> tuple[list[Job], str]:
        """One page of jobs, as read, and the query string of the next page or ""."""
        scope = Scope(user, team)
        order = self.order(scope)
        place = Place(UUID(self.before), order.read(self.at)) if self.before else None
        found = find(self, scope, order, place, PAGE + 1)
        shown = found.places[:PAGE]
        if len(found.places) > PAGE:
            return _read(shown, read), self._after(shown[-1])
        return _read(shown, read), self._after(found.looked_to, on="1") if found.looked_to else ""

    def ids(self, user: User, most: int, patience: float) -> tuple[list[UUID], bool]:
        """Of the first so many of one's own, and whether there are no others that were not looked for."""
        scope = Scope(user)
        found = find(self, scope, self.order(scope), None, most, patience=patience)
        return [place.id for place in found.places], found.looked_to is None

    def around(self, user: User, job: Job, count: int = 1, *, team: Team | None = None) -> tuple[list[Job], list[Job]]:
        """Up to `count` jobs before and after that one, each in the list's order."""
        scope = Scope(user, team)
        order = self.order(scope)
        here = order.place((job.pk, getattr(job, order.field or "pk"), job.price_unit))
        before = find(self, scope, order, here, count, back=True, patience=inf).places[::-1]
        after = find(self, scope, order, here, count, patience=inf).places
        read = whole if team is None else whole_with_owner
        jobs = {found.pk: found for found in _read(before + after, read)}
        return [jobs[one.id] for one in before if one.id in jobs], [jobs[one.id] for one in after if one.id in jobs]

    def order(self, scope: Scope) -> Order:
        """Prices are compared in one unit, never converted: in the one asked for, else in the first there is.

        What a team sees is in the order of time alone: the stars are everybody's own, and no index knows its prices
        and lengths.
        """
        if scope.team is not None and self.sort != "oldest":
            return Order()
        unit = self.unit
        if self.sort == "price" and not unit:
            unit = next(iter(units(scope.user)), "")
        return Order(self.sort, unit)

    def _after(self, place: Place, on: str = "") -> str:
        at = "" if place.value is None else str(place.value)
        return self.query(before=str(place.id), at=at, on=on)


def _read(places: list[Place], read: Reader) -> list[Job]:
    """In this order."""
    ids = [place.id for place in places]
    jobs = read(ids)
    return [jobs[pk] for pk in ids if pk in jobs]
