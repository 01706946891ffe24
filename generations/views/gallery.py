"""Everything one has made."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.drawn import for_found_cards, for_own_cards
from generations.search import Search
from generations.search.cards import cards
from generations.search.choices import choices, tags
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest

DENSITY = "density"  # the cookie that tells how large this browser likes the cards
DENSITIES = ("small", "medium", "large")


@signed_in
@require_safe
def gallery(request: HtmxRequest) -> HttpResponse:
    """The page, with `timeline` its months too; with htmx only the grid, its next cards, or the months."""
    user, search = person(request), Search.read(request.GET)
    is_part = bool(request.htmx) and not request.htmx.history_restore_request
    if is_part and "timeline" in request.GET:
        return render(request, "generations/_timeline.html", {"search": search})
    found, following = search.page(user, read=for_found_cards if search.text else for_own_cards)
    size = request.COOKIES.get(DENSITY, "")
    context = {
        "search": search,
        "cards": cards(search, found),
        "following": following,
        "density": size if size in DENSITIES else "medium",
    }
    if is_part:
        template = "generations/_page.html" if search.before else "generations/gallery.html#found"
        return render(request, template, context | ({"tags": tags(user)} if search.tags else {}))
    context |= {"choices": choices(user), "is_timeline_open": "timeline" in request.GET}
    return render(request, "generations/gallery.html", context)
