"""The keys that a team may use, and what each member used of them this month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import balances, team_keys, teams
from accounts.access import get_own_team, get_team, get_team_key
from accounts.models import Team, TeamKey, TeamRole, User
from accounts.team_forms import GrantForm, TermsForm
from generations import approvals
from generations.money import lent
from generations.money.lent import Sums
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest
from studio.providers.registry import DIALECTS


@dataclass(frozen=True, slots=True)
class Use:
    """A key of the team. `parts` are of those members whose use the person may see: theirs, or everybody's."""

    use: TeamKey
    unit: str
    is_own: bool
    parts: list[tuple[User, Decimal]] = field(default_factory=list)
    form: TermsForm | None = None

    @property
    def provider_label(self) -> str:
        return DIALECTS[self.use.key.provider].label


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HtmxRequest, team_id: int) -> HttpResponse:
    """POST: lets the team use a key of one's own."""
    if request.method != "POST":
        return _show(request, get_team(request, team_id))
    team, user = get_own_team(request, team_id), person(request)
    form = GrantForm(request.POST, team=team, user=user)
    if not form.is_valid():
        return _show(request, team, grant=form, status=422)
    if team_keys.grant(request, team, form.cleaned_data["key"], **form.terms):
        messages.success(request, f"{team} may use {form.cleaned_data['key'].label} now.")
    return redirect("team-keys", team.pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def key_change(request: HtmxRequest, team_id: int, use_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    use = get_team_key(request, team, use_id)
    form = TermsForm(request.POST or None, instance=use)
    if request.method != "POST" or not form.is_valid():
        return _show(request, team, change=form, status=422 if form.errors else 200)
    team_keys.change(request, use, **form.terms)
    messages.success(request, f"What the team may spend with {use.key.label} is set.")
    return redirect("team-keys", team.pk)


@signed_in
@require_POST
def key_revoke(request: HtmxRequest, team_id: int, use_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    use = get_team_key(request, team, use_id)
    if team_keys.revoke(request, use):
        messages.success(request, f"{team} may not use {use.key.label} any more. What is under way goes on.")
    return redirect("team-keys", team.pk)


def _show(
    request: HtmxRequest,
    team: Team,
    *,
    grant: GrantForm | None = None,
    change: TermsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    role = teams.role(user, team)
    initial = {"key": request.GET.get("key", "")}
    context = {
        "team": team,
        "role": role,
        "uses": _uses(team, user, change),
        "grant": (grant or GrantForm(team=team, user=user, initial=initial)) if role == TeamRole.OWNER else None,
        "waiting": approvals.waiting(user).count(),
    }
    return render(request, "accounts/team_keys.html", context, status=status)


def _uses(team: Team, user: User, change: TermsForm | None) -> list[Use]:
    uses = list(team_keys.of(team))
    used = lent.used([use.key for use in uses])
    members = [one.user for one in team.memberships.select_related("user") if one.role in teams.WRITERS]
    return [_use(use, user, members, used, change) for use in uses]


def _use(
    use: TeamKey, user: User, members: list[User], used: Mapping[tuple[int, int], Sums], change: TermsForm | None
) -> Use:
    is_own = use.key.owner_id == user.pk
    seen = [one for one in members if one.pk != use.key.owner_id and (is_own or one.pk == user.pk)]
    sums = {one.pk: used.get((use.key_id, one.pk), {}) for one in seen}
    most = max((unit for by_unit in sums.values() for unit in by_unit), default="")
    unit = balances.unit(use.key) or most
    parts = [(one, sums[one.pk].get(unit, Decimal(0))) for one in seen]
    return Use(use, unit, is_own, parts, change if change and change.instance.pk == use.pk else None)
