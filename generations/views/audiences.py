"""Who is told of which jobs. The pages of one audience are sent the same, rendered once however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Membership
from generations.models import AlbumItem, Job, JobEvent, ShareItem
from generations.views.sse import TOKEN, event, named

MOVES = ("shared", "unshared")  # the events of a job that another team may see from now on, or none


@dataclass(frozen=True, slots=True)
class Watched:
    """Which jobs are looked for: of these people, in these teams, these ones, in these albums, behind these links."""

    owners: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    jobs: frozenset[UUID] = frozenset()
    albums: frozenset[UUID] = frozenset()
    links: frozenset[UUID] = frozenset()

    def __or__(self, other: Watched) -> Watched:
        mine, theirs = self._parts, other._parts
        return Watched(*(one | another for one, another in zip(mine, theirs, strict=True)))

    @classmethod
    def all(cls, audiences: Iterable[Audience]) -> Watched:
        parts = list(zip(*(audience.watched._parts for audience in audiences), strict=True))
        return cls(*(frozenset().union(*part) for part in parts))

    @property
    def _parts(self) -> tuple[frozenset[Any], ...]:
        return self.owners, self.teams, self.jobs, self.albums, self.links

    def changed(self, since: datetime) -> QuerySet[Job]:
        """Also those that have left a team since: its pages are to let go of them."""
        found = Q(owner_id__in=self.owners)
        if self.teams:
            moves = JobEvent.objects.filter(job=OuterRef("pk"), kind__in=MOVES, at__gt=since)
            found |= Q(team_id__in=self.teams) | Q(Exists(moves))
        if self.jobs:
            found |= Q(pk__in=self.jobs)
        if self.albums:
            found |= Q(Exists(AlbumItem.objects.filter(job=OuterRef("pk"), album__in=self.albums)))
        if self.links:
            found |= Q(Exists(ShareItem.objects.filter(job=OuterRef("pk"), link__in=self.links)))
        return Job.objects.filter(found, changed_at__gt=since)


@dataclass(frozen=True, slots=True)
class Change:
    """A job as it now stands, and the teams that it has left of late."""

    job: Job
    left: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Audience:
    """Equal ones are one: their pages are told together. What is not said here is Studio's own doing."""

    ends: ClassVar[bool] = False  # may it be over while pages of it are open?

    @property
    def watched(self) -> Watched:
        raise NotImplementedError

    def concerns(self, change: Change) -> bool:
        """May it be told of this? Asked in the event loop: no database here."""
        raise NotImplementedError

    def told(self, changes: Sequence[Change], now: datetime) -> bytes:
        """Events for its pages, with `TOKEN` where a browser's own has to be; b"" where there is nothing to say."""
        raise NotImplementedError

    @classmethod
    def ended(cls, audiences: Collection[Self]) -> Mapping[Self, bytes]:
        """Those of this kind that are over, and the last that their pages are told.

        Where it `ends`, this is asked at each look, once for all that are open: one query at most.
        """
        raise NotImplementedError

    def goodbye(self) -> bytes:
        """The last that a page is told whose visitor is no longer welcome."""
        return b""


@dataclass(frozen=True)
class Counted(Audience):
    """A page that shows no jobs, but how many of its owner's are running."""

    owner: int

    @property
    def watched(self) -> Watched:
        return Watched(owners=frozenset({self.owner}))

    def concerns(self, change: Change) -> bool:
        return False


def came(jobs: Iterable[Job]) -> bytes:
    """The event "came": the ids of jobs that a gallery may have to make room for, each with its owner's."""
    return named("came", [f"{job.pk} {job.owner_id}" for job in jobs if job.deleted_at is None])


@dataclass(frozen=True)
class Own(Audience):
    """One's own jobs: as cards, or `page` alone, as its page.

    Cards that a gallery does not show yet are announced by "came", so that it makes room where they belong.
    """

    owner: int
    page: UUID | None = None

    @property
    def watched(self) -> Watched:
        return Watched(owners=frozenset({self.owner}))

    def concerns(self, change: Change) -> bool:
        return change.job.owner_id == self.owner and self.page in (None, change.job.pk)

    def told(self, changes: Sequence[Change], now: datetime) -> bytes:
        jobs = [change.job for change in changes]
        context = {"jobs": jobs, "as_page": self.page is not None, "is_owner": True}
        text = render_to_string("generations/_changes.html", {**context, "csrf_token": TOKEN})
        return (b"" if self.page else came(jobs)) + event(text, now)


@dataclass(frozen=True)
class InTeam(Audience):
    """What is shared with a team: as the cards of its gallery, or one job as others than its owner see its page.

    Cards are announced here, too.
    """

    team: int
    page: UUID | None = None

    @property
    def watched(self) -> Watched:
        return Watched(teams=frozenset({self.team}))

    def concerns(self, change: Change) -> bool:
        is_there = change.job.team_id == self.team or self.team in change.left
        return is_there and self.page in (None, change.job.pk)

    def told(self, changes: Sequence[Change], now: datetime) -> bytes:
        jobs = [change.job for change in changes]
        here = {job.pk for job in jobs if self._shows(job)}
        context = {"jobs": jobs, "here": here, "as_page": self.page is not None}
        text = render_to_string("generations/_team_changes.html", {**context, "csrf_token": TOKEN})
        return (b"" if self.page else came([job for job in jobs if job.pk in here])) + event(text, now)

    def goodbye(self) -> bytes:
        return event(render_to_string("generations/_team_goodbye.html"), timezone.now())

    def _shows(self, job: Job) -> bool:
        return job.team_id == self.team and job.deleted_at is None


@dataclass(frozen=True)
class Member(Audience):
    """Tells nothing: it ends a page that is for a team's people once this one is not among them any more."""

    ends: ClassVar[bool] = True

    user: int
    team: int
    of: Audience  # that the page is told as

    @property
    def watched(self) -> Watched:
        return Watched()

    def concerns(self, change: Change) -> bool:
        return False

    @classmethod
    def ended(cls, audiences: Collection[Self]) -> Mapping[Self, bytes]:
        users, in_teams = {one.user for one in audiences}, {one.team for one in audiences}
        rows = Membership.objects.filter(user__in=users, team__in=in_teams).order_by()
        there = set(rows.values_list("user", "team"))
        return {one: one.of.goodbye() for one in audiences if (one.user, one.team) not in there}


def changes(watched: Watched, since: datetime, limit: int = 1000) -> list[Change]:
    """What has changed since, the newest first."""
    rows = watched.changed(since).select_related("owner").prefetch_related("outputs")
    jobs = list(rows.order_by("-changed_at")[:limit])
    left: dict[UUID, set[int]] = {}
    if jobs and watched.teams:
        moves = JobEvent.objects.filter(job__in=jobs, kind__in=MOVES, at__gt=since)
        for job, detail in moves.values_list("job", "detail"):
            left.setdefault(job, set()).add(detail.get("from"))
    return [Change(job, frozenset(left.get(job.pk, ())) - {job.team_id, None}) for job in jobs]
