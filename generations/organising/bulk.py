"""One wish for many jobs: those that were chosen, or everything that a search finds, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django_q.tasks import async_task

from accounts.models import Team, User
from generations.models import Album, Job
from generations.organising import albums, marks, tags, trash
from generations.search import Search
from generations.together import visibility

MOST = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS  # jobs that are named one by one: a request has no room for more
AT_ONCE = 1000  # jobs that a search finds and a person waits for; a task sees to the rest
TASK = "generations.tasks.organise"


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall become of the jobs. `album` and `leave`: one that the person may write to."""

    favourite: bool | None = None
    stars: int | None = None
    colour: str | None = None
    tags: tuple[str, ...] = ()
    untag: tuple[str, ...] = ()
    album: Album | None = None
    leave: Album | None = None
    delete_at: datetime | None = None  # the moment that is noted; it undoes it
    shares: bool = False  # with `team`, one that the person may write in; without one, with nobody any more
    team: Team | None = None

    def kept(self) -> dict[str, Any]:
        """As a task takes it."""
        return {
            "favourite": self.favourite,
            "stars": self.stars,
            "colour": self.colour,
            "tags": self.tags,
            "untag": self.untag,
            "album": str(self.album.pk) if self.album else None,
            "leave": str(self.leave.pk) if self.leave else None,
            "delete_at": self.delete_at,
            "shares": self.shares,
            "team": self.team.pk if self.team else None,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """`count`: jobs that were done; `ids`: them, where they were named; `goes_on`: a task sees to more."""

    count: int
    ids: Sequence[UUID] = ()
    goes_on: bool = False


def carry_out(user: User, wish: Wish, chosen: Sequence[UUID], *, at_end: bool = False) -> list[UUID]:
    """For those of them that this person may organise. Returns them; with an album or a team, those it changed."""
    mine = Job.objects.filter(owner=user, deleted_at=None, pk__in=chosen)
    if wish.album is not None:
        return albums.add(user, wish.album, chosen, at_end=at_end)
    if wish.leave is not None:
        return albums.remove(wish.leave, chosen)
    if wish.delete_at is not None:
        return trash.hide(user, chosen, at=wish.delete_at)
    if wish.shares:
        return [job.pk for job in visibility.share(user, mine, wish.team)]
    if wish.favourite is not None:
        marks.favourite(mine, wish.favourite)
    if wish.stars is not None:
        marks.stars(mine, wish.stars)
    if wish.colour is not None:
        marks.colour(mine, wish.colour)
    tags.put(user, chosen, wish.tags)
    tags.take(user, chosen, wish.untag)
    return list(mine.values_list("pk", flat=True))


def named(user: User, wish: Wish, chosen: Sequence[UUID]) -> Outcome:
    """Open pages are told."""
    done = carry_out(user, wish, chosen[:MOST])
    Job.objects.filter(pk__in=done).update(changed_at=timezone.now())
    return Outcome(len(done), done)


def everything(user: User, wish: Wish, query: str) -> Outcome:
    """For all that a search finds now. Beyond a thousand it goes on in a task, page by page of the search."""
    return _page_by_page(user, wish, query)


def _page_by_page(user: User, wish: Wish, query: str, *, begun: bool = False) -> Outcome:
    count = looked_at = 0
    for chosen, following in _found(user, query):
        if (begun or count) and _is_undone(user, wish):
            break
        count += len(carry_out(user, wish, chosen, at_end=True))
        looked_at += len(chosen)
        if looked_at >= AT_ONCE and following:
            async_task(TASK, user.pk, wish.kept(), following)
            return Outcome(count, goes_on=True)
    return Outcome(count)


def go_on(user_id: int, kept: dict[str, Any], query: str) -> None:
    """What `everything` left, as far as they may still write there; safe to run twice, for each of its wishes is."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    wanted = {name: kept[name] for name in ("album", "leave") if kept[name]}
    albums_now = albums.writable(user).filter(pk__in=wanted.values()).in_bulk()
    team = visibility.choices(user).filter(pk=kept["team"]).first() if kept["team"] else None
    if len(albums_now) < len(wanted) or (kept["team"] and team is None):
        return
    lists = {name: tuple(kept[name]) for name in ("tags", "untag")}
    named_albums = {name: albums_now[UUID(pk)] for name, pk in wanted.items()}
    wish = Wish(**{**kept, "album": None, "leave": None, "team": team, **lists, **named_albums})
    _page_by_page(user, wish, query, begun=True)


def _is_undone(user: User, wish: Wish) -> bool:
    """Of a deletion that has begun: nothing is left that bears its moment."""
    return wish.delete_at is not None and not trash.of(user).filter(deleted_at=wish.delete_at).exists()


def _found(user: User, query: str) -> Iterator[tuple[list[UUID], str]]:
    """The jobs of each page of a search, and the query string of the next page or ""."""
    following = query.removeprefix("?")
    while True:
        jobs, following = Search.read(QueryDict(following)).page(user)
        following = following.removeprefix("?")
        yield [job.pk for job in jobs], following
        if not following:
            return
