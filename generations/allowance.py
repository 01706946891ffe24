"""What the operator lets a person have: so much storage, and so many jobs under way."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import Count, Sum

from accounts.models import User
from generations.models import Asset, Job, Output
from generations.models.states import IN_FLIGHT

KNOWN_FOR = 60  # seconds for which a sum over all of somebody's files is believed
NO_ROOM = "Your storage has no room for this. Delete what you no longer need, or ask the operator for more."


def beyond(jobs: Sequence[Job]) -> str:
    """Why these jobs of one person, which are written down already, may not stay; "" where they may."""
    if not jobs:
        return ""
    user = jobs[0].owner
    if user.open_jobs_limit is not None:
        rows = Job.objects.filter(owner=user, state__in=IN_FLIGHT, deleted_at=None)
        under_way = rows.aggregate(count=Count("position"))["count"]  # of what the index of states has
        if under_way > user.open_jobs_limit:
            return _too_many(under_way - len(jobs), user.open_jobs_limit)
    if user.storage_limit is not None and stored(user) >= user.storage_limit:
        return "Your storage is full. Delete what you no longer need, or ask the operator for more."
    return ""


def room(user: User) -> int | None:
    """Bytes that may still be stored, as it stands now; None: there is no limit."""
    if user.storage_limit is None:
        return None
    forget(user)
    return max(0, user.storage_limit - stored(user))


def stored(user: User) -> int:
    """Bytes of results and uploads; up to a minute old."""
    return cache.get_or_set(f"allowance:{user.pk}", lambda: results(user) + uploads(user), KNOWN_FOR) or 0


def forget(user: User) -> None:
    """What has just come is not left out of the sum: where there is a limit, the next question sums anew."""
    if user.storage_limit is not None:
        cache.delete(f"allowance:{user.pk}")


def results(user: User) -> int:
    """Bytes of all that was made, in the trash too. As it stands now, a sum over all files."""
    return Output.objects.filter(job__owner=user).aggregate(sum=Sum("size"))["sum"] or 0


def uploads(user: User) -> int:
    return Asset.objects.filter(owner=user).aggregate(sum=Sum("size"))["sum"] or 0


def _too_many(under_way: int, most: int) -> str:
    now = "None is" if under_way == 0 else f"{under_way} {'is' if under_way == 1 else 'are'}"
    return f"You may have {most} job{'' if most == 1 else 's'} under way at a time. {now} now. Wait, or make fewer."
