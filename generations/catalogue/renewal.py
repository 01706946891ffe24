"""Asking providers for their catalogues: at first sight while a page waits a little, and again in the background."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import timedelta
from threading import Lock, Thread
from typing import Any

import structlog
from django.db import IntegrityError, connections, transaction
from django.db.models import ProtectedError, Q, QuerySet, TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone

from accounts import offered
from accounts.connect import connect
from accounts.models import ProviderKey
from generations.models import Catalogue, Payload
from studio.lib.crypto import Undecryptable
from studio.providers.base import ProviderError
from studio.providers.registry import dialect
from studio.providers.transports import process_transports

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(minutes=10)
LARGE = 200_000  # characters of JSON: such a one changes seldom and costs its provider much
LARGE_STALE_AFTER = timedelta(hours=1)
RETRY_AFTER = timedelta(seconds=20)  # an unreachable provider is not asked at every page
PATIENCE = 2.0  # seconds that a page waits for first answers, all of them together
GLANCE = 0.5  # the same for what one has no key for
ROUND = 60.0  # seconds that one round in the background waits for all that it asks
AT_ONCE = 8

Place = tuple[str, int | None]  # a provider and a key's id
Asker = tuple[str, ProviderKey | None]


class Question(Future[dict[str, Any]]):
    """`address` is where it was asked: what another server answers is of no use to a key that has moved."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


# Those that are being asked: a hung one is asked once, and waited for by nobody.
_asking: dict[Place, Question] = {}
_asking_lock = Lock()


def place(provider: str, key: ProviderKey | None) -> Place:
    return provider, key.pk if key else None


def refresh(provider: str, key: ProviderKey | None, *, patience: float | None = None) -> Catalogue:
    """Asks the provider for its catalogue now; on failure the old one stands and says why it was not renewed.

    A provider that needs longer than `patience` has failed for now; its answer is taken up by the next one who asks.
    """
    return refresh_all([(provider, key)], patience)[place(provider, key)]


def refresh_all(askers: Sequence[Asker], patience: float | None) -> Mapping[Place, Catalogue]:
    """Asks all of them at once, and waits no longer than `patience` seconds for all of them together."""
    give_up_at = None if patience is None else time.monotonic() + patience
    renewed = {}
    for (provider, key), asked in [(asker, _ask(*asker)) for asker in askers]:
        left = None if give_up_at is None else max(0.0, give_up_at - time.monotonic())
        renewed[place(provider, key)] = _take_up(provider, key, asked, left)
    return renewed


def is_to_be_asked(catalogue: Catalogue | None) -> bool:
    """By a page that has nothing to show: it never waits for one that was asked in vain a moment ago."""
    if catalogue is None:
        return True
    return not catalogue.payload_id and (_is_older(catalogue, RETRY_AFTER) or _has_answered(catalogue))


def is_out_of_date(catalogue: Catalogue | None) -> bool:
    """What is told without a key is renewed only when somebody looks at it."""
    return catalogue is None or _is_older(catalogue, LARGE_STALE_AFTER) or _has_answered(catalogue)


def _is_older(catalogue: Catalogue, age: timedelta) -> bool:
    return catalogue.fetched_at <= timezone.now() - age


def _has_answered(catalogue: Catalogue) -> bool:
    """Is there an answer that nobody waited for?"""
    asked = _asking.get((catalogue.provider, catalogue.key_id))
    return asked is not None and asked.done()


def refresh_stale() -> int:
    """Renews the catalogues that somebody still needs, the oldest first, and removes what none refers to."""
    give_up_at = time.monotonic() + ROUND
    stale = [(catalogue.provider, catalogue.key) for catalogue in _stale()]
    renewed = 0
    while stale and time.monotonic() < give_up_at:  # what is left over is the oldest next time
        some, stale = stale[:AT_ONCE], stale[AT_ONCE:]
        renewed += len(refresh_all(some, give_up_at - time.monotonic()))
    remove_unreferenced()
    return renewed


def keep(answers: dict[str, Any]) -> Payload:
    """The answers, stored once; locked, so that they are not removed before something refers to them."""
    text = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        payload, _ = Payload.objects.select_for_update().get_or_create(pk=digest, defaults={"answers": answers})
    return payload


def remove_unreferenced() -> None:
    """Answers that no catalogue refers to any more."""
    try:
        with transaction.atomic():
            Payload.objects.filter(catalogue__isnull=True).only("pk").delete()
    except (ProtectedError, IntegrityError):
        log.info("answers came into use again while they were removed")  # the next round sees to the others


def _stale() -> QuerySet[Catalogue]:
    now = timezone.now()
    size = Length(Cast("payload__answers", TextField()))
    due = Q(fetched_at__lt=now - STALE_AFTER) & (Q(size__isnull=True) | Q(size__lt=LARGE))
    due |= Q(fetched_at__lt=now - LARGE_STALE_AFTER)
    names = {provider.name: provider for provider in offered.offered()}
    built_in = [name for name, provider in names.items() if not provider.needs_key]
    usable = Q(key__is_enabled=True) | Q(key__isnull=True, provider__in=built_in)
    found = Catalogue.objects.annotate(size=size).filter(due, usable, provider__in=names)
    return found.select_related("key").order_by("fetched_at")


def _ask(provider: str, key: ProviderKey | None) -> Question:
    """In a thread that nothing waits for, not even the end of the process."""
    address = key.base_url if key else ""
    with _asking_lock:
        asked = _asking.get(place(provider, key))
        if asked and asked.address == address:
            return asked
        asked = _asking[place(provider, key)] = Question(address)

    def ask() -> None:
        try:
            asked.set_result(connect(provider, key, process_transports()).catalogue())
        except Exception as error:
            asked.set_exception(error)  # raised where the answer is read
        finally:
            connections.close_all()  # the key's budget is in the database

    Thread(target=ask, name="catalogue", daemon=True).start()
    return asked


def _take_up(provider: str, key: ProviderKey | None, asked: Question, patience: float | None) -> Catalogue:
    changes: dict[str, Any] = {"fetched_at": timezone.now()}
    try:
        answers = _answer(provider, key, asked, patience)
    except (ProviderError, Undecryptable) as error:
        changes["last_error"] = str(error)[:300]
        log.warning("catalogue not renewed", provider=provider, key=key.pk if key else None, reason=str(error)[:300])
        return _write(provider, key, None, changes)
    return _write(provider, key, answers, {**changes, "last_error": ""})


def _write(
    provider: str, key: ProviderKey | None, answers: dict[str, Any] | None, changes: dict[str, Any]
) -> Catalogue:
    if key and key.base_url and not ProviderKey.objects.filter(pk=key.pk, base_url=key.base_url).exists():
        return Catalogue(provider=provider, fetched_at=changes["fetched_at"])  # it has moved meanwhile
    try:
        with transaction.atomic():
            if answers is not None:
                changes["payload"] = keep(answers)
            return Catalogue.objects.update_or_create(provider=provider, key=key, defaults=changes)[0]
    except IntegrityError:
        log.info("the key was deleted while its catalogue was fetched", provider=provider)
        return Catalogue(provider=provider, fetched_at=changes["fetched_at"])


def _answer(provider: str, key: ProviderKey | None, asked: Question, patience: float | None) -> dict[str, Any]:
    try:
        return asked.result(patience)
    except TimeoutError:
        label = dialect(provider).label
        message = f"{label} is slow to answer. Its models will be here when it has: load the page again in a moment."
        raise ProviderError("unavailable", message, sent=False) from None
    finally:
        with _asking_lock:
            if asked.done() and _asking.get(place(provider, key)) is asked:
                del _asking[place(provider, key)]
