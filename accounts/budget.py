"""How many requests a key may still send, shared by every process of a Studio.

A bucket is one row with one moment (see `studio.lib.buckets.Rate`), read and moved on by a conditional UPDATE: of two
processes that saw the same moment one takes the token, and the other looks again; so does one that counted by a limit
which the owner has changed since. The moments are Unix time, so machines that share a database must agree on it within
a second; `SLACK` holds room for that.

The whole budget of a key is the purpose "all". Quotes, which forms ask for as they change, also have a share of
their own: one takes a token of both, so typing can never use up what a submit or a cancel needs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.models import Budget, ProviderKey
from studio.lib.buckets import Rate
from studio.providers.base import ProviderError
from studio.providers.registry import DIALECTS, dialect

ALL, QUOTES = "all", "quotes"
SHARE_OF_QUOTES, BURST_OF_QUOTES = 0.2, 5
TRIES = 6  # to move a bucket that others move at the same time
AGAIN = 0.05  # seconds until then


@dataclass(frozen=True, slots=True)
class Taken:
    """Tokens that are to be used at once, and the seconds until there will be another."""

    granted: int
    wait_seconds: float = 0.0


class Want(NamedTuple):
    tokens: int
    poll: bool = False  # leaves the reserve to people


def limit(key: ProviderKey) -> int | None:
    """Requests a minute: the owner's setting, else what is usual for the provider. None: there is no limit."""
    return _limit(key.provider, key.requests_per_minute)


def take(key: ProviderKey, *, want: int = 1, poll: bool = False, purpose: str = ALL) -> Taken:
    """Up to `want` tokens. Takes them at once where there is no limit, and for a key that is not saved yet."""
    if limit(key) is None or key.pk is None:
        return Taken(want)
    if purpose == ALL:
        return _take(key.pk, Want(want, poll), ALL)
    with transaction.atomic():
        taken = _take(key.pk, Want(want, poll), purpose)
        if taken.granted:
            taken = _take(key.pk, Want(taken.granted, poll), ALL)
        if not taken.granted:
            transaction.set_rollback(True)
    return taken


def for_person(key: ProviderKey | None, purpose: str = ALL, *, patience: float) -> bool:
    """Waits up to `patience` seconds for leave to send one request that a person waits for."""
    give_up_at = time.monotonic() + patience
    while key is not None:
        taken = take(key, purpose=purpose)
        if taken.granted:
            break
        if time.monotonic() + taken.wait_seconds > give_up_at:
            return False
        time.sleep(taken.wait_seconds)
    return True


def drain(key_id: int, seconds: float) -> None:
    """The provider said to wait: no process gets a token of this key before that."""
    for row in _rows([key_id], ALL):
        full_at = row.rate.drained(row.full_at, time.time(), seconds)
        rows = Budget.objects.filter(pk=row.pk, key__requests_per_minute=row.chosen, empty_until__lt=full_at)
        rows.update(empty_until=full_at)


def start_anew(key: ProviderKey) -> None:
    """Another limit: what was counted by the old one says nothing any more."""
    Budget.objects.filter(key=key.pk).update(empty_until=0)


def grant(wants: Mapping[int, Want], purpose: str = ALL) -> dict[int, Taken]:
    """Tokens for many keys, by their ids, in one statement. Keys without a limit, or gone, get what they want."""
    now = time.time()
    taken = {key_id: Taken(want.tokens) for key_id, want in wants.items()}
    moves = []
    for row in _rows(wants, purpose):
        want = wants[row.key_id]
        granted, full_at, wait = row.rate.take(row.full_at, now, want.tokens, poll=want.poll)
        taken[row.key_id] = Taken(granted, wait)
        if granted:
            moves.append((row.pk, row.full_at, full_at, row.chosen, row.key_id))
    moved = _move([move[:4] for move in moves]) if moves else set()
    return taken | {key_id: Taken(0, AGAIN) for pk, *_, key_id in moves if pk not in moved}


def used_up(key: ProviderKey) -> ProviderError:
    label = dialect(key.provider).label
    said = f"This key has used up its requests to {label} for the moment. Try again in a few seconds."
    return ProviderError("rate_limited", said, sent=False)


class Gate:
    """What a request from a page passes before it leaves. Raises ProviderError where that would take too long."""

    def __init__(self, key: ProviderKey | None, purpose: str, patience: float) -> None:
        self._key = key
        self._purpose = purpose
        self._patience = patience

    def enter(self) -> None:
        if self._key is not None and not for_person(self._key, self._purpose, patience=self._patience):
            raise used_up(self._key)

    def refused(self, seconds: float) -> None:
        """The provider answered that there were too many."""
        if self._key is not None and self._key.pk is not None and limit(self._key) is not None:
            drain(self._key.pk, seconds)


# -- The rows --------------------------------------------------------------------------------------------------------
class _Row(NamedTuple):
    pk: int
    key_id: int
    full_at: float
    rate: Rate
    chosen: int | None  # the owner's setting, of which the rate was made


def _limit(provider: str, chosen: int | None) -> int | None:
    if chosen is not None:
        return chosen
    return DIALECTS[provider].requests_per_minute if provider in DIALECTS else None


def _rate(per_minute: int, purpose: str) -> Rate:
    if purpose == ALL:
        return Rate.within(per_minute)
    return Rate(60 / (SHARE_OF_QUOTES * max(1, per_minute)), BURST_OF_QUOTES)


def _take(key_id: int, want: Want, purpose: str) -> Taken:
    for _ in range(TRIES):
        taken = grant({key_id: want}, purpose)[key_id]
        if taken.granted or taken.wait_seconds != AGAIN:
            return taken
    return taken


def _rows(key_ids: Collection[int], purpose: str) -> list[_Row]:
    """The buckets of those keys that have a limit; one that is used for the first time is made."""
    keys = ProviderKey.objects.filter(pk__in=list(key_ids)).values_list("pk", "provider", "requests_per_minute")
    limits = {pk: (most, own) for pk, name, own in keys if (most := _limit(name, own)) is not None}
    rates = {pk: (_rate(most, purpose), own) for pk, (most, own) in limits.items()}
    buckets = _buckets(rates, purpose)
    missing = rates.keys() - {key_id for _, key_id, _ in buckets}
    if missing:
        new = [Budget(key_id=key_id, purpose=purpose) for key_id in missing]
        Budget.objects.bulk_create(new, ignore_conflicts=True)
        buckets = _buckets(rates, purpose)
    return [_Row(pk, key_id, full_at, *rates[key_id]) for pk, key_id, full_at in buckets]


def _buckets(key_ids: Collection[int], purpose: str) -> list[tuple[int, int, float]]:
    rows = Budget.objects.filter(key_id__in=list(key_ids), purpose=purpose) if key_ids else Budget.objects.none()
    return list(rows.values_list("pk", "key_id", "empty_until"))


_MOVE = {
    "sqlite": """
        UPDATE accounts_budget AS budget SET empty_until = json_extract(v.value, '$[2]')
        FROM json_each(%s) AS v
        WHERE budget.id = json_extract(v.value, '$[0]')
            AND abs(budget.empty_until - json_extract(v.value, '$[1]')) < 0.00001
            AND (SELECT requests_per_minute FROM accounts_providerkey WHERE accounts_providerkey.id = budget.key_id)
                IS json_extract(v.value, '$[3]')
        RETURNING id""",
    "postgresql": """
        UPDATE accounts_budget AS budget SET empty_until = v.next
        FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::integer[]) AS v(id, was, next, chosen)
        WHERE budget.id = v.id AND abs(budget.empty_until - v.was) < 0.00001
            AND (SELECT requests_per_minute FROM accounts_providerkey WHERE accounts_providerkey.id = budget.key_id)
                IS NOT DISTINCT FROM v.chosen
        RETURNING budget.id""",
}


def _move(rows: list[tuple[int, float, float, int | None]]) -> set[int]:
    """Those that still were as they were read, as was the limit of their key."""
    table: list[Any] = [json.dumps(rows)]
    if connection.vendor == "postgresql":
        table = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE[connection.vendor], table)
        return {row[0] for row in cursor.fetchall()}
