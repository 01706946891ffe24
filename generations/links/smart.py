"""What is behind a link to a smart album: what that finds, written down as the jobs of a selection are.

Where the link grows it is written down anew when somebody comes: what is found later comes, and what is not found any
more goes.
"""

from __future__ import annotations

from itertools import takewhile
from math import inf
from uuid import UUID

from django.core.cache import cache
from django.db import IntegrityError, transaction

from generations.models import Album, Job, ShareItem, ShareLink
from generations.search import Search

MOST = 1000  # jobs
ROOM = 1_000_000  # places before the first, for what comes later
PATIENCE = 0.1  # seconds of a search
FRESH = 2  # seconds until there is another one for the same link, however many come


def first(album: Album) -> list[Job]:
    """The first page of what it finds."""
    return _search(album).page(album.owner)[0]


def found(album: Album) -> list[UUID]:
    """All that it finds now, as far as a link takes it in."""
    return _search(album).ids(album.owner, MOST, inf)[0]


def write(link: ShareLink, jobs: list[UUID]) -> None:
    """The first time."""
    _put(link, jobs, ROOM)


def keep_up(link: ShareLink) -> None:
    """Where the link grows, what it finds by now."""
    if link.album and link.album.is_smart and link.grows and cache.add(f"link:{link.pk}:kept-up", True, FRESH):
        _grow(link, link.album)


def _grow(link: ShareLink, album: Album) -> None:
    """What was not looked for to the end stays."""
    wanted, is_all = _search(album).ids(album.owner, MOST, PATIENCE)
    rows = dict(ShareItem.objects.filter(link=link).order_by("place", "pk").values_list("job", "place"))
    if not is_all:
        wanted = list(dict.fromkeys([*wanted, *rows]))
    if wanted != list(rows):
        try:
            with transaction.atomic():
                _write_anew(link, wanted, rows)
        except IntegrityError:  # one of them was deleted for good meanwhile: the next look finds it so
            pass


def _write_anew(link: ShareLink, wanted: list[UUID], rows: dict[UUID, int]) -> None:
    """What is new comes before the others, as a rule: then these stay as they are written."""
    items, first_place, known = ShareItem.objects.filter(link=link), min(rows.values(), default=ROOM), set(wanted)
    before = list(takewhile(lambda job: job not in rows, wanted))
    kept = [job for job in rows if job in known]
    if wanted == before + kept and len(before) <= first_place:
        items.filter(job__in=rows.keys() - known).delete()
        _put(link, before, first_place - len(before))
    else:
        items.delete()
        _put(link, wanted, ROOM)


def _put(link: ShareLink, jobs: list[UUID], place: int) -> None:
    items = [ShareItem(link=link, job_id=job, place=place + number) for number, job in enumerate(jobs)]
    ShareItem.objects.bulk_create(items, batch_size=200, ignore_conflicts=True)  # another look may have done it


def _search(album: Album) -> Search:
    return Search.parse(album.query)
