"""All that a person can choose from, one entry for each model of a provider, however many keys reach it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from accounts.models import User
from generations import catalogues, favourites
from generations.catalogues import Offer, Source
from generations.favourites import Name
from studio.providers.base import ModelInfo, Price
from studio.providers.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Entry:
    """A model with its offers, the one to take first; `words` is what a search looks in, `locked` why it is greyed."""

    offers: tuple[Offer, ...]
    words: str
    locked: str = ""
    is_favourite: bool = False

    @property
    def offer(self) -> Offer:
        return self.offers[0]

    @property
    def model(self) -> ModelInfo:
        return self.offers[0].model

    @property
    def provider(self) -> Dialect:
        return self.offers[0].provider

    @property
    def name(self) -> Name:
        return self.provider.name, self.model.id

    @property
    def is_usable(self) -> bool:
        return not self.locked and self.model.available

    @property
    def is_free(self) -> bool:
        return not self.provider.needs_key

    @property
    def price(self) -> Price | None:
        return self.model.price

    @property
    def price_unit(self) -> str:
        """What its price can be compared within: "NOK/image"; "" where it has none."""
        price = self.model.price
        return f"{price.cost.unit}/{price.unit}" if price else ""

    def through(self, key_id: int | None) -> Entry:
        """The same, to be taken through that key first."""
        first = [offer for offer in self.offers if offer.key and offer.key.pk == key_id]
        others = tuple(offer for offer in self.offers if offer not in first)
        return Entry((*first, *others), self.words, self.locked, self.is_favourite)


@dataclass(frozen=True)
class Shelf:
    user: User
    sources: Sequence[Source]

    @cached_property
    def favourites(self) -> set[Name]:
        return favourites.of(self.user)

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """In the providers' order: what one can use before what one has no key for."""
        by_provider = [list(some) for _, some in groupby(self.sources, lambda source: source.provider.name)]
        return [entry for some in by_provider for entry in self._entries(some)]

    @property
    def troubles(self) -> Iterator[Source]:
        """Those that have no models, and say why."""
        return (source for source in self.sources if source.trouble)

    @property
    def unseen(self) -> Iterator[Source]:
        """Those that tell nothing without a key."""
        return (source for source in self.sources if source.locked and not source.models)

    @property
    def can_type(self) -> bool:
        """Is there a key through which any model can be asked for by its id?"""
        return any(source.provider.can_type_models and not source.locked for source in self.sources)

    def usual(self, entries: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
        """Under their headings: favourites, then what was used last, then the rest by provider."""
        rest = {}
        for entry in entries:
            if entry.is_favourite:
                yield "Favourites", entry
            else:
                rest[entry.name] = entry
        for name, key_id in favourites.recent(self.user):
            if name in rest and not rest[name].locked:
                yield "Recent", rest.pop(name).through(key_id)
        for entry in rest.values():
            yield entry.provider.label, entry

    def _entries(self, same: Sequence[Source]) -> Iterator[Entry]:
        """Of the sources of one provider."""
        words = {name: source.listing.words for source in reversed(same) for name in source.models}
        for model_id in dict.fromkeys(name for source in same for name in source.models):
            offers = [source.offer(source.models[model_id]) for source in same if model_id in source.models]
            offers.sort(key=lambda offer: not offer.model.available)
            name = (same[0].provider.name, model_id)
            yield Entry(tuple(offers), words[model_id][model_id], same[0].locked, name in self.favourites)


def usable(user: User) -> Shelf:
    return Shelf(user, catalogues.sources(user))


def everything(user: User) -> Shelf:
    """With what the person has no key for."""
    return Shelf(user, [*catalogues.sources(user), *catalogues.keyless(user)])
