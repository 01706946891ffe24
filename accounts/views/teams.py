"""One's teams, the settings of one, and the space that one looks at."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import teams as verbs
from accounts.access import get_own_team, get_team, person
from accounts.models import Team
from accounts.team_forms import DeleteForm, LeaveForm, TeamForm, TransferForm


@login_required
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/teams.html", {"memberships": verbs.memberships(person(request))})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if form.is_valid():
        try:
            team = verbs.make(request, form.cleaned_data["name"])
        except verbs.NotPossible as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("team-people", team.pk)
    return render(request, "accounts/team_new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def team_settings(request: HttpRequest, team_id: int) -> HttpResponse:
    return _settings(request, get_team(request, team_id))


@login_required
@require_POST
def team_rename(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _settings(request, team, rename=form, status=422)
    verbs.rename(request, team, form.cleaned_data["name"])
    messages.success(request, "Renamed.")
    return redirect("team-settings", team.pk)


@login_required
@require_POST
def team_transfer(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    form = TransferForm(request.POST, team=team, user=person(request))
    if not form.is_valid():
        return _settings(request, team, transfer=form, status=422)
    if verbs.transfer(request, team, form.cleaned_data["to"]):
        messages.success(request, f"{form.cleaned_data['to']} owns {team} now.")
    return redirect("team-settings", team.pk)


@login_required
@require_POST
def team_leave(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_team(request, team_id)
    form = LeaveForm(request.POST)
    try:
        form.is_valid()
        verbs.leave(request, team, take_along=form.cleaned_data["take_along"])
    except verbs.NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect("team-settings", team.pk)
    messages.success(request, f"You have left {team}.")
    return redirect("teams")


@login_required
@require_POST
def team_delete(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_own_team(request, team_id)
    form = DeleteForm(request.POST, team=team)
    if not form.is_valid():
        return _settings(request, team, delete=form, status=422)
    verbs.delete(request, team)
    messages.success(request, f"{team} is deleted. What was shared with it is its makers’ alone.")
    return redirect("teams")


@login_required
@require_POST
def space(request: HttpRequest) -> HttpResponse:
    """`team`: whose things to look at from now on; none: one's own."""
    wanted = request.POST.get("team", "")
    if not wanted:
        verbs.enter(person(request), None)
        return redirect("gallery")
    team = get_team(request, int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else 0)
    verbs.enter(person(request), team)
    return redirect(_gallery(team))


def _gallery(team: Team) -> str:
    try:
        return reverse("team", args=[team.pk])
    except NoReverseMatch:
        return reverse("team-people", args=[team.pk])


def _settings(
    request: HttpRequest,
    team: Team,
    *,
    rename: TeamForm | None = None,
    transfer: TransferForm | None = None,
    delete: DeleteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    context = {
        "team": team,
        "role": verbs.role(user, team),
        "rename": rename or TeamForm(initial={"name": team.name}),
        "transfer": transfer or TransferForm(team=team, user=user),
        "leave": LeaveForm(),
        "delete": delete or DeleteForm(team=team),
    }
    return render(request, "accounts/team_settings.html", context, status=status)
