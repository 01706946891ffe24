"""What is behind a link to a smart album: what that finds, written down as the jobs of a selection are.

Where the link grows it is written down anew when somebody looks: what is found later comes, and what is not found any
more goes.
"""

from __future__ import annotations

from itertools import takewhile
from math import inf
from uuid import UUID

from django.db import IntegrityError, transaction

from generations.models import Album, Job, ShareItem, ShareLink
from generations.search import Search

MOST = 1000  # jobs
ROOM = 1_000_000  # places before the first, for what comes later
PATIENCE = 0.1  # seconds of a look


def first(album: Album) -> list[Job]:
    """The first page of what it finds."""
    return _search(album).page(album.owner)[0]


def fill(link: ShareLink) -> None:
    """What it finds now."""
    found, _ = _search(link.album).ids(link.album.owner, MOST, inf) if link.album else ([], True)
    _put(link, found, ROOM)


def grow(link: ShareLink) -> None:
    """What it finds by now, where the link grows. What was not looked for to the end stays."""
    if link.album is None or not (link.album.is_smart and link.grows):
        return
    wanted, is_all = _search(link.album).ids(link.album.owner, MOST, PATIENCE)
    rows = dict(ShareItem.objects.filter(link=link).order_by("place", "pk").values_list("job", "place"))
    if not is_all:
        wanted += [job for job in rows if job not in set(wanted)]
    if wanted != list(rows):
        try:
            with transaction.atomic():
                _write(link, wanted, rows)
        except IntegrityError:  # one of them was deleted for good meanwhile: the next look finds it so
            pass


def _write(link: ShareLink, wanted: list[UUID], rows: dict[UUID, int]) -> None:
    """What is new comes before the others, as a rule: then these stay as they are written."""
    items, first_place = ShareItem.objects.filter(link=link), min(rows.values(), default=ROOM)
    before = list(takewhile(lambda job: job not in rows, wanted))
    kept = [job for job in rows if job in set(wanted)]
    if wanted == before + kept and len(before) <= first_place:
        items.filter(job__in=rows.keys() - set(kept)).delete()
        _put(link, before, first_place - len(before))
    else:
        items.delete()
        _put(link, wanted, ROOM)


def _put(link: ShareLink, jobs: list[UUID], place: int) -> None:
    items = [ShareItem(link=link, job_id=job, place=place + number) for number, job in enumerate(jobs)]
    ShareItem.objects.bulk_create(items, batch_size=200, ignore_conflicts=True)  # another look may have done it


def _search(album: Album) -> Search:
    return Search.parse(album.query)
