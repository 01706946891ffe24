"""What speaks against a click with a key that is lent: in words that say no more of it than its borrower may know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from accounts import balances, keys
from accounts.models import ProviderKey
from generations.money import lent, limits
from generations.money.lent import Part
from studio.lib.money import money
from studio.providers.base import Quote

Priced = Sequence[tuple[Quote, int]]  # so many jobs at each


@dataclass(frozen=True, slots=True)
class Check:
    """`message` says what is wrong ("say": what is worth knowing), `label` and `url` what can be done about it."""

    level: Literal["stop", "ask", "warn", "say"]
    message: str
    label: str = ""
    url: str = ""

    @property
    def refuses(self) -> bool:
        return self.level in ("stop", "ask")


def before(key: ProviderKey, borrower: int, asked: Priced) -> Iterator[Check]:
    part = lent.part(key, borrower)
    if part is None:
        yield Check("stop", f"{key.label} is not yours to use any more.")
        return
    yield from _of_its_state(key)
    yield from _of_the_part(part, asked)
    yield from _of_its_limit(key, asked)
    yield from _of_its_balance(key, asked)
    yield from _of_approval(part, asked)


def _of_its_state(key: ProviderKey) -> Iterator[Check]:
    if not key.is_enabled:
        yield Check("stop", f"{key.owner} has switched {key.label} off.")
    elif key.status == ProviderKey.Status.REFUSED or key.last_error == keys.UNREADABLE:
        yield Check("stop", f"The provider refuses {key.label}. Tell {key.owner}.")


def _of_the_part(part: Part, asked: Priced) -> Iterator[Check]:
    if why := lent.uncounted(part, [quote.cost for quote, _ in asked if not quote.pending]):
        yield Check("stop", why)
    elif (more := _sum(asked, part.unit)) and part.forbids(more):
        yield Check("stop", part.words(more))
    elif part.limit is not None and more:
        used, limit = money(part.spent, part.unit), money(part.limit, part.unit)
        yield Check("say", f"You have used {used} of your {limit} this month with {part.key.label}.")


def _of_its_limit(key: ProviderKey, asked: Priced) -> Iterator[Check]:
    if key.hard_limit is None:
        return
    standing = limits.standing(key)
    more = _sum(asked, standing.unit)
    unknown = limits.uncounted(key, [quote.cost for quote, _ in asked if not quote.pending])
    if unknown or (more and standing.forbids(more)):
        yield Check("stop", lent.beyond(key))


def _of_its_balance(key: ProviderKey, asked: Priced) -> Iterator[Check]:
    account = balances.of(key)
    if account is not None and _sum(asked, account.left.unit) > account.left.amount:
        yield Check("warn", f"The account of {key.label} may hold too little for this. Ask {key.owner}.")


def _of_approval(part: Part, asked: Priced) -> Iterator[Check]:
    unit, above = balances.unit(part.key), part.terms.approve_above
    if above is None or not any(part.terms.asks(quote.cost, unit) for quote, _ in asked if not quote.pending):
        return
    owner = part.key.owner
    yield Check("warn", f"{owner} is asked first: it costs more than {money(above, unit)}, or nobody knows what.")


def _sum(asked: Priced, unit: str) -> Decimal:
    priced = (quote.cost.amount * count for quote, count in asked if quote.cost and quote.cost.unit == unit)
    return sum(priced, Decimal(0))
