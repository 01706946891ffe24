"""Everything one has made."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.search import Search
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def gallery(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking for the next page or another filter, only the grid."""
    search = Search.read(request.GET)
    found, following = search.page(person(request))
    template = "generations/gallery.html"
    if request.htmx and not request.htmx.history_restore_request:
        template = "generations/_page.html" if search.before else "generations/gallery.html#results"
    return render(request, template, {"search": search, "jobs": found, "following": following})
