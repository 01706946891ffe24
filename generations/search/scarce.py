"""Few among a million: the jobs that one filter by itself leaves over, where its index says that they are few.

They are put in order whole, and read as far as a page needs. Where every filter leaves many, those that have them all
are near, and a walk in the list's order meets them soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from generations.models.job import State
from generations.search.filters import Scope
from generations.search.wanted import KINDS, PROVIDERS

FEW = 2000
# Fields with an index of their own, the rarest first; the rest is known only to the list's own index.
OWN = ("similar", "key", "colour", "favourite", "stars", "model", "provider", "kind", "state")
TEAM = ("person", "review")
# What else is true of them, so that an index of few columns or rows is known to have them.
_MORE = {
    "provider": Q(kind__in=KINDS),
    "model": Q(kind__in=KINDS, provider__in=PROVIDERS),
    "key": Q(state__in=State.values),
    "favourite": Q(is_favourite__in=[True]),
    "stars": Q(stars__gt=0),
    "colour": Q(colour__gt=""),
    "review": Q(review__gt=""),
}


@dataclass(frozen=True, slots=True)
class Few:
    """The rows that a condition alone leaves, in no order; the first of their columns, `column`, is the job's id."""

    condition: str
    column: str
    rows: QuerySet[Any, Any]


def few(conditions: dict[str, Q], scope: Scope) -> Few | None:
    """By the rarest condition; None where all of them leave many."""
    for found in _lists(conditions, scope):
        if not found.rows[FEW : FEW + 1]:  # skipped, and not read
            return found
    return None


def own_lists(conditions: dict[str, Q]) -> Iterator[Few]:
    """Those of an album and of tags."""
    for name, condition in conditions.items():
        for part in condition.children:
            if isinstance(part, tuple) and isinstance(part[1], QuerySet):
                yield Few(name, "job", part[1].order_by().values_list("job"))


def _lists(conditions: dict[str, Q], scope: Scope) -> Iterator[Few]:
    yield from own_lists(conditions)
    for name in OWN if scope.team is None else TEAM:
        if name in conditions:
            rows = scope.jobs().filter(_MORE.get(name, Q()), conditions[name])
            # With their place in their group, which is in these indexes and not in the list's own: so they are taken.
            yield Few(name, "pk", rows.order_by().values_list("pk", "position"))
