"""Which models a person can ask, read out of what their providers last said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

from django.conf import settings

from accounts.models import ProviderKey, User
from accounts.offered import chatters
from generations.catalogue import favourites, listings
from generations.models import Catalogue, Conversation, Payload
from studio.providers.chat import ChatModel
from studio.providers.chat_dialect import ChatDialect
from studio.providers.registry import chat_dialect

MAX_MODEL_ID = 200
LOOKED_AT = 8  # conversations, for a model that is still there


class Asked(Protocol):
    """What tells whom it asked: a conversation, a reply."""

    provider: str
    key_id: int | None
    model: str


def offer_id(provider: str, key: int | None, model: str) -> str:
    return f"{provider}/{key or 0}/{model}"


def id_of(asked: Asked) -> str:
    return offer_id(asked.provider, asked.key_id, asked.model)


@dataclass(frozen=True, slots=True)
class ChatOffer:
    """One model through one key (none for the built-in one); `typed` by its id, which its server does not name."""

    provider: ChatDialect
    key: ProviderKey | None
    model: ChatModel
    typed: bool = False

    @property
    def id(self) -> str:
        """As forms and links write it: "provider/key/model", with 0 for no key; the model's id as it is."""
        return offer_id(self.provider.name, self.key.pk if self.key else None, self.model.id)

    @property
    def name(self) -> favourites.Name:
        """By which it is marked with a star."""
        return self.provider.name, self.model.id

    @property
    def address(self) -> str:
        """Of its server, where its key has one."""
        return self.key.base_url if self.key and self.provider.has_address else ""

    @property
    def is_free(self) -> bool:
        """It runs in this Studio."""
        return not self.provider.needs_key


@dataclass(frozen=True, slots=True)
class ChatSource:
    """A provider as one key reaches it. `trouble` says why it has no models."""

    provider: ChatDialect
    key: ProviderKey | None
    offers: tuple[ChatOffer, ...]
    trouble: str = ""

    @property
    def id(self) -> str:
        return f"{self.provider.name}/{self.key.pk if self.key else 0}"

    @property
    def label(self) -> str:
        """For people: a server of one's own has the name that its key was given."""
        if self.key is None:
            return self.provider.label
        return self.key.name if self.provider.has_address else f"{self.provider.label} · {self.key.name}"

    @property
    def address(self) -> str:
        """As people see it: where another's key leads is not theirs to know."""
        return self.key.base_url if self.key and self.provider.has_address and not self.key.is_lent else ""

    @property
    def can_type(self) -> bool:
        """Some servers name none of their models, or not all: those can be asked by their ids."""
        return self.provider.has_address

    def find(self, model_id: str) -> ChatOffer | None:
        found = next((offer for offer in self.offers if offer.model.id == model_id), None)
        if found or not self.can_type or not is_model_id(model_id):
            return found
        return ChatOffer(self.provider, self.key, ChatModel(model_id, model_id), typed=True)


def sources(user: User) -> list[ChatSource]:
    """The built-in model first, then one source for each enabled key, of those providers that are offered."""
    spoken = chatters()
    absent = [provider for provider in spoken if _is_absent(provider)]
    there = listings.told(user, [provider for provider in spoken if provider not in absent])
    nothing = [ChatSource(provider, None, (), provider.absent) for provider in absent]
    return [*nothing, *(_source(provider, key, catalogue) for provider, key, catalogue in there)]


def _is_absent(provider: ChatDialect) -> bool:
    """It is part of Studio, and does not run here: nobody need be asked for that."""
    return bool(provider.absent) and not settings.PROVIDER_URLS.get(provider.name)


def find(all_sources: Iterable[ChatSource], offer_id: str) -> ChatOffer | None:
    """By `ChatOffer.id`; None for what is not there (any more)."""
    provider, _, rest = offer_id.partition("/")
    key, _, model = rest.partition("/")
    source = next((source for source in all_sources if source.id == f"{provider}/{key}"), None)
    return source.find(model) if source else None


def default(all_sources: Sequence[ChatSource], user: User | None = None) -> ChatOffer | None:
    """What is asked until one chooses: what the person asked last, else a model of a key, else the built-in one.

    Who asked the built-in model last and has since added a key meant to ask that key's.
    """
    offers = [offer for source in all_sources for offer in source.offers]
    for provider, key, model, written_at in _last_asked(user) if user else ():
        if offer := find(all_sources, f"{provider}/{key or 0}/{model}"):
            since = (other for other in offers if other.key and other.key.created_at > written_at)
            return next(since, offer) if offer.is_free else offer
    return next((offer for offer in offers if offer.key), offers[0] if offers else None)


def search(all_sources: Iterable[ChatSource], text: str) -> list[ChatSource]:
    """Those sources, each with those of its models, that have all the words; what is in trouble only where none are."""
    words = text.casefold().split()
    if not words:
        return list(all_sources)
    found = []
    for source in all_sources:
        offers = tuple(offer for offer in source.offers if all(word in _words(source, offer) for word in words))
        if offers:
            found.append(replace(source, offers=offers))
    return found


def starred(all_sources: Iterable[ChatSource], user: User) -> list[tuple[ChatSource, ChatOffer]]:
    """The models that the person has marked with a star, in the order of the sources."""
    marked = favourites.of(user)
    return [(source, offer) for source in all_sources for offer in source.offers if offer.name in marked]


def is_model_id(text: str) -> bool:
    """A model's id as a person types it: whatever its server calls it, slashes and colons too."""
    return 0 < len(text) <= MAX_MODEL_ID and text.isprintable() and text == text.strip()


def _source(provider: str, key: ProviderKey | None, catalogue: Catalogue) -> ChatSource:
    spoken = chat_dialect(provider)
    offers = tuple(ChatOffer(spoken, key, model) for model in _told(catalogue).values())
    return ChatSource(spoken, key, offers, "" if offers else catalogue.last_error or _none_named(spoken))


def _none_named(spoken: ChatDialect) -> str:
    if spoken.has_address:
        return "This server names no models. One that it has can be asked by its id."
    return f"{spoken.label} names no models" + (" for this key." if spoken.needs_key else ".")


def _last_asked(user: User) -> Iterable[tuple[str, int | None, str, datetime]]:
    last = Conversation.objects.filter(owner=user).exclude(model="").order_by("-written_at", "-pk")
    return last.values_list("provider", "key_id", "model", "written_at")[:LOOKED_AT]


def _words(source: ChatSource, offer: ChatOffer) -> str:
    model = offer.model
    return " ".join((model.name, model.id, model.maker, model.description, source.label, source.address)).casefold()


def _told(catalogue: Catalogue) -> Mapping[str, ChatModel]:
    try:
        return _models(catalogue.provider, catalogue.payload_id or "")
    except Payload.DoesNotExist:  # renewed since, and the answers that it had are gone
        catalogue.refresh_from_db()
        return _models(catalogue.provider, catalogue.payload_id or "")


@lru_cache(maxsize=32)
def _models(provider: str, digest: str) -> Mapping[str, ChatModel]:
    """Read once for each process, however many keys were told the same."""
    if not digest:
        return MappingProxyType({})
    answers = Payload.objects.values_list("answers", flat=True).get(pk=digest)
    models = chat_dialect(provider).parse_models(answers)
    return MappingProxyType({model.id: model for model in models if len(model.id) <= MAX_MODEL_ID})
