"""Who is in which team, as what: the questions, and what people do with teams.

Changes to one team's members happen one at a time, so that it always has an owner. Each is written into the audit log,
and those whom it concerns are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import audit, notices
from accounts.models import Membership, Team, TeamInvitation, TeamKey, TeamRole, User

WRITERS = (TeamRole.OWNER, TeamRole.MEMBER)
MOST = 50  # teams that one person may make


class NotPossible(ValueError):
    """The message says why, for people."""


LAST_OWNER = "A team needs an owner. Make somebody else one first."


@dataclass(frozen=True, slots=True)
class Spaces:
    """What a person can look at: their own space (`current` is None then), and their teams; `written`: `written_by`."""

    current: Team | None
    teams: list[Team]
    written: list[Team]


# -- Questions -------------------------------------------------------------------------------------------------------
def of(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user)


def role(user: User, team: Team | int | None) -> str:
    """Their role in it; "" for who is not in it."""
    return Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first() or ""


def is_owner(user: User, team: Team | int | None) -> bool:
    return role(user, team) == TeamRole.OWNER


def may_write(user: User, team: Team | int | None) -> bool:
    """Makes and shares in it; a viewer does not."""
    return role(user, team) in WRITERS


def owned(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user, memberships__role=TeamRole.OWNER)


def written_by(user: User | int) -> QuerySet[Team]:
    """Those in which the person makes and shares."""
    return Team.objects.filter(memberships__user=user, memberships__role__in=WRITERS)


def memberships(user: User) -> QuerySet[Membership]:
    """The person's, each team with the number of its people (`people`)."""
    rows = Membership.objects.filter(user=user).select_related("team")
    return rows.annotate(people=Count("team__memberships")).order_by("team__name", "team")


def seats(user_id: int) -> QuerySet[Membership, tuple[str, int, str]]:
    """(role, team's id, its name) of each of the person's."""
    return Membership.objects.filter(user=user_id).order_by().values_list("role", "team_id", "team__name")


def spaces(user: User, seats: Iterable[tuple[str, int, str]]) -> Spaces:
    """A team that was left meanwhile is no longer the current one."""
    ordered = sorted(seats, key=lambda seat: (seat[2].casefold(), seat[1]))
    found = {Team.from_db(None, ("id", "name"), (pk, name)): role for role, pk, name in ordered}
    current = next((team for team in found if team.pk == user.space_id), None)
    return Spaces(current, list(found), [team for team, role in found.items() if role in WRITERS])


# -- The team --------------------------------------------------------------------------------------------------------
def make(request: HttpRequest, name: str) -> Team:
    """Its maker is its owner, and looks at it from then on. Raises NotPossible."""
    user = _person(request)
    if owned(user).count() >= MOST:
        raise NotPossible(f"{MOST} teams are the most that one person may own.")
    with transaction.atomic():
        team = Team.objects.create(name=name)
        Membership.objects.create(team=team, user=user, role=TeamRole.OWNER)
        User.objects.filter(pk=user.pk).update(space=team)
        audit.note(request, "team.made", name, team=team)
    return team


def rename(request: HttpRequest, team: Team, name: str) -> None:
    with transaction.atomic():
        before = team.name
        Team.objects.filter(pk=team.pk).update(name=name)
        team.name = name
        if name != before:
            audit.note(request, "team.renamed", name, team=team, before=before)


def delete(request: HttpRequest, team: Team) -> None:
    """What was shared with it becomes its makers' alone; its keys go back to their owners."""
    user = _person(request)
    others = [membership.user for membership in team.memberships.exclude(user=user).select_related("user")]
    with transaction.atomic():
        audit.note(request, "team.deleted", team.name, people=len(others) + 1)
        team.delete()
        for other in others:
            notices.tell(other, "team", f"{user} has deleted the team {team}. What you shared is yours alone.", by=user)


def enter(user: User, team: Team | None) -> None:
    """Makes it the space that the person looks at; None: their own."""
    User.objects.filter(pk=user.pk).update(space=team)
    user.space = team


# -- Its people ------------------------------------------------------------------------------------------------------
def set_role(request: HttpRequest, team: Team, user: User, wanted: str) -> bool:
    """Returns whether it changed. Raises NotPossible where that leaves no owner."""
    with _alone_with(team):
        before = role(user, team)
        if not before or before == wanted:
            return False
        if before == TeamRole.OWNER:
            _keep_an_owner(team, user)
            _take_back_keys(request, team, user)
        Membership.objects.filter(team=team, user=user).update(role=wanted)
        audit.note(request, "role.changed", str(user), team=team, before=before, after=wanted)
        said = f"You are {_article(wanted)} of {team} now."
        notices.tell(user, "team", said, reverse("team-people", args=[team.pk]), by=_person(request))
    return True


def remove(request: HttpRequest, team: Team, user: User) -> int | None:
    """Somebody else takes them out: the jobs that they shared stay shared until they take them back.

    Returns how many invitations ended with that, since they could come back by them; None: they were not in it.
    """
    with transaction.atomic():
        if not _end(request, team, user, "member.removed"):
            return None
        withdrawn = _ways_back(team, user).update(revoked_at=timezone.now())
    notices.tell(user, "team", f"You are not in {team} any more.", reverse("teams"), by=_person(request))
    return withdrawn


def leave(request: HttpRequest, team: Team, *, take_along: bool = False) -> bool:
    """`take_along`: what they shared with the team goes with them; else their albums there are an owner's."""
    user = _person(request)
    with transaction.atomic():
        if take_along:
            team.jobs.filter(owner=user).update(team=None)
            team.albums.filter(owner=user).update(team=None)
        return _end(request, team, user, "member.left")


def transfer(request: HttpRequest, team: Team, to: User) -> bool:
    """Another becomes an owner, and one is a member from then on."""
    user = _person(request)
    with _alone_with(team):
        if to.pk == user.pk or not role(to, team) or role(user, team) != TeamRole.OWNER:
            return False
        Membership.objects.filter(team=team, user=to).update(role=TeamRole.OWNER)
        Membership.objects.filter(team=team, user=user).update(role=TeamRole.MEMBER)
        _take_back_keys(request, team, user)
        audit.note(request, "team.transferred", str(to), team=team)
        said = f"{user} has made {team} over to you: you are its owner now."
        notices.tell(to, "team", said, reverse("team-people", args=[team.pk]), by=user)
    return True


def join(request: HttpRequest | None, team: Team, user: User, as_role: str) -> bool:
    """Returns whether they were not in it before; who was keeps the role that they have."""
    _, is_new = Membership.objects.get_or_create(team=team, user=user, defaults={"role": as_role})
    if is_new:
        audit.note(request, "member.joined", str(user), team=team, role=as_role)
        for owner in User.objects.filter(memberships__team=team, memberships__role=TeamRole.OWNER):
            said = f"{user} has joined {team}, as {_article(as_role)}."
            notices.tell(owner, "team", said, reverse("team-people", args=[team.pk]), by=user)
    return is_new


def _end(request: HttpRequest, team: Team, user: User, action: str) -> bool:
    with _alone_with(team):
        before = role(user, team)
        if not before:
            return False
        if before == TeamRole.OWNER:
            _keep_an_owner(team, user)
        _take_back_keys(request, team, user)
        Membership.objects.filter(team=team, user=user).delete()
        _hand_over_albums(team, user)
        User.objects.filter(pk=user.pk, space=team).update(space=None)
        User.objects.filter(pk=user.pk, shares_with=team).update(shares_with=None)
        audit.note(request, action, str(user), team=team, role=before)
    return True


def _ways_back(team: Team, user: User) -> QuerySet[TeamInvitation]:
    """What they could still open: links for whoever has them, those that they made, and those to their address."""
    known = Q(email="") | Q(invited_by=user) | Q(email__iexact=user.email)
    return TeamInvitation.open().filter(known, team=team)


def _hand_over_albums(team: Team, user: User) -> None:
    """A team's album is its people's work: it stays with the team, as the album of whoever has owned that longest."""
    heir = User.objects.filter(memberships__team=team, memberships__role=TeamRole.OWNER)
    team.albums.filter(owner=user).update(owner=heir.order_by("memberships__joined_at", "pk").first())


def _keep_an_owner(team: Team, leaving: User) -> None:
    if not team.memberships.filter(role=TeamRole.OWNER).exclude(user=leaving).exists():
        raise NotPossible(LAST_OWNER)


def _take_back_keys(request: HttpRequest, team: Team, user: User) -> None:
    """Only an owner's keys are the team's to use."""
    for use in TeamKey.objects.filter(team=team, key__owner=user).select_related("key"):
        use.delete()
        audit.note(request, "team_key.revoked", use.key.label, team=team)


@contextmanager
def _alone_with(team: Team) -> Iterator[None]:
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        yield


def _article(word: str) -> str:
    return f"{'an' if word == TeamRole.OWNER else 'a'} {TeamRole(word).label.lower()}"


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
