"""Who is in which team, as what."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Membership, Team, TeamRole, User


def of(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user)


def role(user: User, team: Team | int | None) -> str:
    """Their role in it; "" for who is not in it."""
    return Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first() or ""


def is_owner(user: User, team: Team | int | None) -> bool:
    return role(user, team) == TeamRole.OWNER


def may_write(user: User, team: Team | int | None) -> bool:
    """Makes and shares in it; a viewer does not."""
    return role(user, team) in (TeamRole.OWNER, TeamRole.MEMBER)
