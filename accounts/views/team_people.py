"""The people of a team, its invitations, and the page that an invited person opens."""

from __future__ import annotations

from typing import Any

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import team_invitations, teams
from accounts.access import get_member, get_own_team, get_team, get_team_invitation, person
from accounts.models import Team, TeamInvitation, TeamRole
from accounts.team_forms import TeamInviteForm

LISTED = 100  # invitations


@login_required
@require_safe
def team_people(request: HttpRequest, team_id: int) -> HttpResponse:
    return _show(request, get_team(request, team_id))


@login_required
@require_POST
def team_role(request: HttpRequest, team_id: int, user_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    wanted, user = request.POST.get("role", ""), get_member(team, user_id)
    try:
        if wanted in TeamRole.values and teams.set_role(request, team, user, wanted):
            messages.success(request, f"{user}: {TeamRole(wanted).label.lower()} from now on.")
    except teams.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("team-people", team.pk)


@login_required
@require_POST
def team_remove(request: HttpRequest, team_id: int, user_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    user = get_member(team, user_id)
    try:
        withdrawn = teams.remove(request, team, user)
        if withdrawn is not None:
            messages.success(request, f"{user} is not in {team} any more.{_also(withdrawn)}")
    except teams.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("team-people", team.pk)


# -- Invitations -----------------------------------------------------------------------------------------------------
@login_required
@require_POST
@never_cache
@rate_limit(action="team_invite")  # type: ignore[untyped-decorator]  # allauth has no types
def team_invite(request: HttpRequest, team_id: int) -> HttpResponse:
    """Answers with the page itself: the link is shown once and kept nowhere."""
    team = get_own_team(request, team_id)
    form = TeamInviteForm(request.POST, team=team)
    if not form.is_valid():
        return _show(request, team, form, status=422)
    return _show_link(request, team, *team_invitations.invite(request, team, **form.cleaned_data))


@login_required
@require_POST
@never_cache
@rate_limit(action="team_invite")  # type: ignore[untyped-decorator]  # allauth has no types
def team_invitation_renew(request: HttpRequest, team_id: int, invitation_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    invitation = get_team_invitation(team, invitation_id)
    word = team_invitations.renew(request, invitation)
    if word is None:
        messages.error(request, "This invitation has ended. Make a new one.")
        return redirect("team-people", team.pk)
    return _show_link(request, team, invitation, word)


@login_required
@require_POST
def team_invitation_revoke(request: HttpRequest, team_id: int, invitation_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    if team_invitations.revoke(request, get_team_invitation(team, invitation_id)):
        messages.success(request, "The invitation is withdrawn.")
    return redirect("team-people", team.pk)


@require_safe
@never_cache
@rate_limit(action="team_link")  # type: ignore[untyped-decorator]  # allauth has no types
def team_invitation(request: HttpRequest, word: str) -> HttpResponse:
    """For who has the link. One that never was and one that has ended look the same."""
    invitation = team_invitations.find(word)
    if invitation is None:
        return _ended(request, word)
    if not request.user.is_authenticated:
        team_invitations.carry(request, invitation)
    context = {"invitation": invitation, "word": word, **_standing(request, invitation)}
    return render(request, "accounts/team_invitation.html", context)


@login_required
@require_POST
@rate_limit(action="team_link")  # type: ignore[untyped-decorator]  # allauth has no types
def team_invitation_accept(request: HttpRequest, word: str) -> HttpResponse:
    invitation = team_invitations.find(word)
    if invitation is None or not team_invitations.accept(request, invitation, person(request)):
        return _ended(request, word)
    messages.success(request, f"Welcome to {invitation.team}.")
    return redirect("team-people", invitation.team_id)


def _ended(request: HttpRequest, word: str) -> HttpResponse:
    """Who has joined by it, or clicks twice, is shown the team."""
    team = team_invitations.joined(word, person(request)) if request.user.is_authenticated else None
    if team:
        return redirect("team-people", team.pk)
    return render(request, "accounts/team_invitation_ended.html", status=404)


def _also(withdrawn: int) -> str:
    if not withdrawn:
        return ""
    many = "One invitation" if withdrawn == 1 else f"{withdrawn} invitations"
    return f" {many} by which they could come back {'is' if withdrawn == 1 else 'are'} withdrawn."


def _standing(request: HttpRequest, invitation: TeamInvitation) -> dict[str, bool]:
    """What the visitor can do with it."""
    if not request.user.is_authenticated:
        can = settings.SIGNUP == "open" or (settings.SIGNUP == "invite" and team_invitations.admits(request))
        return {"may_sign_up": can}
    user = person(request)
    return {
        "is_theirs": team_invitations.is_for(invitation, user.email),
        "is_in": bool(teams.role(user, invitation.team)),
    }


def _show_link(request: HttpRequest, team: Team, invitation: TeamInvitation, word: str) -> HttpResponse:
    address = team_invitations.link(word, request)
    mailed = bool(invitation.email) and settings.HAS_MAIL and team_invitations.send(invitation, address)
    return _show(request, team, invited=invitation, link=address, mailed=mailed)


def _show(
    request: HttpRequest, team: Team, form: TeamInviteForm | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    role = teams.role(person(request), team)
    context |= {
        "team": team,
        "role": role,
        "roles": TeamRole,
        "memberships": team.memberships.select_related("user"),
    }
    if role == TeamRole.OWNER:
        listed = team.invitations.select_related("invited_by")[:LISTED]
        context["invitations"] = [(one, team_invitations.state(one)) for one in listed]
        context["form"] = form or TeamInviteForm(team=team)
    return render(request, "accounts/team_people.html", context, status=status)
