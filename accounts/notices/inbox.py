"""The notices that one reads in the app."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import Notice, User

KEPT = dt.timedelta(days=90)
PAGE = 40


def of(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, in_app=True)


def page(user: User, before: int | None) -> tuple[list[Notice], int | None]:
    """The newest before that one, and the last one's id where there are more."""
    rows = of(user).select_related("by").order_by("-pk")
    found = list((rows if before is None else rows.filter(pk__lt=before))[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def unread(people: Iterable[int]) -> QuerySet[Notice, tuple[int, int]]:
    """(person's id, how many) of those who have any."""
    found = Notice.objects.filter(user_id__in=list(people), in_app=True, read_at=None)
    return found.order_by().values_list("user_id").annotate(count=Count("pk"))


def read(notices: QuerySet[Notice]) -> int:
    """Marks them as read; what is read already keeps its time."""
    return notices.filter(read_at=None).update(read_at=timezone.now())


def purge() -> int:
    """Deletes what is older than three months."""
    return Notice.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
