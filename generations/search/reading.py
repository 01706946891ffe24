"""The jobs of a page, read whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from generations.models import Job
from generations.search.ids import these

Reader = Callable[[Sequence[UUID]], dict[UUID, Job]]  # those that are still there


def whole(ids: Sequence[UUID]) -> dict[UUID, Job]:
    """The jobs with their results."""
    return _whole(Job.objects.all(), ids)


def whole_with_owner(ids: Sequence[UUID]) -> dict[UUID, Job]:
    return _whole(Job.objects.select_related("owner"), ids)


def _whole(rows: QuerySet[Job], ids: Sequence[UUID]) -> dict[UUID, Job]:
    results = Prefetch("outputs", to_attr="results")  # the property's own value
    return rows.filter(pk__in=these(ids)).prefetch_related(results).in_bulk()  # type: ignore[no-redef]
