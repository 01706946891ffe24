"""How this Studio is doing, for its operator: processes, queue, disk, providers, and who uses how much.

Nothing of what people make is in it, and no key: only counts.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Failure

from accounts.models import ProviderKey, User
from accounts.offered import withheld
from generations.models import Catalogue, Job, Lease
from generations.models.states import IN_FLIGHT, State
from generations.organising import storage
from studio.lib import ids
from studio.providers.registry import DIALECTS

DAY = timedelta(days=1)
LATE = timedelta(minutes=2)  # a job that is due for longer is left lying
FULL = 0.9  # of the disk
KNOWN_FOR = 300  # seconds for which a sum over all files is believed


@dataclass(frozen=True, slots=True)
class Worker:
    """`heard_at`: its last sign of life; None: there never was one."""

    heard_at: datetime | None
    is_well: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """`tasks` wait for a worker, `held` jobs for approval; `late_since`: the oldest that nobody takes was due then."""

    tasks: int
    jobs: dict[str, int]
    held: int
    unconfirmed: int
    late_since: datetime | None
    failed: list[Failure]
    failures: int


@dataclass(frozen=True, slots=True)
class Disk:
    """In bytes."""

    database: int
    free: int
    total: int

    @property
    def is_full(self) -> bool:
        return self.free < self.total * (1 - FULL)


@dataclass(slots=True)
class Provider:
    """What came of it within a day. `troubles` are counts by the kind of error."""

    name: str
    label: str
    is_withheld: bool
    made: int = 0
    failed: int = 0
    lost: int = 0
    troubles: list[tuple[str, int]] = field(default_factory=list)
    last_made_at: datetime | None = None
    refused_keys: int = 0
    silent_lists: int = 0  # lists of models that could not be renewed

    @property
    def is_troubled(self) -> bool:
        """More than a third of what ended failed, or its lists do not come."""
        return self.failed * 2 > self.made + 1 or bool(self.silent_lists)


@dataclass(frozen=True, slots=True)
class Usage:
    owner: User
    files: int
    bytes: int
    share: int  # per cent of the limit; 0 where there is none


def worker() -> Worker:
    lease = Lease.objects.filter(name="shift").first()
    if lease is None or lease.renewed_at is None:
        return Worker(None, False)
    return Worker(lease.renewed_at, bool(lease.expires_at and lease.expires_at > timezone.now()))


def queue() -> Queue:
    now = timezone.now()
    states = Job.objects.filter(state__in=(*IN_FLIGHT, State.HELD), deleted_at=None).order_by()
    counts = dict(states.values_list("state").annotate(Count("pk")))
    late = Job.objects.filter(due_at__lt=now - LATE).aggregate(since=Min("due_at"))["since"]
    failures = Failure.objects.filter(stopped__gt=now - DAY).order_by("-stopped")
    return Queue(
        tasks=get_broker().queue_size(),
        held=counts.pop(State.HELD, 0),
        jobs={State(state).label: count for state, count in counts.items()},
        unconfirmed=Job.objects.filter(state=State.UNCONFIRMED, deleted_at=None).count(),
        late_since=late,
        failed=list(failures.only("func", "stopped")[:5]),
        failures=failures.count(),
    )


def disk() -> Disk:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(settings.MEDIA_ROOT)
    return Disk(database=_database_size(), free=usage.free, total=usage.total)


def providers() -> list[Provider]:
    held = withheld()
    found = {name: Provider(name, dialect.label, name in held) for name, dialect in DIALECTS.items()}
    for name, counts in _outcomes().items():
        if name in found:
            for field_name, value in counts.items():
                setattr(found[name], field_name, value)
    refused = ProviderKey.objects.filter(status=ProviderKey.Status.REFUSED, is_enabled=True).order_by()
    for name, count in refused.values_list("provider").annotate(Count("pk")):
        if name in found:
            found[name].refused_keys = count
    for name, count in Catalogue.objects.exclude(last_error="").values_list("provider").annotate(Count("pk")):
        if name in found:
            found[name].silent_lists = count
    return list(found.values())


def usage() -> list[Usage]:
    """Who uses how much of the disk, the most first."""
    shares = cache.get_or_set("operating.usage", storage.by_owner, KNOWN_FOR) or []
    limits = dict(User.objects.exclude(storage_limit=None).values_list("pk", "storage_limit"))
    return [_usage(share, limits.get(share.owner.pk)) for share in shares]


def _usage(share: storage.Share, limit: int | None) -> Usage:
    return Usage(share.owner, share.files, share.bytes, 100 * share.bytes // limit if limit else 0)


def _outcomes() -> dict[str, dict[str, Any]]:
    """Of the jobs that were made within a day, which are a range of ids, by provider."""
    since = ids.first_at(int((time.time() - DAY.total_seconds()) * 1000))
    recent = Job.objects.filter(pk__gte=since).order_by()
    rows = recent.values_list("provider").annotate(
        good=Count("pk", filter=Q(state=State.SUCCEEDED)),
        bad=Count("pk", filter=Q(state=State.FAILED)),
        unsure=Count("pk", filter=Q(state=State.UNCONFIRMED)),
        last=Max("finished_at", filter=Q(state=State.SUCCEEDED)),
    )
    names = ("made", "failed", "lost", "last_made_at")
    found: dict[str, dict[str, Any]] = {
        name: {**dict(zip(names, counts, strict=True)), "troubles": []} for name, *counts in rows
    }
    kinds = recent.filter(state=State.FAILED).values_list("provider", "error_kind").annotate(count=Count("pk"))
    for name, kind, count in kinds.order_by("-count"):
        found[name]["troubles"].append((kind.replace("_", " "), count))
    return found


def _database_size() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    path = str(connection.settings_dict["NAME"])
    parts = (Path(path), Path(f"{path}-wal"))
    return sum(part.stat().st_size for part in parts if part.is_file())
