"""What a key's account holds, as its provider last said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.connect import connect
from accounts.models import ProviderKey
from studio.lib.crypto import Undecryptable
from studio.lib.once import Once
from studio.providers.base import Balance, Cost, ProviderError
from studio.providers.registry import DIALECTS, dialect
from studio.providers.transports import process_transports

FRESH = timedelta(minutes=2)
PATIENCE = 2.0  # seconds that a page waits for an answer
_RETRY_AFTER = 20  # seconds until a provider that gave no answer is asked again by itself
_KEPT = 600  # seconds that an answer which nobody waited for is kept for the next who asks


@dataclass(frozen=True, slots=True)
class Account:
    """`ends_at` is when the plan ends; `at` when the provider said all this."""

    left: Cost
    total: Cost | None
    plan: str
    ends_at: datetime | None
    is_vip: bool
    at: datetime

    @property
    def has_plan(self) -> bool:
        return self.is_vip or (bool(self.plan) and (self.ends_at is None or self.ends_at > timezone.now()))


@dataclass(frozen=True, slots=True)
class _Heard:
    """`why`: there is no answer, in words."""

    balance: Balance | None
    why: str
    at: datetime


_questions: Once[_Heard] = Once("balance")


def tells(key: ProviderKey) -> bool:
    """Does its provider say what an account holds?"""
    return key.provider in DIALECTS and DIALECTS[key.provider].build_balance() is not None


def of(key: ProviderKey) -> Account | None:
    """As it was last told, however long ago; None where it never was."""
    told = key.account
    left = Cost.parse(told.get("left"), told.get("unit"))
    if left is None or key.account_at is None:
        return None
    return Account(
        left=left,
        total=Cost.parse(told.get("total"), left.unit),
        plan=str(told.get("plan") or ""),
        ends_at=_moment(told.get("ends_at")),
        is_vip=told.get("is_vip") is True,
        at=key.account_at,
    )


def is_stale(key: ProviderKey) -> bool:
    """Is it worth while to ask again? Not just after the provider gave no answer."""
    is_old = key.account_at is None or key.account_at < timezone.now() - FRESH
    return is_old and tells(key) and cache.get(_silence(key)) is None


def renew(keys: Iterable[ProviderKey], *, patience: float = PATIENCE) -> None:
    """Asks anew where that is worth while, and takes up what has been answered meanwhile."""
    for key in keys:
        if is_stale(key) or _overheard(key):
            refresh(key, patience=patience)


def unit(key: ProviderKey) -> str:
    """What the key's account is counted in; "" where that is not known."""
    fixed = DIALECTS[key.provider].unit if key.provider in DIALECTS else ""
    return fixed or str(key.account.get("unit") or "")


def refresh(key: ProviderKey, *, patience: float = PATIENCE) -> str:
    """Asks the provider and writes down what it says. Returns "", or in words why nothing new is known."""
    if not tells(key):
        return ""
    heard = _overheard(key)
    if heard is None:
        try:
            heard = _questions.ask(_place(key), partial(_ask, key)).result(patience)
        except TimeoutError:
            cache.set(_silence(key), True, _RETRY_AFTER)
            return f"{dialect(key.provider).label} is slow to answer."
    if heard.balance is None:
        return heard.why
    _store(key, _facts(heard.balance), heard.at)
    return ""


def note_remaining(key_id: int, left: Cost) -> None:
    """What the account holds after a job, as the provider said with it."""
    for key in ProviderKey.objects.filter(pk=key_id).only("account", "account_at"):
        _store(key, {**key.account, "left": str(left.amount), "unit": left.unit}, timezone.now())


def _ask(key: ProviderKey) -> _Heard:
    """In a thread of its own."""
    try:
        heard = _Heard(connect(key.provider, key, process_transports()).balance(), "", timezone.now())
    except (ProviderError, Undecryptable) as error:
        cache.set(_silence(key), True, _RETRY_AFTER)
        return _Heard(None, str(error), timezone.now())
    finally:
        connection.close()
    cache.set(_place(key), heard, _KEPT)
    return heard


def _overheard(key: ProviderKey) -> _Heard | None:
    """An answer that came after the page which asked had given up waiting."""
    heard: _Heard | None = cache.get(_place(key))
    if heard is None or (key.account_at is not None and heard.at <= key.account_at):
        return None
    return heard if heard.at > timezone.now() - FRESH else None


def _place(key: ProviderKey) -> str:
    return f"balance:{key.pk}:{key.hint}"


def _silence(key: ProviderKey) -> str:
    return f"{_place(key)}:silence"


def _facts(balance: Balance) -> dict[str, object]:
    return {
        "left": str(balance.left.amount),
        "unit": balance.left.unit,
        "total": None if balance.total is None else str(balance.total),
        "plan": balance.plan,
        "ends_at": balance.ends_at,
        "is_vip": balance.is_vip,
    }


def _store(key: ProviderKey, facts: dict[str, object], at: datetime) -> None:
    ProviderKey.objects.filter(pk=key.pk).update(account=facts, account_at=at)
    key.account, key.account_at = facts, at


def _moment(text: object) -> datetime | None:
    try:
        moment = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
