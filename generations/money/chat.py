"""What a person's replies of one month came to, added up in one statement: by model and unit.

Costs are added in whole billionths, since SQLite would add decimals as floats. Amounts of different units are never
added, and what nobody has said a price of is counted, and not made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, F, Max, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce, Round

from accounts.models import User
from generations.models import Message, ReplyState, Role
from generations.models.message import UNDER_WAY
from generations.money.amounts import Month
from studio.providers.base import Cost
from studio.providers.registry import DIALECTS

NANO = Decimal(1_000_000_000)

# It may have cost something: it was sent, and not refused.
_COUNTED = Q(prompt_tokens__isnull=False) | Q(completion_tokens__isnull=False)
_ASKED = _COUNTED | (Q(started_at__isnull=False) & ~Q(state=ReplyState.FAILED))


@dataclass(frozen=True, slots=True)
class Line:
    """A month's replies of one model in one unit; `unpriced` of them have no known cost."""

    provider: str
    model: str
    name: str
    unit: str
    replies: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal
    unpriced: int

    @property
    def provider_label(self) -> str:
        return DIALECTS[self.provider].label if self.provider in DIALECTS else self.provider

    @property
    def is_free(self) -> bool:
        return self.provider in DIALECTS and not DIALECTS[self.provider].needs_key

    @property
    def is_priced(self) -> bool:
        return self.replies > self.unpriced


def lines(user: User, month: Month) -> list[Line]:
    """Of all branches, and deleted ones too: they cost what they cost. The dearest of each unit first."""
    found = [_line(row) for row in _rows(user, month)]
    return sorted(found, key=lambda line: (not line.unit, line.unit, -line.cost, line.name, line.model))


def totals(of: Iterable[Line]) -> Sequence[Cost]:
    """One for each unit."""
    sums: dict[str, Decimal] = {}
    for line in of:
        if line.unit and line.is_priced:
            sums[line.unit] = sums.get(line.unit, Decimal(0)) + line.cost
    return [Cost(amount, unit) for unit, amount in sorted(sums.items())]


def _rows(user: User, month: Month) -> Iterable[Any]:
    replies = Message.objects.filter(month.jobs, _ASKED, conversation__owner=user, role=Role.ASSISTANT)
    nanos = Cast(Round(F("cost") * Value(NANO)), BigIntegerField())
    return (
        replies.exclude(provider="")
        .exclude(state__in=UNDER_WAY)
        .values("provider", "model", "cost_unit")
        .annotate(
            name=Max("model_name"),
            replies=Count("pk"),
            prompt=Coalesce(Sum("prompt_tokens"), 0),
            completion=Coalesce(Sum("completion_tokens"), 0),
            nanos=Coalesce(Sum(nanos), 0),
            unpriced=Count("pk", filter=Q(cost__isnull=True)),
        )
        .order_by()
    )


def _line(row: dict[str, Any]) -> Line:
    return Line(
        provider=row["provider"],
        model=row["model"],
        name=row["name"] or row["model"],
        unit=row["cost_unit"],
        replies=row["replies"],
        prompt_tokens=row["prompt"],
        completion_tokens=row["completion"],
        cost=Decimal(row["nanos"]) / NANO,
        unpriced=row["unpriced"],
    )
