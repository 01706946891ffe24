"""What a team sees together: its gallery, and what happened in it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import get_team
from accounts.models import Team, User
from generations.drawn import for_team_cards
from generations.search import Search
from generations.together import activity
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest

MOST_PEOPLE = 60  # to filter by


@signed_in
@require_safe
def team(request: HtmxRequest, team_id: int) -> HttpResponse:
    """The page; with htmx asking for the next page or another filter, only the grid."""
    found = get_team(request, team_id)
    search = Search.read(request.GET).for_a_team()
    jobs, following = search.page(person(request), team=found, read=for_team_cards)
    template = "generations/team.html"
    if request.htmx and not request.htmx.history_restore_request:
        template = "generations/_team_page.html" if search.before else "generations/team.html#results"
    return render(request, template, _context(request, found, search) | {"jobs": jobs, "following": following})


def _context(request: HtmxRequest, found: Team, search: Search) -> dict[str, object]:
    """`is_complete`: it shows all that is shared, the newest first, so that what comes later has its place there."""
    others = [name for name in search.narrowing if name != "person"]
    return {
        "team": found,
        "search": search,
        "people": _people(found),
        "is_complete": not others and not search.sort,
    }


def _people(found: Team) -> list[tuple[User, str]]:
    """Each with the id as the query string has it."""
    people = found.members.filter(is_active=True).only("name", "email").order_by("name", "email")[:MOST_PEOPLE]
    return [(one, str(one.pk)) for one in people]


@signed_in
@require_safe
def team_activity(request: HtmxRequest, team_id: int) -> HttpResponse:
    found = get_team(request, team_id)
    before = request.GET.get("before", "")
    template = "generations/activity.html"
    if request.htmx and not request.htmx.history_restore_request and before:
        template = "generations/_activity_days.html"
    return render(request, template, {"team": found, "feed": activity.feed(found, before)})
