"""Which models a person can use, read out of what their providers last said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from threading import Lock, Thread
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone

from accounts.connect import connect
from accounts.models import ProviderKey, User
from generations.models import Catalogue, Job, Payload
from studio.lib.crypto import Undecryptable
from studio.providers.base import JobSpec, ModelInfo, ProviderError, Quote
from studio.providers.dialect import Dialect
from studio.providers.registry import DIALECTS, dialect
from studio.providers.transports import process_transports

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(minutes=10)
RETRY_AFTER = timedelta(seconds=20)  # an unreachable provider is not asked at every page
PATIENCE = 2.0  # seconds that a page waits for a provider's first answer

# Those that are being asked, by provider and key: a hung one is asked once, and waited for by nobody.
_asking: dict[tuple[str, int | None], Future[dict[str, Any]]] = {}
_asking_lock = Lock()


@dataclass(frozen=True, slots=True)
class Offer:
    """One model through one key (none for a provider that needs none)."""

    provider: Dialect
    key: ProviderKey | None
    model: ModelInfo

    @property
    def id(self) -> str:
        """As the form and its links write it: "provider/key/model", with 0 for no key."""
        return f"{self.provider.name}/{self.key.pk if self.key else 0}/{self.model.id}"


@dataclass(frozen=True, slots=True)
class Source:
    """A provider as one key reaches it: its models, and why there are none."""

    provider: Dialect
    key: ProviderKey | None
    offers: tuple[Offer, ...]
    trouble: str = ""


def sources(user: User) -> list[Source]:
    """The built-in providers first, then one source for each enabled key."""
    return [_source(provider, key) for provider, key in _connections(user)]


def find(all_sources: Sequence[Source], offer_id: str) -> Offer | None:
    return next((offer for source in all_sources for offer in source.offers if offer.id == offer_id), None)


def quote_today(job: Job) -> Quote | None:
    """The price of the same once more, by the catalogue as we have it; None where it names the model no longer."""
    catalogue = Catalogue.objects.filter(provider=job.provider, key=job.key).first()
    model = models_of(catalogue).get(job.model) if catalogue else None
    if model is None:
        return None
    return dialect(job.provider).quote(JobSpec(model.kind, model.id, job.prompt, job.settings), model)


def models_of(catalogue: Catalogue) -> Mapping[str, ModelInfo]:
    """Its models by id, in the provider's order. Read once for each process, however many keys were told the same."""
    return _models(catalogue.provider, catalogue.payload_id) if catalogue.payload_id else {}


@lru_cache(maxsize=64)
def _models(provider: str, digest: str) -> Mapping[str, ModelInfo]:
    answers = Payload.objects.values_list("answers", flat=True).get(pk=digest)
    return {model.id: model for model in dialect(provider).parse_catalogue(answers)}


def refresh(provider: str, key: ProviderKey | None, *, patience: float | None = None) -> Catalogue:
    """Asks the provider for its catalogue now; on failure the old one stands and says why it was not renewed.

    A provider that needs longer than `patience` has failed for now; its answer is taken up by the next one who asks.
    """
    known = Catalogue.objects.filter(provider=provider, key=key).first() or Catalogue(provider=provider, key=key)
    try:
        known.payload = keep(_answer(provider, key, patience))
        known.last_error = ""
    except (ProviderError, Undecryptable) as error:
        known.last_error = str(error)[:300]
        log.warning("catalogue not renewed", provider=provider, key=key.pk if key else None, reason=known.last_error)
    Catalogue.objects.update_or_create(
        provider=provider,
        key=key,
        defaults={"payload": known.payload, "last_error": known.last_error, "fetched_at": timezone.now()},
    )
    known.fetched_at = timezone.now()
    return known


def keep(answers: dict[str, Any]) -> Payload:
    """The answers, stored once."""
    text = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    payload, _ = Payload.objects.get_or_create(
        pk=hashlib.sha256(text.encode()).hexdigest(), defaults={"answers": answers}
    )
    return payload


def _answer(provider: str, key: ProviderKey | None, patience: float | None) -> dict[str, Any]:
    place = (provider, key.pk if key else None)
    with _asking_lock:
        asked = _asking.get(place) or _ask(provider, key)
        _asking[place] = asked
    try:
        answer = asked.result(patience)
    except TimeoutError:
        label = dialect(provider).label
        message = f"{label} is slow to answer. Its models will be here when it has: load the page again in a moment."
        raise ProviderError("unavailable", message, sent=False) from None
    finally:
        if asked.done():
            with _asking_lock:
                _asking.pop(place, None)
    return answer


def _ask(provider: str, key: ProviderKey | None) -> Future[dict[str, Any]]:
    """In a thread that nothing waits for, not even the end of the process."""
    asked: Future[dict[str, Any]] = Future()

    def ask() -> None:
        try:
            asked.set_result(connect(provider, key, process_transports()).catalogue())
        except Exception as error:
            asked.set_exception(error)  # raised where the answer is read

    Thread(target=ask, name="catalogue", daemon=True).start()
    return asked


def _has_answered(provider: str, key: ProviderKey | None) -> bool:
    asked = _asking.get((provider, key.pk if key else None))
    return asked is not None and asked.done()


def refresh_stale() -> int:
    """Renews every catalogue that somebody's key still needs; returns how many."""
    stale = Catalogue.objects.filter(fetched_at__lt=timezone.now() - STALE_AFTER)
    usable = stale.filter(Q(key__isnull=True) | Q(key__is_enabled=True)).select_related("key")
    return len([refresh(catalogue.provider, catalogue.key) for catalogue in usable])


def _connections(user: User) -> Iterator[tuple[Dialect, ProviderKey | None]]:
    for provider in DIALECTS.values():
        if not provider.needs_key:
            yield provider, None
    for key in user.provider_keys.filter(is_enabled=True, provider__in=DIALECTS):
        yield dialect(key.provider), key


def _is_to_be_asked_again(catalogue: Catalogue) -> bool:
    asked = catalogue.fetched_at > timezone.now() - RETRY_AFTER
    return not asked or _has_answered(catalogue.provider, catalogue.key)


def _source(provider: Dialect, key: ProviderKey | None) -> Source:
    catalogue = Catalogue.objects.filter(provider=provider.name, key=key).first()
    if catalogue is None or (not catalogue.payload_id and _is_to_be_asked_again(catalogue)):
        catalogue = refresh(provider.name, key, patience=PATIENCE)
    models = models_of(catalogue).values()
    trouble = "" if models else catalogue.last_error or f"{provider.label} names no models for this key."
    return Source(provider, key, tuple(Offer(provider, key, model) for model in models), trouble)
