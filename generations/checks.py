"""What speaks against a click, as far as that is known without asking anybody and without paying.

A "stop" would certainly fail, or break a limit that the owner set: the server refuses the click. An "ask" is refused
once, and agreed to by another click. A "warn" is only said; a "say" is no trouble at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from accounts import balances, budget, keys
from accounts.models import ProviderKey
from generations import checks_lent, inputs, turns
from generations.catalogue.listings import Offer
from generations.checks_lent import Check
from generations.models import Job
from generations.models.states import State
from generations.money import limits
from generations.money.amounts import AMOUNT, UNIT, exact, micros
from generations.money.quotes import Total, total
from studio.lib.money import money
from studio.lib.words import duration
from studio.providers.base import Cost, Quote

WORTH_SAYING = 5.0  # seconds that a job will wait before it is sent
TRUSTED = timedelta(minutes=10)  # how long what an account was said to hold is good enough to refuse a click by


@dataclass(frozen=True, slots=True)
class Asked:
    """So many jobs alike, as a click would make them, at so much each."""

    offer: Offer
    settings: Mapping[str, Any]
    quote: Quote
    count: int = 1


def before(asked: Sequence[Asked]) -> list[Check]:
    """What is to be said before these are made, the worst first, each once."""
    found = [check for one in asked for check in _of_model(one)]
    for key, group in _by_key(asked):
        found += _of_key(key, group)
    return sorted(dict.fromkeys(found), key=lambda check: check.level != "stop")


def agreed(seen: str | None, now: Total) -> list[Check]:
    """Does the person know the price? `seen` is what the page said; None: no page asked."""
    if seen is None:
        return []
    shown = Total.read(seen)
    if not now.exceeds(shown):
        return []
    if now.pending:
        return [Check("ask", "The price is still on its way. Generate again when it is there.")]
    changed = f"The price has changed from {shown} to {now}." if shown.costs else f"This costs {now}."
    news = "The price is not known now." if now.unknown == now.jobs else changed
    return [Check("ask", f"{news} Generate again if that is right.")]


def _of_model(one: Asked) -> Iterator[Check]:
    offer = one.offer
    if not offer.model.available:
        yield Check("stop", offer.model.unavailable_reason)
    if why := inputs.trouble(offer.provider, _media(one)):
        yield Check("stop", why)
    if offer.key and offer.model.tier_required:
        yield from _of_tier(offer, offer.key)


def _media(one: Asked) -> list[str]:
    """What it begins from."""
    given = (one.settings.get(option.name) for option in one.offer.model.options if option.type == "media")
    values = (value if isinstance(value, list) else [value] for value in given if value)
    return [value for several in values for value in several if isinstance(value, str)]


def _of_tier(offer: Offer, key: ProviderKey) -> Iterator[Check]:
    """A provider that names one's plan has told of a plan, or of none."""
    account = balances.of(key)
    if account and not account.has_plan:
        ended = " any more" if account.plan else ""
        message = f"{offer.model.name} needs a subscription at {offer.provider.label}; this account has none{ended}."
        yield Check(_sure(account), message, *(("", "") if key.is_lent else _see(key)))


# -- The key ---------------------------------------------------------------------------------------------------------
def _by_key(asked: Sequence[Asked]) -> Iterator[tuple[ProviderKey, list[Asked]]]:
    paid = sorted((one for one in asked if one.offer.key), key=lambda one: one.offer.key.pk if one.offer.key else 0)
    for key, group in groupby(paid, key=lambda one: one.offer.key):
        assert key is not None
        yield key, list(group)


def _of_key(key: ProviderKey, asked: Sequence[Asked]) -> Iterator[Check]:
    now = total((one.quote, one.count) for one in asked)
    waiting = _Waiting.of(key)
    if key.borrower is None:
        yield from _of_its_state(key)
        yield from _of_its_limits(key, asked, now)
        yield from _of_its_balance(key, now, waiting)
    else:
        yield from checks_lent.before(key, key.borrower, [(one.quote, one.count) for one in asked])
    yield from _of_its_places(key, waiting)
    yield from _of_its_rate(key)


def _of_its_state(key: ProviderKey) -> Iterator[Check]:
    if not key.is_enabled:
        yield Check("stop", f"The key {key.label} is off.", "Switch it on", _see(key)[1])
    elif key.status == ProviderKey.Status.REFUSED or key.last_error == keys.UNREADABLE:
        yield Check("stop", key.last_error, "Replace the key", reverse("key-replace", args=[key.pk]))


def _of_its_limits(key: ProviderKey, asked: Iterable[Asked], now: Total) -> Iterator[Check]:
    if key.soft_limit is None and key.hard_limit is None:
        return
    change = ("Change the limit", reverse("key-limits", args=[key.pk]))
    if why := limits.uncounted(key, [one.quote.cost for one in asked if not one.quote.pending]):
        yield Check("stop", why, *change)
        return
    standing = limits.standing(key)
    more = _in_unit(now, standing.unit)
    if more and standing.forbids(more):
        yield Check("stop", standing.words(more), *change)
    elif more and standing.warns_of(more) and standing.soft is not None:
        spent, warning = money(standing.spent, standing.unit), money(standing.soft, standing.unit)
        yield Check("warn", f"{key.label} has spent {spent} this month; you wanted to be warned at {warning}.", *change)


def _of_its_balance(key: ProviderKey, now: Total, waiting: _Waiting) -> Iterator[Check]:
    account = balances.of(key)
    if account is None:
        return
    price = _in_unit(now, account.left.unit)
    left, costs = money(account.left.amount, account.left.unit), money(price, account.left.unit)
    if price > account.left.amount:
        level = "warn" if now.estimate else _sure(account)
        yield Check(level, f"This costs {costs}, and the account of {key.label} holds {left}.", *_see(key))
    elif price and price + waiting.cost > account.left.amount:
        kept = money(waiting.cost, account.left.unit)
        message = f"The account of {key.label} holds {left}, of which jobs that still wait will take {kept}."
        yield Check("warn", message, *_see(key))


def _of_its_places(key: ProviderKey, waiting: _Waiting) -> Iterator[Check]:
    most = turns.places(key)
    if most is not None and turns.taken(key) >= most:
        taken = f"{most} of {most} places are" if most > 1 else "The only place is"
        ahead = f" behind {waiting.jobs} more" if waiting.jobs else ""
        yield Check("warn", f"{taken} busy with this key; this will wait{ahead}.")


def _of_its_rate(key: ProviderKey) -> Iterator[Check]:
    wait = budget.grant({key.pk: budget.Want(0)})[key.pk].wait_seconds
    if wait >= WORTH_SAYING:
        usual = f"All requests that {key.label} may send for now are sent"
        yield Check("warn", f"{usual}; this will leave in about {duration(wait)}.")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The key's jobs that wait to be sent, and what they will cost in its unit."""

    jobs: int
    cost: Decimal

    @classmethod
    def of(cls, key: ProviderKey) -> _Waiting:
        jobs = Job.objects.filter(key=key, state=State.QUEUED, deleted_at__isnull=True)
        cost = micros(AMOUNT, Q(counted_in=balances.unit(key)))
        sums = jobs.alias(counted_in=UNIT).aggregate(jobs=Count("pk"), cost=cost)
        return cls(sums["jobs"], exact(sums["cost"]))


def _in_unit(now: Total, unit: str) -> Decimal:
    return sum((cost.amount for cost in now.costs if cost.unit == unit), Decimal(0))


def _sure(account: balances.Account) -> Literal["stop", "warn"]:
    return "stop" if account.at > timezone.now() - TRUSTED else "warn"


def _see(key: ProviderKey) -> tuple[str, str]:
    return "See the key", f"{reverse('keys')}#key-{key.pk}"


# -- What is left ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Left:
    """What a key's account holds and `where`, as it stands beside the button; and if it is `old`, of when that is."""

    key: ProviderKey
    where: str
    left: Cost | None
    old: datetime | None
    is_short: bool
    is_stale: bool


def accounts(asked: Sequence[Asked]) -> list[Left]:
    """Of each of one's own keys whose provider tells it."""
    return [_left(key, group) for key, group in _by_key(asked) if balances.tells(key) and not key.is_lent]


def _left(key: ProviderKey, asked: Sequence[Asked]) -> Left:
    account = balances.of(key)
    left = account.left if account else None
    price = _in_unit(total((one.quote, one.count) for one in asked), left.unit) if left else Decimal(0)
    is_short = left is not None and price > left.amount
    old = account.at if account and _sure(account) == "warn" else None
    return Left(key, asked[0].offer.provider.label, left, old, is_short, balances.is_stale(key))
