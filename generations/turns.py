"""Whose turn it is: a key runs so many jobs at once, and those beyond wait here instead of being refused there.

A job that waits is queued and due at no time. It has its place (`turn_at`) from the moment at which it may be sent
until it leaves the provider, whatever becomes of it. One whose answer was lost keeps its place while it is looked up,
for it may be running there, and loses it when it is left to its owner. All of it is in the database, so it
outlasts every process; the worker fills free places when a job leaves, and looks again every second.

Those who share a key take turns: next is whoever has the fewest jobs under way, then whoever has waited longest for
a turn, then whose job is the oldest; among one person's own, the oldest goes first.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from accounts.models import ProviderKey
from generations.models import Job
from generations.models.states import State
from studio.providers.registry import DIALECTS

REMEMBERED = timedelta(hours=1)  # for which it counts who had the last turn
SHOWN_FOR = 1.0  # seconds for which pages show the same line

_WAITING = Q(state=State.QUEUED, due_at__isnull=True)
_HAS_PLACE = (
    Q(state__in=(State.SUBMITTING, State.PENDING, State.RUNNING))
    | Q(state=State.UNCONFIRMED, due_at__isnull=False)
    | Q(state=State.QUEUED, due_at__isnull=False, turn_at__isnull=False)
)
_UNDER_WAY = (State.QUEUED, State.SUBMITTING, State.PENDING, State.RUNNING, State.UNCONFIRMED)


def places(key: ProviderKey) -> int | None:
    """How many jobs it may run at once: the owner's setting, else what is usual for the provider. None: any number."""
    if key.concurrency is not None:
        return max(1, key.concurrency)
    return DIALECTS[key.provider].concurrency if key.provider in DIALECTS else None


def taken(key: ProviderKey) -> int:
    """How many of its places are."""
    return _with_place(key.pk).count()


def admit(job_id: UUID) -> bool:
    """May it be sent now? It has its place then; otherwise it waits, and `release` calls it."""
    job = Job.objects.select_related("key").filter(pk=job_id, state=State.QUEUED).first()
    if job is None or job.key is None or job.turn_at is not None or not job.key.is_enabled:
        return True  # whoever sends it finds out what else there is to say
    most = places(job.key)
    if most is None:
        return True
    ours = Job.objects.filter(pk=job_id, state=State.QUEUED, turn_at__isnull=True)
    with _alone_with(job.key):
        if _free(job.key, most) and not _waiting(job.key.pk).exists():
            return bool(ours.update(turn_at=timezone.now()))
        ours.update(due_at=None, changed_at=timezone.now())
    release(job.key.pk)
    return False


def release(key_id: int) -> int:
    """Calls as many of those who wait for this key as there are places; returns how many go on."""
    if not _waiting(key_id).exists():
        return 0
    now = timezone.now()
    key = ProviderKey.objects.filter(pk=key_id).first()
    most = places(key) if key is not None and key.is_enabled else None
    if key is None or most is None:
        return _waiting(key_id).update(due_at=now)  # without a limit, or for `send` to say that the key is no use
    with _alone_with(key):
        called = _line(key_id)[: _free(key, most)]
        if not called:
            return 0
        return _waiting(key_id).filter(pk__in=called).update(turn_at=now, due_at=now, changed_at=now)


def release_all() -> int:
    """The same for every key that somebody waits for; those whose key was deleted go on without one."""
    keys = list(Job.objects.filter(_WAITING).order_by().values_list("key", flat=True).distinct())
    if None in keys:
        Job.objects.filter(_WAITING, key__isnull=True).update(due_at=timezone.now())
    return sum(release(key_id) for key_id in keys if key_id is not None)


def ahead(job: Job) -> int | None:
    """How many go before it; None where it does not wait for a place."""
    if job.state != State.QUEUED or job.due_at is not None or job.key_id is None:
        return None
    name = f"line:{job.key_id}"
    line: dict[UUID, int] = cache.get(name, {})
    if job.pk not in line:
        line = {pk: place for place, pk in enumerate(_line(job.key_id))}
        cache.set(name, line, SHOWN_FOR)
    return line.get(job.pk)


@contextmanager
def _alone_with(key: ProviderKey) -> Iterator[None]:
    """Two shifts, of which one has lost its lease, must not both give the last place away."""
    with transaction.atomic():
        ProviderKey.objects.select_for_update().filter(pk=key.pk).first()
        yield


def _waiting(key_id: int) -> QuerySet[Job]:
    return Job.objects.filter(_WAITING, key=key_id)


def _with_place(key_id: int) -> QuerySet[Job]:
    return Job.objects.filter(_HAS_PLACE, key=key_id, state__in=_UNDER_WAY)


def _free(key: ProviderKey, most: int) -> int:
    return max(0, most - taken(key))


def _line(key_id: int) -> list[UUID]:
    """Who waits, in the order in which they will be called if nothing else happens."""
    waiting = list(_waiting(key_id).order_by("id").values_list("pk", "owner"))
    owners = {owner for _, owner in waiting}
    if len(owners) < 2:
        return [pk for pk, _ in waiting]
    return list(_in_turns(waiting, _standing(key_id, owners)))


def _standing(key_id: int, owners: Iterable[int]) -> dict[int, tuple[int, float]]:
    """By owner: jobs under way, and when the last of them had its turn."""
    since = timezone.now() - REMEMBERED
    latest = Job.objects.filter(key=key_id, owner__in=list(owners), turn_at__gte=since).values_list("owner")
    last = dict(latest.annotate(Max("turn_at")))
    running = dict(_with_place(key_id).values_list("owner").annotate(Count("pk")))
    return {
        owner: (running.get(owner, 0), last[owner].timestamp() if owner in last else 0.0) for owner in sorted(owners)
    }


def _in_turns(waiting: list[tuple[UUID, int]], standing: dict[int, tuple[int, float]]) -> Iterator[UUID]:
    lines: defaultdict[int, deque[UUID]] = defaultdict(deque)
    for pk, owner in waiting:
        lines[owner].append(pk)
    latest = max(last for _, last in standing.values())
    while lines:
        owner = min(lines, key=lambda owner: (*standing[owner], lines[owner][0]))
        yield lines[owner].popleft()
        latest += 1
        standing[owner] = standing[owner][0] + 1, latest
        if not lines[owner]:
            del lines[owner]
