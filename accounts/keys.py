"""What a person does with provider keys: add, replace, test, rename, choose, switch off, delete.

The changes to one person's keys happen one at a time, so that each provider always has one default among its
enabled keys, and none only where none is enabled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import addresses, balances, budget, teams
from accounts.connect import connect
from accounts.models import ProviderKey, TeamKey, User
from accounts.offered import offered
from studio.lib.crypto import Undecryptable
from studio.lib.egress import Forbidden
from studio.providers.base import ProviderError
from studio.providers.chat_dialect import ChatDialect
from studio.providers.dialect import Dialect
from studio.providers.registry import dialect
from studio.providers.transports import process_transports

Status = ProviderKey.Status

REFUSALS = frozenset({"invalid_key", "forbidden"})
UNREADABLE = "This key was encrypted under a secret that Studio no longer has. Replace it."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said of a key; `message` is for people and holds no secret."""

    status: Status
    message: str

    @property
    def refused(self) -> bool:
        return self.status == Status.REFUSED


def usable_by(user: User | int) -> QuerySet[ProviderKey]:
    """One's own keys first, then those that teams in which one makes things may use (`is_lent`)."""
    user_id = user.pk if isinstance(user, User) else user
    lent = TeamKey.objects.filter(team__memberships__user=user_id, team__memberships__role__in=teams.WRITERS)
    found = ProviderKey.objects.filter(Q(owner=user_id) | Q(pk__in=lent.values("key"))).select_related("owner")
    borrower = Case(When(owner=user_id, then=None), default=Value(user_id), output_field=IntegerField())
    own_first = F("lent_to").asc(nulls_first=True)
    return found.annotate(lent_to=borrower).order_by("provider", own_first, "-is_default", "label", "pk")


def may_use(user: User | int, key: ProviderKey) -> bool:
    """Now: a team that was left, or a key that was taken back, lends nothing."""
    user_id = user.pk if isinstance(user, User) else user
    return key.owner_id == user_id or usable_by(user_id).filter(pk=key.pk).exists()


def providers() -> list[Dialect]:
    """Those that are offered and that a person needs a key for."""
    return [provider for provider in offered() if provider.needs_key]


def ask(key: ProviderKey) -> Answer:
    """Asks the provider about this key, with a call that costs nothing."""
    try:
        said = _ask(key)
    except Undecryptable:
        return Answer(Status.UNTESTED, UNREADABLE)
    except ProviderError as error:
        if isinstance(error.__cause__, Forbidden):
            return Answer(Status.REFUSED, addresses.private(key.base_url, key.owner))
        if error.kind in REFUSALS:
            return Answer(Status.REFUSED, error.message)
        if error.kind == "insufficient_credits":
            return Answer(Status.ACCEPTED, error.message)
        return Answer(Status.UNTESTED, error.message)
    return Answer(Status.ACCEPTED, said)


def _ask(key: ProviderKey) -> str:
    """What is good, in words. Of what chats, the list of its models is asked for. Raises ProviderError."""
    spoken = dialect(key.provider)
    provider = connect(key.provider, key, process_transports())
    if not isinstance(spoken, ChatDialect):
        provider.check()
        return f"{spoken.label} accepted the key."
    count = len(spoken.parse_models(provider.catalogue()))
    if not count:
        provider.check()  # is that a list at all?
    models = f"{count} model{'' if count == 1 else 's'}" if count else "no models"
    if spoken.has_address:
        return f"{addresses.host(key.base_url)} answered: it names {models}."
    return f"{spoken.label} accepted the key: it names {models}."


@sensitive_variables("secret")
def add(owner: User, *, provider: str, label: str, secret: str, address: str = "") -> tuple[ProviderKey, Answer]:
    """Tests a new key, and saves it unless it is refused. The first enabled one of its provider is the default.

    `address` is that of its own server, as `addresses.read` has it.
    """
    key = ProviderKey(owner=owner, provider=provider, label=label, base_url=address)
    key.conceal(secret)
    answer = ask(key)
    if not answer.refused:
        _note(key, answer)
        with _one_at_a_time(owner):
            key.save()
            _settle_default(owner, provider)
        balances.refresh(key)
    return key, answer


@sensitive_variables("secret")
def replace(key: ProviderKey, secret: str, address: str = "") -> Answer:
    """Tests a new secret, and puts it in the old one's place unless it is refused.

    Its server has moved to `address`, if that is given: the old secret is never sent there.
    """
    is_moved = bool(address) and address != key.base_url
    candidate = ProviderKey(owner=key.owner, provider=key.provider, label=key.label, base_url=address or key.base_url)
    candidate.conceal(secret)
    answer = ask(candidate)
    if not answer.refused:
        _note(candidate, answer)
        told = {"ciphertext": candidate.ciphertext, "hint": candidate.hint, "base_url": candidate.base_url}
        _store(key, **told, **_noted(candidate))
        if is_moved:
            _forget_models(key)
        _store(key, account={}, account_at=None, webhook_ciphertext="")  # it may be another account's
        balances.refresh(key)
    return answer


def test(key: ProviderKey) -> Answer:
    """Asks about a saved key again, and remembers the answer."""
    answer = ask(key)
    _note(key, answer)
    _store(key, **_noted(key))
    if answer.status == Status.ACCEPTED:
        balances.refresh(key)
    return answer


def rename(key: ProviderKey, label: str) -> None:
    _store(key, label=label)


def set_limits(
    key: ProviderKey,
    *,
    requests_per_minute: int | None,
    concurrency: int | None = None,
    soft_limit: Decimal | None = None,
    hard_limit: Decimal | None = None,
) -> None:
    """None: as usual; for the money, none."""
    same = ProviderKey.objects.filter(pk=key.pk, requests_per_minute=requests_per_minute)  # a form writes on the record
    is_other = not same.exists()
    with transaction.atomic():
        _store(
            key,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            soft_limit=soft_limit,
            hard_limit=hard_limit,
        )
        if is_other:
            budget.start_anew(key)


def make_default(key: ProviderKey) -> bool:
    """Returns whether it is the default now; a disabled key cannot be."""
    with _one_at_a_time(key.owner):
        if not ProviderKey.objects.filter(pk=key.pk, is_enabled=True).exists():
            return False
        _choose(key)
    return True


def enable(key: ProviderKey) -> None:
    _switch(key, on=True)


def disable(key: ProviderKey) -> None:
    _switch(key, on=False)


def unfinished_jobs(key: ProviderKey) -> int:
    """How many jobs still need this key, to be watched and fetched."""
    return key.jobs.filter(finished_at__isnull=True).count()


def delete(key: ProviderKey) -> None:
    """Its jobs and replies stay, without a key."""
    with _one_at_a_time(key.owner):
        key.delete()
        _settle_default(key.owner, key.provider)


def _switch(key: ProviderKey, *, on: bool) -> None:
    with _one_at_a_time(key.owner):
        _store(key, is_enabled=on)
        _settle_default(key.owner, key.provider)


def _forget_models(key: ProviderKey) -> None:
    """What the server at its old address said."""
    with suppress(ObjectDoesNotExist):
        key.catalogue.delete()


@contextmanager
def _one_at_a_time(owner: User) -> Iterator[None]:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        yield


def _settle_default(owner: User, provider: str) -> None:
    """Passes the default on from a disabled or deleted key to the oldest that is enabled."""
    keys = ProviderKey.objects.filter(owner=owner, provider=provider)
    keys.filter(is_default=True, is_enabled=False).update(is_default=False)
    if keys.filter(is_default=True).exists():
        return
    oldest = keys.filter(is_enabled=True).order_by("pk").first()
    if oldest:
        _choose(oldest)


def _choose(key: ProviderKey) -> None:
    others = ProviderKey.objects.filter(owner=key.owner, provider=key.provider, is_default=True)
    others.exclude(pk=key.pk).update(is_default=False)
    _store(key, is_default=True)


def _note(key: ProviderKey, answer: Answer) -> None:
    """Writes the answer on the record, which is not saved. An answer that tells nothing keeps an earlier status."""
    now = timezone.now()
    if answer.status != Status.UNTESTED:
        key.status, key.tested_at = answer.status, now
    if answer.status == Status.ACCEPTED:
        key.last_error, key.last_error_at = "", None
    else:
        key.last_error, key.last_error_at = answer.message[:300], now


def _noted(key: ProviderKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in ("status", "tested_at", "last_error", "last_error_at")}


def _store(key: ProviderKey, **values: object) -> None:
    ProviderKey.objects.filter(pk=key.pk).update(**values)
    for name, value in values.items():
        setattr(key, name, value)
