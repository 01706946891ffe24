"""What a key may spend in a month: a warning at one amount, and no new jobs that would take it beyond another.

A month is one of UTC, and a job belongs to the one in which it was made, or approved. What counts is what was charged
or may have been (what it cost, else what its provider estimates, else what was quoted), and what is still under way.
Only amounts in the key's own unit count; while there is a limit, what costs something else, or nobody knows what, is
not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from accounts import balances, team_keys
from accounts.models import ProviderKey, User
from generations.models import Job
from generations.models.states import State
from generations.money import lent
from generations.money.amounts import AMOUNT, OWED, UNIT, Month, exact, micros
from studio.lib.money import money
from studio.providers.base import Cost
from studio.providers.registry import DIALECTS


@dataclass(frozen=True, slots=True)
class Standing:
    """What a key has spent this month, what is under way included, against its limits."""

    key: ProviderKey
    unit: str
    spent: Decimal

    @property
    def provider_label(self) -> str:
        return DIALECTS[self.key.provider].label if self.key.provider in DIALECTS else self.key.provider

    @property
    def soft(self) -> Decimal | None:
        return self.key.soft_limit

    @property
    def hard(self) -> Decimal | None:
        return self.key.hard_limit

    @property
    def bound(self) -> Decimal | None:
        """The end of the bar: the limit, else the warning."""
        return self.soft if self.hard is None else self.hard

    @property
    def is_over_soft(self) -> bool:
        return self.soft is not None and self.spent > self.soft

    @property
    def is_over_hard(self) -> bool:
        """Not a job more, however little it costs."""
        return self.hard is not None and self.spent >= self.hard

    def warns_of(self, more: Decimal) -> bool:
        return self.soft is not None and self.spent + more > self.soft

    def forbids(self, more: Decimal) -> bool:
        return self.hard is not None and self.spent + more > self.hard

    def words(self, more: Decimal) -> str:
        """Why so much more is not made."""
        assert self.hard is not None
        price, limit, spent = (money(amount, self.unit) for amount in (more, self.hard, self.spent))
        beyond = f"This costs {price}, and would take {self.key.label} beyond its limit of {limit} a month"
        return f"{beyond}. Spent or under way: {spent}."


def standing(key: ProviderKey) -> Standing:
    """Of this month, whether or not the key has limits; whoever made the jobs."""
    unit = balances.unit(key)
    jobs = Job.objects.filter(Month.now().jobs, OWED, key=key).alias(counted_in=UNIT)
    spent = jobs.filter(counted_in=unit).aggregate(spent=micros(AMOUNT))["spent"]
    return Standing(key, unit, exact(spent))


def standings(user: User) -> list[Standing]:
    """Of each of a person's own keys that jobs are made with, whoever made them, in one statement."""
    own = user.provider_keys.values("pk")
    jobs = Job.objects.filter(Month.now().jobs, OWED, key__in=own).annotate(counted_in=UNIT)
    rows = jobs.values("key", "counted_in").annotate(spent=micros(AMOUNT)).values_list("key", "counted_in", "spent")
    spent = {(key, unit): exact(amount) for key, unit, amount in rows}
    chatting = [name for name, dialect in DIALECTS.items() if dialect.chats]
    units = [(key, balances.unit(key)) for key in user.provider_keys.exclude(provider__in=chatting)]
    return [Standing(key, unit, spent.get((key.pk, unit), Decimal(0))) for key, unit in units]


def uncounted(key: ProviderKey, costs: Sequence[Cost | None]) -> str:
    """Why jobs of these prices cannot be kept within the key's limit; "" where they can."""
    if key.hard_limit is None:
        return ""
    unit = balances.unit(key)
    if any(cost is None for cost in costs):
        return f"{key.label} has a monthly limit, and the price of this is not known. Remove the limit to make it."
    other = next((cost for cost in costs if cost and cost.amount and cost.unit != unit), None)
    if other is None:
        return ""
    return f"{key.label} has a monthly limit in {unit or 'another unit'}, and this costs {other.unit}."


def hold(jobs: Sequence[Job]) -> str:
    """Keeps new jobs within their keys' limits: "", or in words why they must not be made.

    Called in the transaction that has just written them, all of one person: of two clicks at once, the second waits
    here for the first. So are those that have just been approved, and those that are to wait for it.
    """
    keys = {job.key.pk: job.key for job in jobs if job.key is not None}
    terms = team_keys.terms(jobs[0].owner_id, keys.values()) if jobs else {}
    capped = [key for key, said in terms.items() if said.member_limit is not None]
    # Not a whole lock of the row: the jobs that both have just written refer to it.
    locked = ProviderKey.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").order_by("pk")
    limited = locked.filter(Q(hard_limit__isnull=False) | Q(pk__in=capped), pk__in=keys)
    return next(filter(None, (_refusal(key, [job for job in jobs if job.key_id == key.pk]) for key in limited)), "")


def _refusal(key: ProviderKey, jobs: Sequence[Job]) -> str:
    user_id = jobs[0].owner_id
    new, counted = _sum(jobs), _sum(job for job in jobs if job.state != State.HELD)
    mine = None if key.owner_id == user_id else lent.part(key, user_id)
    if mine is not None and (why := lent.refusal(mine, [job.quoted for job in jobs], new, counted)):
        return why
    if key.hard_limit is None:
        return ""
    if why := uncounted(key, [job.quoted for job in jobs]):
        return why
    now = standing(key)
    before = Standing(key, now.unit, now.spent - counted)
    if not new or not before.forbids(new):
        return ""
    return before.words(new) if mine is None else lent.beyond(key)


def _sum(jobs: Iterable[Job]) -> Decimal:
    return sum((job.quoted.amount for job in jobs if job.quoted), Decimal(0))
