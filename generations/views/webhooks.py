"""Providers call back here. What they say is not believed: it only makes us look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import jobs


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(status=204 if jobs.hint(token) else 404)
