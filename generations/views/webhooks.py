"""Where providers call back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import callbacks


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, token: str) -> HttpResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HttpResponse(status=callbacks.receive(token, headers, request.read(callbacks.LARGEST + 1)))
