"""Which models a person can ask, read out of what their providers last said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from accounts.models import ProviderKey, User
from accounts.offered import chatters
from generations.catalogue import listings
from generations.models import Payload
from studio.providers.chat import ChatModel
from studio.providers.chat_dialect import ChatDialect
from studio.providers.registry import chat_dialect

MAX_MODEL_ID = 200


@dataclass(frozen=True, slots=True)
class ChatOffer:
    """One model through one key (none for the built-in one)."""

    provider: ChatDialect
    key: ProviderKey | None
    model: ChatModel

    @property
    def id(self) -> str:
        """As forms and links write it: "provider/key/model", with 0 for no key."""
        return f"{self.provider.name}/{self.key.pk if self.key else 0}/{self.model.id}"


@dataclass(frozen=True, slots=True)
class ChatSource:
    """A provider as one key reaches it. `trouble` says why it has no models."""

    provider: ChatDialect
    key: ProviderKey | None
    offers: tuple[ChatOffer, ...]
    trouble: str = ""


def sources(user: User) -> list[ChatSource]:
    """The built-in model first, then one source for each enabled key."""
    found = []
    for provider, key, catalogue in listings.told(user, chatters()):
        spoken = chat_dialect(provider)
        models = _models(provider, catalogue.payload_id or "")
        offers = tuple(ChatOffer(spoken, key, model) for model in models.values())
        trouble = "" if offers else catalogue.last_error or f"{spoken.label} names no models for this key."
        found.append(ChatSource(spoken, key, offers, trouble))
    return found


def find(all_sources: Iterable[ChatSource], offer_id: str) -> ChatOffer | None:
    """By `ChatOffer.id`; None for what is not there (any more)."""
    return next((offer for source in all_sources for offer in source.offers if offer.id == offer_id), None)


def default(all_sources: Iterable[ChatSource]) -> ChatOffer | None:
    """What a person who has chosen nothing asks: a model of a key of their own before the built-in one."""
    offers = [offer for source in all_sources for offer in source.offers]
    return next((offer for offer in offers if offer.key), offers[0] if offers else None)


@lru_cache(maxsize=32)
def _models(provider: str, digest: str) -> Mapping[str, ChatModel]:
    answers = Payload.objects.filter(pk=digest).values_list("answers", flat=True).first() if digest else None
    models = chat_dialect(provider).parse_models(answers) if answers else ()
    return MappingProxyType({model.id: model for model in models if len(model.id) <= MAX_MODEL_ID})
