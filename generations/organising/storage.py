"""What results and uploads take of the disk, and whose they are. Previews, a hundredth of it, are not counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import User
from generations import allowance, jobs
from generations.models import Asset, Output

KNOWN_FOR = 300  # seconds that a sum over all of someone's files is believed


@dataclass(frozen=True, slots=True)
class Used:
    """Bytes: of results, of those of them that lie in the trash, and of uploads."""

    results: int = 0
    trash: int = 0
    uploads: int = 0

    @property
    def total(self) -> int:
        return self.results + self.uploads


@dataclass(frozen=True, slots=True)
class Share:
    owner: User
    files: int
    bytes: int


def used(user: User) -> Used:
    """By this person. Up to five minutes old: it is a sum over all files."""
    name = f"storage:{user.pk}"
    known: Used | None = cache.get(name)
    if known is None:
        known = _used(user)
        cache.set(name, known, KNOWN_FOR)
    return known


def forget(user: User) -> None:
    """What has just been freed is not told from memory."""
    cache.delete(f"storage:{user.pk}")
    allowance.forget(user)


def in_trash(user: User) -> int:
    """As it stands now."""
    trashed = Output.objects.filter(job__owner=user, job__deleted_at__gt=timezone.now() - jobs.KEPT_IN_TRASH)
    return trashed.aggregate(sum=Sum("size"))["sum"] or 0


def by_owner() -> list[Share]:
    """Who uses how much, the most first."""
    sums: dict[int, tuple[int, int]] = {}
    results = Output.objects.filter(size__isnull=False).values_list("job__owner")
    for rows in (results, Asset.objects.values_list("owner")):
        for owner, files, size in rows.annotate(Count("pk"), Sum("size")).order_by():
            had = sums.get(owner, (0, 0))
            sums[owner] = had[0] + files, had[1] + (size or 0)
    owners = User.objects.in_bulk(sums)
    return sorted((Share(owners[owner], *sums[owner]) for owner in sums), key=lambda share: -share.bytes)


def _used(user: User) -> Used:
    return Used(allowance.results(user), in_trash(user), allowance.uploads(user))
