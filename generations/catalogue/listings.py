"""Which models a person can use, read out of what their providers last said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import cast, get_args

from django.db.models import Q

from accounts import keys
from accounts.models import ProviderKey, User
from accounts.offered import makers
from generations.catalogue import renewal
from generations.catalogue.renewal import Asker, Place, place
from generations.models import Catalogue, Job, Payload
from studio.providers.base import Kind, ModelInfo
from studio.providers.dialect import Dialect
from studio.providers.registry import dialect

# A model's id as its provider writes it, where it is typed: words with slashes between them, and no ".." among them.
MODEL_ID = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
MAX_MODEL_ID = 200
KNOWN = "known"  # in the place of a payload: what the dialect itself knows
TYPED = re.compile(rf"typed:({'|'.join(get_args(Kind))}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Offer:
    """One model through one key (none for a provider that needs none); `typed` by its id, unknown to the catalogue."""

    provider: Dialect
    key: ProviderKey | None
    model: ModelInfo
    typed: bool = False

    @property
    def id(self) -> str:
        """As the form and its links write it: "provider/key/model", with 0 for no key."""
        model = f"typed:{self.model.kind}:{self.model.id}" if self.typed else self.model.id
        return f"{self.provider.name}/{self.key.pk if self.key else 0}/{model}"


@dataclass(frozen=True)
class Source:
    """A provider as one key reaches it. Its models are read when they are first asked for, and not before.

    `locked` says why none of them can be used: there is no key for it.
    """

    provider: Dialect
    key: ProviderKey | None
    catalogue: Catalogue | None = None
    locked: str = ""
    _offers: dict[str, Offer] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        return f"{self.provider.name}/{self.key.pk if self.key else 0}"

    @cached_property
    def listing(self) -> Listing:
        if self.catalogue and self.catalogue.payload_id:
            return _told(self.catalogue)
        return _listing(self.provider.name, KNOWN if self.locked else "")

    @property
    def models(self) -> Mapping[str, ModelInfo]:
        return self.listing.models

    @property
    def offers(self) -> tuple[Offer, ...]:
        return tuple(self.offer(model) for model in self.models.values())

    @property
    def trouble(self) -> str:
        """Why there are none."""
        if self.models or self.locked:
            return ""
        said = self.catalogue.last_error if self.catalogue else ""
        return said or f"{self.provider.label} names no models for this key."

    def offer(self, model: ModelInfo) -> Offer:
        if model.id not in self._offers:
            self._offers[model.id] = Offer(self.provider, self.key, model)
        return self._offers[model.id]

    def find(self, name: str) -> Offer | None:
        """The offer of that model, or of "typed:<kind>:<id>"."""
        if name in self.models:
            return self.offer(self.models[name])
        typed = TYPED.fullmatch(name)
        return self.known_or_typed(typed[2], cast("Kind", typed[1])) if typed else None

    def known_or_typed(self, model_id: str, kind: Kind) -> Offer | None:
        """As the catalogue has it; what it does not name is asked for by its id, where the provider allows that."""
        if model_id in self.models:
            return self.offer(self.models[model_id])
        if not self.provider.can_type_models or not is_model_id(model_id):
            return None
        return Offer(self.provider, self.key, self.provider.typed_model(model_id, kind), typed=True)


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of one catalogue by id, in the provider's order, and what a search looks for in each."""

    models: Mapping[str, ModelInfo]
    words: Mapping[str, str]


def sources(user: User) -> list[Source]:
    """The built-in providers first, then one source for each enabled key that one may use, of what is offered."""
    return [Source(dialect(provider), key, catalogue) for provider, key, catalogue in told(user, makers())]


def told(user: User, providers: Iterable[Dialect]) -> list[tuple[str, ProviderKey | None, Catalogue]]:
    """What each of these said last to each enabled key of the person, or to Studio where it needs none."""
    askers = _askers(user, providers)
    known = _known(askers)
    missing = [asker for asker in askers if renewal.is_to_be_asked(known.get(place(*asker)))]
    known |= renewal.refresh_all(missing, renewal.PATIENCE)
    return [(provider, key, known[place(provider, key)]) for provider, key in askers]


def keyless(user: User) -> list[Source]:
    """The offered providers that the person has no key in use for, with those of their models that anyone may see."""
    providers = {provider.name: provider for provider in makers() if provider.needs_key}
    held = keys.usable_by(user).filter(provider__in=providers).order_by("is_enabled")
    is_on = dict(held.values_list("provider", "is_enabled"))  # one that is on stands after those that are off
    without = [provider for name, provider in providers.items() if not is_on.get(name)]
    askers: list[Asker] = [(provider.name, None) for provider in without if _is_open(provider)]
    known = _known(askers)
    missing = [asker for asker in askers if renewal.is_out_of_date(known.get(place(*asker)))]
    known |= renewal.refresh_all(missing, renewal.GLANCE)
    return [
        Source(provider, None, known.get((provider.name, None)), _lock(provider, has_key=provider.name in is_on))
        for provider in without
    ]


def find(all_sources: Iterable[Source], offer_id: str) -> Offer | None:
    """By `Offer.id`; None for what is not there (any more)."""
    provider, _, rest = offer_id.partition("/")
    key, _, model = rest.partition("/")
    source = next((source for source in all_sources if source.id == f"{provider}/{key}"), None)
    return source.find(model) if source else None


def is_model_id(text: str) -> bool:
    return len(text) <= MAX_MODEL_ID and MODEL_ID.fullmatch(text) is not None


def of_job(job: Job) -> Offer | None:
    """What it was made with, as it is offered today; None where that is no more."""
    source = next((one for one in sources(job.owner) if one.id == f"{job.provider}/{job.key_id or 0}"), None)
    return source.known_or_typed(job.model, cast("Kind", job.kind)) if source else None


def models_of(catalogue: Catalogue) -> Mapping[str, ModelInfo]:
    """Its models by id, in the provider's order. Read once for each process, however many keys were told the same."""
    return _told(catalogue).models


def _told(catalogue: Catalogue) -> Listing:
    try:
        return _listing(catalogue.provider, catalogue.payload_id or "")
    except Payload.DoesNotExist:  # renewed since, and the answers that it had are gone
        catalogue.refresh_from_db()
        return _listing(catalogue.provider, catalogue.payload_id or "")


@lru_cache(maxsize=16)
def _listing(provider: str, digest: str) -> Listing:
    spoken = dialect(provider)
    known = spoken.known_models() if digest == KNOWN else ()
    if digest and digest != KNOWN:
        known = spoken.parse_catalogue(Payload.objects.values_list("answers", flat=True).get(pk=digest))
    models = {model.id: model for model in known}
    words = {model.id: _words(spoken, model) for model in models.values()}
    return Listing(MappingProxyType(models), words)


def _words(provider: Dialect, model: ModelInfo) -> str:
    return " ".join(
        (model.name, model.id, model.maker, model.task, model.kind, model.description, provider.label)
    ).casefold()


def _askers(user: User, providers: Iterable[Dialect]) -> Sequence[Asker]:
    names = {provider.name: provider for provider in providers}
    usable = keys.usable_by(user).filter(is_enabled=True, provider__in=names)
    built_in: list[Asker] = [(name, None) for name, provider in names.items() if not provider.needs_key]
    return [*built_in, *((key.provider, key) for key in usable)]


def _known(askers: Sequence[Asker]) -> dict[Place, Catalogue]:
    asking = [key for _, key in askers if key]
    keyless_names = [provider for provider, key in askers if key is None]
    found = Catalogue.objects.filter(Q(key__in=asking) | Q(key__isnull=True, provider__in=keyless_names))
    return {(catalogue.provider, catalogue.key_id): catalogue for catalogue in found}


def _is_open(provider: Dialect) -> bool:
    """Is its catalogue told without a key?"""
    return all(request.open for request in provider.build_catalogue().values())


def _lock(provider: Dialect, *, has_key: bool) -> str:
    return f"Your key for {provider.label} is off." if has_key else f"Needs a key for {provider.label}."
