"""What tokens cost: as people say it for themselves, or the operator for everyone, and what replies came to by it.

Nobody else says it, so a model without a price has no known one. A reply keeps the price that held when it was asked
for. Amounts of different units are never added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import User
from generations.chats.offers import ChatOffer
from generations.models import Conversation, Message, ModelPrice, ReplyState, Role
from generations.models.message import UNDER_WAY
from studio.lib.money import money
from studio.providers.base import Cost
from studio.providers.registry import DIALECTS

MANY = 200  # models: for more, all of a person's prices are read
TOKENS = ("prompt_tokens", "completion_tokens")


class Priced(NamedTuple):
    """What a price is for: a model, wherever that server is asked, by whichever key."""

    provider: str
    address: str
    model: str


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one model: the person's own, and the operator's for everyone."""

    own: ModelPrice | None = None
    everyones: ModelPrice | None = None

    @property
    def holding(self) -> ModelPrice | None:
        return self.own or self.everyones


@dataclass(frozen=True, slots=True)
class Total:
    """Of all replies of a conversation, those of other branches and deleted ones too: they cost what they cost.

    `amounts` has one for each unit; `unpriced` is how many replies have none, `free` how many cost nothing. Tokens are
    those that were counted.
    """

    amounts: tuple[Cost, ...] = ()
    unpriced: int = 0
    free: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __str__(self) -> str:
        """0.03 USD + 2 credits + 3 replies without a price"""
        parts = [money(cost.amount, cost.unit) for cost in self.amounts]
        if self.unpriced:
            parts.append(f"{self.unpriced} {'reply' if self.unpriced == 1 else 'replies'} without a price")
        return " + ".join(parts)


def priced(offer: ChatOffer) -> Priced:
    return Priced(offer.provider.name, offer.address, offer.model.id)


def of(owner: User, offers: Iterable[ChatOffer]) -> dict[str, ModelPrice | None]:
    """The price that holds for the person, by the offer's id. What runs here has none.

    Of a key that is lent to them, its owner's holds: it is their money. One statement for each whose it is.
    """
    by_payer: defaultdict[User, list[ChatOffer]] = defaultdict(list)
    for offer in offers:
        by_payer[offer.key.owner if offer.key and offer.key.is_lent else owner].append(offer)
    return {id: price for payer, asked in by_payer.items() for id, price in _of(payer, asked)}


def _of(payer: User, asked: Sequence[ChatOffer]) -> Iterator[tuple[str, ModelPrice | None]]:
    known = told(payer, {priced(offer) for offer in asked if not offer.is_free})
    for offer in asked:
        yield offer.id, known[priced(offer)].holding if priced(offer) in known else None


def told(owner: User, models: Iterable[Priced]) -> dict[Priced, Prices]:
    """Both prices of each of these models that has one."""
    wanted = set(models)
    found: dict[Priced, Prices] = {}
    if wanted:
        rows = everything(owner).filter(provider__in={model.provider for model in wanted})
        rows = rows if len(wanted) > MANY else rows.filter(model__in={model.model for model in wanted})
        found = _sorted_out(rows)
    return {model: prices for model, prices in found.items() if model in wanted}


def all_told(owner: User) -> dict[Priced, Prices]:
    """Of every model that the person, or the operator, has said a price of."""
    return _sorted_out(everything(owner))


def everything(owner: User) -> QuerySet[ModelPrice]:
    return ModelPrice.objects.filter(Q(owner=owner) | Q(owner__isnull=True))


def put(owner: User | None, model: Priced, *, input: Decimal, output: Decimal, unit: str) -> None:
    """`owner` None: for everyone. Replies that are there keep theirs."""
    ModelPrice.objects.update_or_create(
        owner=owner, **model._asdict(), defaults={"input": input, "output": output, "unit": unit}
    )


def remove(owner: User | None, model: Priced) -> bool:
    return ModelPrice.objects.filter(owner=owner, **model._asdict()).delete()[0] > 0


def last_unit(owner: User) -> str:
    """In which the person said the last price."""
    return ModelPrice.objects.filter(owner=owner).order_by("-pk").values_list("unit", flat=True).first() or ""


def cost(reply: Message) -> Cost | None:
    """What it came to; None where nobody said a price, or nobody counted its tokens."""
    return None if reply.cost is None else Cost(reply.cost, reply.cost_unit)


def is_free(reply: Message) -> bool:
    """Was it written in this Studio?"""
    return reply.provider in DIALECTS and not DIALECTS[reply.provider].needs_key


def conversation_total(conversation: Conversation) -> Total:
    amounts: dict[str, Decimal] = {}
    unpriced = free = prompt = completion = 0
    replies = Message.objects.filter(conversation=conversation, role=Role.ASSISTANT)
    ended = replies.exclude(state__in=UNDER_WAY).exclude(provider="")
    for reply in ended.only("provider", "state", "started_at", "cost", "cost_unit", *TOKENS):
        prompt += reply.prompt_tokens or 0
        completion += reply.completion_tokens or 0
        if is_free(reply):
            free += 1
        elif reply.cost is not None:
            amounts[reply.cost_unit] = amounts.get(reply.cost_unit, Decimal(0)) + reply.cost
        elif was_asked(reply):
            unpriced += 1
    costs = tuple(Cost(amount, unit) for unit, amount in sorted(amounts.items()))
    return Total(costs, unpriced, free, prompt, completion)


def was_asked(reply: Message) -> bool:
    """May it have cost something? Not where it was stopped before it was sent, or refused."""
    if reply.prompt_tokens is not None or reply.completion_tokens is not None:
        return True
    return reply.started_at is not None and reply.state != ReplyState.FAILED


def _sorted_out(rows: Iterable[ModelPrice]) -> dict[Priced, Prices]:
    own: dict[Priced, ModelPrice] = {}
    everyones: dict[Priced, ModelPrice] = {}
    for row in rows:
        side = everyones if row.owner_id is None else own
        side[Priced(row.provider, row.address, row.model)] = row
    return {model: Prices(own.get(model), everyones.get(model)) for model in {**everyones, **own}}
