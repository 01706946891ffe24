"""Browsers that take notices, and the worker that shows them there."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_browser, person
from accounts.notices import push
from accounts.templatetags.accounts import device
from studio.lib.egress import Forbidden


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, since a worker serves what lies below its own address. Browsers ask for it anew each day."""
    path = finders.find("js/sw.js")
    if not isinstance(path, str):
        raise Http404
    with open(path, encoding="utf-8") as file:
        return HttpResponse(file.read(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@login_required
@require_POST
def browser_add(request: HttpRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        push.subscribe(person(request), **given, browser=device(request.headers.get("User-Agent", "")))
    except (ValueError, Forbidden):
        messages.error(request, "This browser gave no address that Studio may send to.")
    else:
        messages.success(request, "This browser is told from now on.")
    return redirect("notice-choices")


@login_required
@require_POST
def browser_remove(request: HttpRequest, subscription_id: int) -> HttpResponse:
    get_browser(request, subscription_id).delete()
    messages.success(request, "That browser is not told any more.")
    return redirect("notice-choices")
