"""Albums: jobs put together by hand, each in as many as one likes, or by a search that is kept (a smart album).

One's own album holds one's own jobs; a team's holds those that their owners share with that team. Somebody who looks at
one sees those of its jobs that they may see anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.utils import timezone

from accounts import teams
from accounts.models import User
from generations.models import Album, AlbumItem, Job
from generations.organising import places
from generations.search.filters import albums_seen_by
from generations.together import activity

PAGE = 48
ARRANGED = 200  # on one page where one puts them in order
LISTED = 300  # albums on one page; a person has few
TITLE_MAX = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """An album in a list: the job whose picture stands for it, and how many jobs one sees in it (a smart one: None)."""

    album: Album
    cover: Job | None
    count: int | None


def writable(user: User | int) -> QuerySet[Album]:
    """One's own that are no team's, and those of the teams that one may write in."""
    theirs = teams.written_by(user).order_by()
    return Album.objects.filter(Q(owner=user, team=None) | Q(team__in=theirs), deleted_at=None)


def called(user: User, title: str, team: int | None = None) -> Album:
    """The album of that title that this person may put things into, their own first; else a new one.

    With `team`, one that they may write in: an album of that team.
    """
    known = writable(user).filter(title__iexact=title, query="")
    if team is not None:
        return known.filter(team=team).first() or create(user, title, team=team)
    mine = known.filter(owner=user).first()
    return mine or known.first() or create(user, title)


def create(owner: User, title: str, *, description: str = "", query: str = "", team: int | None = None) -> Album:
    album = Album.objects.create(owner=owner, title=title, description=description, query=query, team_id=team)
    activity.note(team, owner, "album", album=album)
    return album


def change(album: Album, **changes: object) -> None:
    for name, value in changes.items():
        setattr(album, name, value)
    album.changed_at = timezone.now()
    album.save(update_fields=[*changes, "changed_at"])


def hide(album: Album) -> bool:
    rows = Album.objects.filter(pk=album.pk, deleted_at=None)
    return rows.update(deleted_at=timezone.now(), changed_at=timezone.now()) == 1


def unhide(album: Album) -> bool:
    rows = Album.objects.filter(pk=album.pk).exclude(deleted_at=None)
    return rows.update(deleted_at=None, changed_at=timezone.now()) == 1


def purge(until: datetime) -> None:
    Album.objects.filter(deleted_at__lt=until).delete()


# -- What is in it ---------------------------------------------------------------------------------------------------
def may_hold(user: User, album: Album) -> QuerySet[Job]:
    """The jobs that this person may put into it."""
    if album.team_id is not None:
        return Job.objects.filter(team=album.team_id, deleted_at=None)
    return Job.objects.filter(owner=user, deleted_at=None)


def add(user: User, album: Album, jobs: Sequence[UUID], *, at_end: bool = False) -> list[UUID]:
    """Puts them in, in this order, before what is in it. Returns those that came in; it may not hold all."""
    if album.is_smart:
        return []
    with transaction.atomic():
        Album.objects.select_for_update().get(pk=album.pk)
        here = set(album.items.filter(job__in=jobs).values_list("job_id", flat=True))
        allowed = set(may_hold(user, album).filter(pk__in=jobs).values_list("pk", flat=True)) - here
        new = [job for job in dict.fromkeys(jobs) if job in allowed]
        first = places.back(album) if at_end else places.front(album) - len(new) + 1
        rows = [AlbumItem(album=album, job_id=job, place=first + n, added_by=user) for n, job in enumerate(new)]
        AlbumItem.objects.bulk_create(rows, batch_size=500)
    if new:
        _tell(user, album, len(new))
    return new


def remove(album: Album, jobs: Collection[UUID]) -> list[UUID]:
    """Returns those that left. A cover stays chosen, for when it comes back; until then it is not shown."""
    rows = AlbumItem.objects.filter(album=album, job__in=jobs)
    gone = list(rows.values_list("job_id", flat=True))
    rows.delete()
    if gone:
        change(album)
    return gone


def places_of(album: Album, jobs: Collection[UUID]) -> dict[UUID, float]:
    """Of those that are in it."""
    return dict(AlbumItem.objects.filter(album=album, job__in=jobs).values_list("job_id", "place"))


def put_at(album: Album, jobs: Collection[UUID], where: Mapping[UUID, float]) -> None:
    """Those of them whose place is known stand there again."""
    items = list(AlbumItem.objects.filter(album=album, job__in=[job for job in jobs if job in where]))
    for item in items:
        item.place = where[item.job_id]
    AlbumItem.objects.bulk_update(items, ["place"], batch_size=500)


def _tell(user: User, album: Album, count: int) -> None:
    change(album)
    activity.note(album.team_id, user, "album", album=album, added=count)


def items(user: User, album: Album) -> QuerySet[AlbumItem]:
    """What this person sees in it."""
    return AlbumItem.objects.filter(_seen_by(user), album=album)


def page(user: User, album: Album, after: str = "", size: int = PAGE) -> tuple[list[AlbumItem], str]:
    """A part of it in its order, and what the next part comes after; "" where there is none."""
    rows = items(user, album).select_related("job__owner").prefetch_related("job__outputs").order_by("place", "pk")
    if found := _read(after):
        rows = places.after(rows, *found)
    found_items = list(rows[: size + 1])
    shown = found_items[:size]
    return shown, f"{shown[-1].place!r}_{shown[-1].pk}" if len(found_items) > size else ""


def _read(after: str) -> tuple[float, int] | None:
    place, _, number = after.partition("_")
    try:
        return float(place), int(number)
    except ValueError:
        return None


# -- Lists of albums -------------------------------------------------------------------------------------------------
def shown(user: User, albums: QuerySet[Album]) -> list[Shown]:
    """In four queries, however many they are."""
    first = AlbumItem.objects.filter(_seen_by(user), album=OuterRef("pk")).order_by("place", "pk").values("job")[:1]
    covered = AlbumItem.objects.filter(album=OuterRef("pk"), job=OuterRef("cover")).values("job")[:1]
    marked = albums.annotate(first=_one(first), cover_there=_one(covered))
    found = list(marked.select_related("team", "owner")[:LISTED])
    seen = AlbumItem.objects.filter(_seen_by(user), album__in=found).values_list("album")
    counts: dict[UUID, int] = dict(seen.annotate(count=Count("pk")).order_by())
    covers = _covers(user, found)
    return [
        Shown(
            album,
            covers.get(album.cover_there) or covers.get(album.first),
            None if album.is_smart else counts.get(album.pk, 0),
        )
        for album in found
    ]


def _one(jobs: QuerySet[AlbumItem, Any]) -> Subquery:
    return Subquery(jobs, output_field=UUIDField())


def _covers(user: User, albums: Iterable[Any]) -> dict[UUID | None, Job]:
    wanted = {job for album in albums for job in (album.cover_there, album.first) if job}
    visible = Q(owner=user) | Q(team__in=teams.of(user))
    rows = Job.objects.filter(visible, pk__in=wanted, deleted_at=None).prefetch_related("outputs")
    return {job.pk: job for job in rows}


def holding(user: User, job: Job) -> QuerySet[Album]:
    """Those that it is in, and that this person sees."""
    return albums_seen_by(user).filter(items__job=job)


def open_to(user: User, job: Job) -> QuerySet[Album]:
    """Those that this person may put it into."""
    rows = writable(user).filter(query="").exclude(items__job=job)
    return rows.filter(Q(team=None) | Q(team=job.team_id)) if job.owner_id == user.pk else rows.filter(team=job.team_id)


def _seen_by(user: User) -> Q:
    return Q(job__deleted_at=None) & (Q(job__owner=user) | Q(job__team__in=teams.of(user)))
