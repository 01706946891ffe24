"""What happened in a team: written down as it happens, read by the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count, groupby
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import AuditEntry, Team, User
from generations.models import Activity, Album, Job

PAGE = 60  # entries; repeated ones of one person are one line
SHOWN = 6  # pictures of a line
# What the audit log says of a team's people → the kind of line.
COMINGS = {"member.joined": "joined", "member.left": "left", "member.removed": "removed"}


@dataclass(slots=True)
class Line:
    """What one person did, once or repeatedly in a row. `name` stands where the person is gone, or was a guest."""

    kind: str
    at: datetime
    actor: User | None
    name: str
    detail: dict[str, Any]
    album: Album | None = None
    times: int = 1
    jobs: list[Job] = field(default_factory=list)

    def takes(self, other: Line) -> bool:
        """Is the other, older one the same again?"""
        if self._about != other._about:
            return False
        return self.kind == "shared" or (self.kind == "album" and "added" in self.detail and "added" in other.detail)

    def take(self, other: Line) -> None:
        self.times += other.times
        self.jobs += other.jobs
        if "added" in self.detail:
            self.detail = {**self.detail, "added": self.detail["added"] + other.detail["added"]}

    @property
    def _about(self) -> tuple[object, ...]:
        return self.kind, self.actor, self.name, self.album, self.at.date()

    @property
    def shown(self) -> list[Job]:
        return self.jobs[:SHOWN]

    @property
    def job(self) -> Job | None:
        return self.jobs[0] if self.jobs else None


@dataclass(frozen=True, slots=True)
class Feed:
    """`days`: each with its lines, the newest first. `following`: from where the next page goes on; "" at the end."""

    days: list[tuple[date, list[Line]]]
    following: str


def note(
    team: Team | int | None,
    actor: User | None,
    kind: str,
    *,
    job: Job | None = None,
    album: Album | None = None,
    **detail: Any,
) -> None:
    """`kind` is one of those in the template `generations/_activity_line.html`. Of no team, there is no feed."""
    if team is not None:
        team_id = team if isinstance(team, int) else team.pk
        Activity.objects.create(team_id=team_id, actor=actor, kind=kind, job=job, album=album, detail=detail)


def note_shared(team: Team, actor: User, jobs: Iterable[Job]) -> None:
    """No two at the same moment, so that a page of the feed can end between any two."""
    now = timezone.now()
    moments = (now - timedelta(microseconds=place) for place in count())
    rows = (
        Activity(team=team, actor=actor, kind="shared", job=job, at=at) for job, at in zip(jobs, moments, strict=False)
    )
    Activity.objects.bulk_create(rows)


def feed(team: Team, before: str = "") -> Feed:
    """One page of it, and what its team may still see of it."""
    moment = parse_moment(before)
    entries = sorted([*_done(team, moment), *_comings(team, moment)], key=lambda line: line.at, reverse=True)
    more, entries = len(entries) > PAGE, entries[:PAGE]
    if more:  # all of one moment are on one page
        last = entries[-1].at
        entries = [line for line in entries if line.at > last] or entries
    days = [(day, _collapsed(lines)) for day, lines in groupby(entries, key=lambda line: line.at.date())]
    return Feed(days, entries[-1].at.isoformat() if more else "")


def _done(team: Team, before: datetime | None) -> Iterator[Line]:
    visible = Q(job=None) | Q(job__team=team, job__deleted_at=None)
    rows = Activity.objects.filter(visible & (Q(album=None) | Q(album__team=team, album__deleted_at=None)), team=team)
    rows = rows.filter(at__lt=before) if before else rows
    rows = rows.select_related("actor", "album", "job__owner").prefetch_related("job__outputs").order_by("-at", "-pk")
    for row in rows[: PAGE + 1]:
        name = str(row.actor) if row.actor else row.detail.get("guest", "") or "Somebody"
        yield Line(row.kind, row.at, row.actor, name, row.detail, row.album, jobs=[row.job] if row.job else [])


def _comings(team: Team, before: datetime | None) -> Iterator[Line]:
    """Who joined and who left is in the audit log."""
    rows = AuditEntry.objects.filter(team=team, action__in=COMINGS)
    rows = rows.filter(at__lt=before) if before else rows
    for row in rows.select_related("actor").order_by("-at", "-pk")[: PAGE + 1]:
        name = str(row.actor) if row.actor else row.actor_name.partition("@")[0] or "Somebody"
        yield Line(COMINGS[row.action], row.at, row.actor, name, {"target": row.target})


def _collapsed(lines: Iterable[Line]) -> list[Line]:
    """Three pictures shared, or put into one album, one after the other are one line."""
    shown: list[Line] = []
    for line in lines:
        if shown and shown[-1].takes(line):
            shown[-1].take(line)
        else:
            shown.append(line)
    return shown


def parse_moment(text: str) -> datetime | None:
    """As `following` says it; None for anything else."""
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
