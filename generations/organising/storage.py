"""What results and uploads take of the disk, and whose they are. Previews, a hundredth of it, are not counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import Team, User
from generations import jobs
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


def in_trash(user: User) -> int:
    """As it stands now."""
    trashed = Output.objects.filter(job__owner=user, job__deleted_at__gt=timezone.now() - jobs.KEPT_IN_TRASH)
    return trashed.aggregate(sum=Sum("size"))["sum"] or 0


def by_owner(team: Team | None = None) -> list[Share]:
    """Who uses how much, the most first. `team`: of what is shared with it, without uploads; else of everything."""
    outputs = Output.objects.filter(size__isnull=False)
    if team is not None:
        outputs = outputs.filter(job__team=team, job__deleted_at=None)
    sums: dict[int, list[int]] = {}
    for owner, files, size in outputs.values_list("job__owner").annotate(Count("pk"), Sum("size")).order_by():
        sums[owner] = [files, size or 0]
    if team is None:
        for owner, files, size in Asset.objects.values_list("owner").annotate(Count("pk"), Sum("size")).order_by():
            sums.setdefault(owner, [0, 0])
            sums[owner] = [sums[owner][0] + files, sums[owner][1] + (size or 0)]
    owners = User.objects.in_bulk(sums)
    return sorted((Share(owners[owner], *sums[owner]) for owner in sums), key=lambda share: -share.bytes)


def _used(user: User) -> Used:
    mine = Output.objects.filter(job__owner=user).aggregate(sum=Sum("size"))["sum"] or 0
    uploads = Asset.objects.filter(owner=user).aggregate(sum=Sum("size"))["sum"] or 0
    return Used(mine, in_trash(user), uploads)
