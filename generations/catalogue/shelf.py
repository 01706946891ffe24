"""All that a person can choose from, one entry for each model of a provider, however many keys reach it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from accounts.models import User
from generations.catalogue import favourites, listings
from generations.catalogue.favourites import Name
from generations.catalogue.listings import Offer, Source
from studio.providers.base import ModelInfo, Price
from studio.providers.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Entry:
    """A model and the sources that have it, the one to take first; `words` is what a search looks in."""

    model: ModelInfo
    sources: tuple[Source, ...]
    words: str
    is_favourite: bool = False

    @property
    def offers(self) -> list[Offer]:
        return [source.offer(source.models[self.model.id]) for source in self.sources]

    @property
    def offer(self) -> Offer:
        return self.sources[0].offer(self.model)

    @property
    def provider(self) -> Dialect:
        return self.sources[0].provider

    @property
    def locked(self) -> str:
        """Why it is greyed: there is no key for it."""
        return self.sources[0].locked

    @property
    def name(self) -> Name:
        return self.provider.name, self.model.id

    @property
    def is_usable(self) -> bool:
        return self.model.available and not self.locked

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

    def through(self, source_id: str) -> Entry:
        """The same, to be taken through that source first, if it is one of its own."""
        first = tuple(source for source in self.sources if source.id == source_id)
        if not first:
            return self
        others = tuple(source for source in self.sources if source.id != source_id)
        return Entry(first[0].models[self.model.id], first + others, self.words, self.is_favourite)


@dataclass(frozen=True)
class Shelf:
    """The entries are made when they are first looked at, once for a shelf."""

    user: User
    sources: Sequence[Source]

    @cached_property
    def favourites(self) -> set[Name]:
        return favourites.of(self.user)

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """In the providers' order: what one can use before what one has no key for."""
        by_provider = [tuple(some) for _, some in groupby(self.sources, lambda source: source.provider.name)]
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
        for name, source_id in favourites.recent(self.user):
            if name in rest and not rest[name].locked:
                yield "Recent", rest.pop(name).through(source_id)
        for entry in rest.values():
            yield entry.provider.label, entry

    def _entries(self, same: tuple[Source, ...]) -> Iterator[Entry]:
        """Of the sources of one provider. Mostly they have been told the same, and then nothing is compared."""
        provider, first = same[0].provider.name, same[0].listing
        starred = {model for name, model in self.favourites if name == provider}
        if all(source.listing is first for source in same):
            for model_id, model in first.models.items():
                yield Entry(model, same, first.words[model_id], model_id in starred)
            return
        for model_id in dict.fromkeys(name for source in same for name in source.models):
            having = [source for source in same if model_id in source.models]
            having.sort(key=lambda source: not source.models[model_id].available)
            listing = having[0].listing
            yield Entry(listing.models[model_id], tuple(having), listing.words[model_id], model_id in starred)


def usable(user: User) -> Shelf:
    return Shelf(user, listings.sources(user))


def everything(user: User) -> Shelf:
    """With what the person has no key for."""
    return Shelf(user, [*listings.sources(user), *listings.keyless(user)])
