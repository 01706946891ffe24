"""Is the process up, and is the whole of Studio ready to work?"""

from __future__ import annotations

import tempfile

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations.models import Lease


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, worker and storage, each "ok" or what is wrong; 503 while one is wrong."""
    parts = {"database": _database(), "worker": _worker(), "storage": _storage()}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unreachable"
    return "ok"


def _worker() -> str:
    try:
        lease = Lease.objects.filter(name="shift").first()
    except Error:
        return "unknown: the database does not answer"
    if lease is None or lease.expires_at is None or lease.expires_at < timezone.now():
        return "not heard from"
    return "ok"


def _storage() -> str:
    try:
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.MEDIA_ROOT) as file:
            file.write(b"ok")
    except OSError:
        return "not writable"
    return "ok"
