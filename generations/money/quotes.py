"""What jobs will cost, before they are sent.

A provider that names the price of a job is asked for it, and its answer kept for ten minutes. What the price cannot
depend on (the seed, and the words of the prompt) is left out of the question, so that the same settings are asked
about once, and nobody's prompt leaves before the click.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from django.core.cache import cache
from django.db import connection

from accounts import budget
from accounts.connect import connect
from generations.catalogue import listings
from generations.catalogue.listings import Offer
from generations.models import Job
from studio.lib.crypto import Undecryptable
from studio.lib.money import UNKNOWN, money
from studio.lib.once import Once
from studio.providers.base import FREE, Cost, JobSpec, ProviderError, Quote
from studio.providers.transports import process_transports

FRESH = 600  # seconds that a price is good for
RETRY_AFTER = 20  # seconds until a provider that named none is asked again
PATIENCE = 2.0  # seconds that a page waits for prices
PENDING = Quote(None, pending=True)

_questions: Once[Quote | str] = Once("quote")


def quote(offer: Offer, spec: JobSpec, *, patience: float = PATIENCE) -> Quote:
    """The price of one job through this offer, as the provider names it; pending where that takes longer."""
    return several([(offer, spec)], patience=patience)[0]


def several(wanted: Sequence[tuple[Offer, JobSpec]], *, patience: float = PATIENCE) -> list[Quote]:
    """The price of each, asked for together; `patience` is for all of them."""
    until = time.monotonic() + patience
    asked = [_Question(offer, _priced(offer, spec)).put() for offer, spec in wanted]
    return [question.answer(max(0.0, until - time.monotonic())) for question in asked]


def today(job: Job, *, patience: float = PATIENCE) -> Quote | None:
    """The price of the same once more; None where it is not offered any more."""
    offer = listings.of_job(job)
    if offer is None:
        return None
    return quote(offer, JobSpec(offer.model.kind, job.model, job.prompt, job.settings), patience=patience)


def _priced(offer: Offer, spec: JobSpec) -> JobSpec:
    """What the price may depend on. Speech is priced by its text."""
    drawn = {option.name for option in offer.model.options if option.type == "seed"} | {"seed", "negative_prompt"}
    settings = {name: value for name, value in spec.settings.items() if name not in drawn and value not in (None, "")}
    prompt = spec.prompt if spec.kind == "audio" else ""
    return JobSpec(spec.kind, spec.model, prompt, settings)


class _Question:
    """What one job costs: a price list's answer, a kept one, or one that is still to come."""

    def __init__(self, offer: Offer, spec: JobSpec) -> None:
        self.offer, self.spec = offer, spec
        self.known: Quote | None = None
        self.coming: Future[Quote | str] | None = None

    def put(self) -> _Question:
        if not self.offer.provider.quotes:
            self.known = self._listed()
        elif (kept := cache.get(self.place)) is not None:
            self.known = self._told(kept)
        else:
            lane = self.offer.provider.name, self.offer.key.pk if self.offer.key else 0
            self.coming = _questions.ask(self.place, partial(_ask, self.place, self.offer, self.spec), lane=lane)
        return self

    def answer(self, patience: float) -> Quote:
        if self.known is not None:
            return self.known
        assert self.coming is not None
        try:
            return self._told(self.coming.result(patience))
        except (TimeoutError, CancelledError):
            return PENDING

    @property
    def place(self) -> str:
        """The same for questions that are the same to the provider."""
        provider, key = self.offer.provider, self.offer.key
        requests = [[request.path, dict(request.params), request.json] for request in provider.build_quotes(self.spec)]
        unseen = list(provider.unseen(self.spec, self.offer.model))
        asked = [provider.name, key.pk if key else 0, key.hint if key else "", requests, unseen]
        text = json.dumps(asked, sort_keys=True, default=str)
        return f"quote:{hashlib.sha256(text.encode()).hexdigest()}"

    def _told(self, told: Quote | str) -> Quote:
        return self._estimated(told) if isinstance(told, str) else told

    def _listed(self) -> Quote:
        return self.offer.provider.quote(self.spec, self.offer.model)

    def _estimated(self, why: str) -> Quote:
        """By the price list, and said so."""
        listed = self._listed()
        if listed.cost is None:
            return replace(listed, note=f"{why} {listed.note}".strip())
        return replace(listed, estimate=True, note=f"{why} {listed.note or 'An estimate from its price list.'}")


def _ask(place: str, offer: Offer, spec: JobSpec) -> Quote | str:
    """The provider's answer, or in words why there is none. In a thread of its own, within the key's share."""
    told: Quote | str
    try:
        provider = connect(offer.provider.name, offer.key, process_transports(), purpose=budget.QUOTES)
        told = provider.quote(spec, offer.model)
    except (ProviderError, Undecryptable) as error:
        told = str(error)
    finally:
        connection.close()
    cache.set(place, told, FRESH if isinstance(told, Quote) else RETRY_AFTER)
    return told


# -- Totals ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Total:
    """What several jobs cost together: one sum for each unit, never added to one another, sorted by unit.

    `unknown` and `pending` count the jobs whose price is not known, or not yet, `jobs` all. `notes` are the prices'.
    """

    costs: tuple[Cost, ...] = ()
    jobs: int = 0
    unknown: int = 0
    pending: int = 0
    estimate: bool = False
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """ "2.00 NOK + 24 credits + 1 price unknown", "free", "price unknown"."""
        words = [money(cost.amount, cost.unit) for cost in self.costs if cost != FREE]
        without = self.unknown + self.pending
        if without and without == self.jobs:
            return UNKNOWN
        if without:
            words.append(f"{without} price{'' if without == 1 else 's'} unknown")
        return " + ".join(words) or "free"

    @property
    def is_free(self) -> bool:
        return not self.unknown and not self.pending and all(cost.amount == 0 for cost in self.costs)

    @property
    def seen(self) -> str:
        """As a form carries it back, to say which price the person saw. What is pending has not been seen."""
        return ";".join([*(f"{cost.amount:f} {cost.unit}" for cost in self.costs), f"{self.unknown} unknown"])

    @classmethod
    def read(cls, seen: str) -> Total:
        """The opposite of `seen`; what is not understood has not been seen."""
        unknown, costs = 0, []
        for part in seen.split(";")[:50]:
            amount, _, unit = part.partition(" ")
            if unit == "unknown":
                unknown = int(amount) if amount.isascii() and amount.isdigit() and len(amount) < 9 else 0
            elif cost := Cost.parse(amount, unit):
                costs.append(cost)
        return cls(tuple(costs), unknown=unknown)

    def exceeds(self, seen: Total) -> bool:
        """Is there more to pay, in any unit, or more that is not known, than was seen?"""
        shown = {cost.unit: cost.amount for cost in seen.costs}
        dearer = any(cost.amount > shown.get(cost.unit, Decimal(0)) for cost in self.costs)
        return dearer or self.unknown > seen.unknown or self.pending > 0


def total(quotes: Iterable[tuple[Quote, int]]) -> Total:
    """Of so many jobs at each quote."""
    sums: dict[str, Decimal] = {}
    jobs = unknown = pending = 0
    notes, estimate = [], False
    for each, count in quotes:
        jobs += count
        if each.cost is not None:
            sums[each.cost.unit] = sums.get(each.cost.unit, Decimal(0)) + each.cost.amount * count
        elif each.pending:
            pending += count
        else:
            unknown += count
        estimate = estimate or each.estimate
        notes.append(each.note)
    costs = tuple(Cost(amount, unit) for unit, amount in sorted(sums.items()))
    return Total(costs, jobs, unknown, pending, estimate, tuple(dict.fromkeys(filter(None, notes))))
