"""What is asked for, as conditions on jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Team, User
from generations.models import Album, AlbumItem, Job, JobTag, Tag
from generations.models.found import ASPECTS
from generations.search.wanted import STATES, Wanted
from studio.lib.ids import first_at

NOTHING = Q(pk__in=())
DAYS = ("since", "until", "month")  # conditions that are a stretch of the list


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose jobs a list is of: one's own, or those that a team sees."""

    user: User
    team: Team | None = None

    def jobs(self) -> QuerySet[Job]:
        whose = Q(owner=self.user) if self.team is None else Q(team=self.team)
        return Job.objects.filter(whose, deleted_at__isnull=True)


def conditions(wanted: Wanted, scope: Scope) -> dict[str, Q]:
    """By field. The words of `text` are `generations.search.words`. A team is not asked for its people's marks."""
    wanted = wanted if scope.team is None else wanted.for_a_team()
    found = {name: PLAIN[name](getattr(wanted, name)) for name in wanted.narrowing if name in PLAIN}
    if wanted.person and scope.team is not None:
        found["person"] = Q(owner=int(wanted.person))
    if wanted.team and scope.team is None:
        found["team"] = Q(team=int(wanted.team))
    if wanted.album:
        album = list(albums_seen_by(scope.user).filter(pk=wanted.album).order_by().values_list("pk", flat=True))
        found["album"] = Q(pk__in=AlbumItem.objects.filter(album__in=album).values("job"))
    for tag in wanted.tags:
        found[f"tag {tag}"] = Q(pk__in=JobTag.objects.filter(tag__in=tags_called(tag, scope.user)).values("job"))
    if wanted.similar:
        found["similar"] = _alike(UUID(wanted.similar), scope)
    return found


def albums_seen_by(user: User) -> QuerySet[Album]:
    """One's own, and those of the teams that one is in."""
    return Album.objects.filter(Q(owner=user) | Q(team__in=user.teams.all()), deleted_at=None)


def tags_called(name: str, user: User) -> list[int]:
    return list(Tag.objects.filter(owner=user, name__iexact=name).order_by().values_list("pk", flat=True))


def _alike(job_id: UUID, scope: Scope) -> Q:
    likeness = scope.jobs().filter(pk=job_id).values_list("likeness", flat=True).first()
    return NOTHING if likeness is None else Q(likeness=likeness)


# -- What a job says of itself ---------------------------------------------------------------------------------------
def _aspect(value: str) -> Q:
    shapes: dict[str, Callable[[float], bool]] = {
        "landscape": lambda ratio: ratio > 1,
        "portrait": lambda ratio: ratio < 1,
        "square": lambda ratio: ratio == 1,
    }
    if value in shapes:
        return Q(aspect__in=[name for name, ratio in ASPECTS.items() if shapes[value](ratio)])
    return Q(aspect=value)


def _state(value: str) -> Q:
    states = STATES[value]
    return Q(state=states[0]) if len(states) == 1 else Q(state__in=states)


def beginning(day: date) -> UUID:
    """The least id of that day, where the person is: days and months are ranges of ids."""
    moment = datetime.combine(day, time(), timezone.get_current_timezone())
    return first_at(int(moment.timestamp() * 1000))


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _month(value: str) -> Q:
    month = date.fromisoformat(f"{value}-01")
    return Q(pk__gte=beginning(month), pk__lt=beginning(next_month(month)))


PLAIN: dict[str, Callable[[str], Q]] = {
    "kind": lambda value: Q(kind=value),
    "provider": lambda value: Q(provider=value),
    "model": lambda value: Q(model=value),
    "state": _state,
    "stars": lambda value: Q(stars__gte=int(value)),
    "favourite": lambda value: Q(is_favourite=True),
    "colour": lambda value: Q(colour=value),
    "review": lambda value: Q(review=value),
    "key": lambda value: Q(key=int(value)),
    "aspect": _aspect,
    "seed": lambda value: Q(has_seed=value == "1"),
    "input": lambda value: Q(has_input=value == "1"),
    "since": lambda value: Q(pk__gte=beginning(date.fromisoformat(value))),
    "until": lambda value: Q(pk__lt=beginning(date.fromisoformat(value) + timedelta(days=1))),
    "month": _month,
}
