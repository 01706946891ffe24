"""What people use of keys that are not theirs: each member's part of a month, and what waits for the key's owner.

It is counted as a key's own limit is (see `limits`), and by the person; replies count as far as their tokens have
prices. What is used of a key is in its own unit; of one whose account names none, each unit is held to the limit alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce, Round

from accounts import balances, team_keys
from accounts.models import ProviderKey
from accounts.team_keys import Terms
from generations.models import Job, Message
from generations.money.amounts import AMOUNT, OWED, UNIT, Month, exact, micros
from generations.money.chat import NANO
from studio.lib.money import money
from studio.providers.base import Cost

Sums = dict[str, Decimal]  # by unit


@dataclass(frozen=True, slots=True)
class Part:
    """Of a key that is lent to somebody: on which terms, and what they have used of it this month."""

    key: ProviderKey
    terms: Terms
    used: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """Of the key's account; where that names none, the unit of which the most was used."""
        return balances.unit(self.key) or max(self.used, key=lambda unit: self.used[unit], default="")

    @property
    def spent(self) -> Decimal:
        return self.used.get(self.unit, Decimal(0))

    @property
    def limit(self) -> Decimal | None:
        return self.terms.member_limit

    @property
    def is_used_up(self) -> bool:
        return self.limit is not None and self.spent >= self.limit

    def forbids(self, more: Decimal) -> bool:
        return self.limit is not None and self.spent + more > self.limit

    def words(self, more: Decimal) -> str:
        """Why so much more is not made."""
        assert self.limit is not None
        price, limit, spent = (money(amount, self.unit) for amount in (more, self.limit, self.spent))
        beyond = f"This costs {price}, and would take you beyond your {limit} a month with {self.key.label}"
        return f"{beyond}. You have used {spent}, what is under way included."


def part(key: ProviderKey, user_id: int) -> Part | None:
    """None where the key is their own, or is lent to them no more."""
    terms = team_keys.terms(user_id, [key]).get(key.pk)
    if terms is None:
        return None
    return Part(key, terms, used([key], owner=user_id).get((key.pk, user_id), {}))


def used(keys: Sequence[ProviderKey], *, owner: int | None = None) -> Mapping[tuple[int, int], Sums]:
    """By key and person, of this month. `owner`: of that person alone."""
    sums: defaultdict[tuple[int, int], Sums] = defaultdict(dict)
    for key, user, unit, amount in (*_jobs(keys, owner), *_replies(keys, owner)):
        sums[key, user][unit] = sums[key, user].get(unit, Decimal(0)) + amount
    return sums


def _jobs(keys: Sequence[ProviderKey], owner: int | None) -> list[tuple[int, int, str, Decimal]]:
    whose: dict[str, Any] = {} if owner is None else {"owner": owner}
    rows = Job.objects.filter(Month.now().jobs, OWED, key__in=keys, **whose).annotate(counted_in=UNIT)
    sums = rows.order_by().values("key", "owner", "counted_in").annotate(spent=micros(AMOUNT))
    found = sums.values_list("key", "owner", "counted_in", "spent")
    return [(key, user, unit, exact(amount)) for key, user, unit, amount in found]


def _replies(keys: Sequence[ProviderKey], owner: int | None) -> list[tuple[int, int, str, Decimal]]:
    """Of the month in which they were asked for last: then all of what they cost."""
    whose: dict[str, Any] = {} if owner is None else {"conversation__owner": owner}
    counted = Q(cost__isnull=False) | Q(presumed_cost__isnull=False)
    rows = Message.objects.alias(asked_at=Coalesce("started_at", "created_at")).filter(counted, key__in=keys, **whose)
    rows = rows.filter(asked_at__gte=Month.now().start, asked_at__lt=Month.now().end)
    amount = Coalesce("cost", Decimal(0)) + Coalesce("presumed_cost", Decimal(0))
    nanos = Sum(Cast(Round(amount * Value(NANO)), BigIntegerField()))
    sums = rows.order_by().values("key", "conversation__owner", "cost_unit").annotate(spent=nanos)
    found = sums.values_list("key", "conversation__owner", "cost_unit", "spent")
    return [(key, user, unit, Decimal(amount) / NANO) for key, user, unit, amount in found]


# -- Limits ----------------------------------------------------------------------------------------------------------
def refusal(part: Part, costs: Sequence[Cost | None], new: Decimal, counted: Decimal) -> str:
    """Why jobs that have just been written must not be made; `counted` of the `new` amount is in the part already."""
    if part.limit is None:
        return ""
    if why := uncounted(part, costs):
        return why
    before = replace(part, used={**part.used, part.unit: part.spent - counted})
    return before.words(new) if new and before.forbids(new) else ""


def beyond(key: ProviderKey) -> str:
    """What a borrower is told of the key's own limit: not what it is."""
    return f"This would take {key.label} beyond what {key.owner} lets it spend in a month. Ask {key.owner}."


# -- Before something is made ----------------------------------------------------------------------------------------
def waits(jobs: Sequence[Job]) -> list[Job]:
    """Those among them, of one person, that the owners of their keys want to be asked about."""
    if not jobs:
        return []
    keys = {job.key.pk: job.key for job in jobs if job.key is not None}
    terms = team_keys.terms(jobs[0].owner_id, keys.values())
    return [
        job
        for job in jobs
        if job.key is not None
        and job.key.pk in terms
        and terms[job.key.pk].asks(job.quoted, balances.unit(keys[job.key.pk]))
    ]


def uncounted(part: Part, costs: Sequence[Cost | None]) -> str:
    """Why jobs of these prices cannot be kept within the person's part; "" where they can."""
    if part.limit is None:
        return ""
    said = f"You have a monthly limit with {part.key.label}"
    if any(cost is None for cost in costs):
        return f"{said}, and the price of this is not known."
    other = next((cost for cost in costs if cost and cost.amount and cost.unit != part.unit), None)
    return f"{said} in {part.unit or 'another unit'}, and this costs {other.unit}." if other else ""
