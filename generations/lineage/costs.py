"""What jobs cost together. Amounts of different units are never added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from generations import sentences
from generations.models import Job
from generations.models.states import Charge
from studio.providers.base import Cost


def _by_unit() -> defaultdict[str, Decimal]:
    return defaultdict(Decimal)


@dataclass(slots=True)
class Costs:
    """By unit, and by the best that is known of each job. `perhaps`: it is under way, or nobody said whether it was
    charged; `unpriced` counts those that were, or may have been, and have no price.
    """

    jobs: int = 0
    charged: defaultdict[str, Decimal] = field(default_factory=_by_unit)
    perhaps: defaultdict[str, Decimal] = field(default_factory=_by_unit)
    unpriced: int = 0

    @classmethod
    def of(cls, jobs: Iterable[Job]) -> Costs:
        costs = cls()
        for job in jobs:
            costs._add(job)
        return costs

    def _add(self, job: Job) -> None:
        self.jobs += 1
        if job.is_free or not (job.charge != Charge.NO or job.is_in_flight):
            return
        cost = next((cost for cost in (job.actual, job.estimated, job.quoted) if cost is not None), None)
        if cost is None:
            self.unpriced += 1
        elif cost.amount:
            (self.charged if job.charge == Charge.YES else self.perhaps)[cost.unit] += cost.amount

    def __str__(self) -> str:
        """ "6.00 NOK and 24 credits, perhaps 2.00 NOK more, 1 without a price"; "nothing charged"."""
        parts = [_said(self.charged)] if self.charged else []
        if self.perhaps:
            parts.append(f"perhaps {_said(self.perhaps)}{' more' if self.charged else ''}")
        if self.unpriced:
            parts.append(f"{self.unpriced} without a price")
        return ", ".join(parts) or "nothing charged"


def _said(amounts: Mapping[str, Decimal]) -> str:
    return " and ".join(sentences.price(Cost(amount, unit)) for unit, amount in sorted(amounts.items()))
