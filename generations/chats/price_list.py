"""The models that a person can ask, each with the prices that were said of it, grouped by the server that has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode
from zlib import crc32

from accounts.models import User
from generations.chats import offers, prices
from generations.chats.prices import Priced, Prices
from studio.providers.registry import DIALECTS

SHOWN = 60  # models of one server; a search finds the others

Place = tuple[str, str]  # a provider and an address


@dataclass(frozen=True, slots=True)
class Row:
    model: Priced
    name: str
    prices: Prices

    @property
    def query(self) -> str:
        """By which pages name it."""
        return urlencode(self.model._asdict())

    @property
    def id(self) -> str:
        """For the elements of its row."""
        return f"price-{crc32(self.query.encode()):08x}"


@dataclass(slots=True)
class Group:
    """`keys` are the names of those that reach it; without any, only prices that were said before are in it.

    `can_type`: a model that its server does not name can be given a price by its id.
    """

    provider: str
    address: str
    keys: list[str] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)  # by the model's id
    trouble: str = ""
    is_free: bool = False
    can_type: bool = False
    more: int = 0

    @property
    def title(self) -> str:
        if self.address:
            return self.address
        return DIALECTS[self.provider].label if self.provider in DIALECTS else self.provider


def groups(user: User, text: str = "", opened: Row | None = None) -> list[Group]:
    """With those models alone that have all words of a search; the priced ones first, after the one that is open."""
    found, words = everything(user), text.casefold().split()
    if opened:
        found[opened.model.provider, opened.model.address].rows.setdefault(opened.model.model, opened)
    for group in found.values():
        rows = [row for row in group.rows.values() if row == opened or _has(row, group, words)]
        rows.sort(key=lambda row: (row != opened, row.prices.holding is None))
        group.rows = {row.model.model: row for row in rows[:SHOWN]}
        group.more = len(rows) - len(group.rows)
    shown = [group for group in found.values() if group.rows or not words]
    return sorted(shown, key=lambda group: group.is_free)


def everything(user: User) -> dict[Place, Group]:
    known = prices.all_told(user)
    found: dict[Place, Group] = {}
    for source in offers.sources(user):
        if source.key and source.key.is_lent:
            continue  # its owner's prices hold
        group = found.setdefault((source.provider.name, source.address), Group(source.provider.name, source.address))
        if source.key:
            group.keys.append(source.key.label)
        group.is_free, group.can_type = not source.provider.needs_key, source.can_type
        group.trouble = source.trouble
        for offer in source.offers:
            model = prices.priced(offer)
            group.rows.setdefault(offer.model.id, Row(model, offer.model.name, known.get(model, Prices())))
    for model, said in known.items():
        if said.own or user.is_superuser or (model.provider, model.address) in found:
            _add(found, model, said)
    return found


def row(user: User, model: Priced) -> Row | None:
    """Of one model; None where the person has nothing to say about it."""
    group = everything(user).get((model.provider, model.address))
    if group is None or group.is_free:
        return None
    if group.can_type and offers.is_model_id(model.model):
        return group.rows.get(model.model) or Row(model, model.model, Prices())
    return group.rows.get(model.model)


def _add(found: dict[Place, Group], model: Priced, said: Prices) -> None:
    """What has a price, and is in no list (any more)."""
    group = found.setdefault((model.provider, model.address), Group(model.provider, model.address))
    group.rows.setdefault(model.model, Row(model, model.model, said))


def _has(row: Row, group: Group, words: Iterable[str]) -> bool:
    text = " ".join((row.name, row.model.model, group.title, *group.keys)).casefold()
    return all(word in text for word in words)
