"""The keys that a team may use: granted by their owners, each with what a member may spend unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import audit, teams
from accounts.models import ProviderKey, Team, TeamKey, TeamRole, User
from studio.providers.base import Cost
from studio.providers.registry import DIALECTS


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner of a key lets somebody do with it, in the key's own unit; None: no such limit.

    Where several teams reach the same key, the strictest of what they say holds.
    """

    member_limit: Decimal | None = None
    approve_above: Decimal | None = None

    def asks(self, cost: Cost | None, unit: str) -> bool:
        """Is a job of this price to wait for the key's owner? Where there is an amount, one of unknown price is."""
        if self.approve_above is None or (cost is not None and cost.amount == 0):
            return False
        return cost is None or cost.unit != unit or cost.amount > self.approve_above


def terms(user_id: int, keys: Iterable[ProviderKey]) -> dict[int, Terms]:
    """By the key's id, of those among them that are others' and that the person may use."""
    lent = {key.pk for key in keys if key.owner_id != user_id}
    if not lent:
        return {}
    found: dict[int, Terms] = {}
    for use in _reaching(user_id).filter(key__in=lent):
        before = found.get(use.key_id, Terms())
        found[use.key_id] = Terms(
            _stricter(before.member_limit, use.member_limit), _stricter(before.approve_above, use.approve_above)
        )
    return found


def _reaching(user_id: int) -> QuerySet[TeamKey]:
    return TeamKey.objects.filter(team__memberships__user=user_id, team__memberships__role__in=teams.WRITERS)


def of(team: Team) -> QuerySet[TeamKey]:
    """Those of providers that Studio still speaks to."""
    return TeamKey.objects.filter(team=team, key__provider__in=DIALECTS).select_related("key__owner")


def grantable(user: User, team: Team) -> QuerySet[ProviderKey]:
    """The person's own keys that the team does not use yet."""
    return ProviderKey.objects.filter(owner=user, provider__in=DIALECTS).exclude(team_uses__team=team)


def grant(
    request: HttpRequest,
    team: Team,
    key: ProviderKey,
    *,
    member_limit: Decimal | None = None,
    approve_above: Decimal | None = None,
) -> TeamKey | None:
    """None where its owner is no owner of the team (any more). A second time only changes the terms."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        if teams.role(key.owner, team) != TeamRole.OWNER:
            return None
        asked = {"member_limit": member_limit, "approve_above": approve_above}
        use, _ = TeamKey.objects.update_or_create(team=team, key=key, defaults=asked)
        audit.note(request, "team_key.granted", key.label, team=team, **_written(asked))
    return use


def change(request: HttpRequest, use: TeamKey, *, member_limit: Decimal | None, approve_above: Decimal | None) -> None:
    asked = {"member_limit": member_limit, "approve_above": approve_above}
    TeamKey.objects.filter(pk=use.pk).update(**asked)
    audit.note(request, "team_key.changed", use.key.label, team=use.team, **_written(asked))


def revoke(request: HttpRequest, use: TeamKey) -> bool:
    """From now on nothing new is sent with it for the team; what is at the provider is watched to its end."""
    if not TeamKey.objects.filter(pk=use.pk).delete()[0]:
        return False
    audit.note(request, "team_key.revoked", use.key.label, team=use.team)
    return True


def _stricter(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _written(amounts: dict[str, Decimal | None]) -> dict[str, str]:
    return {name: f"{amount.normalize():f}" for name, amount in amounts.items() if amount is not None}
