"""The operator's audit log."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import operator_only
from accounts.audit import Asked


@operator_only
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    asked, before = Asked.read(request.GET), request.GET.get("before", "")
    entries, last = audit.page(asked.entries(), int(before) if before.isdecimal() and len(before) < 19 else None)
    given = {name: value for name, value in request.GET.items() if name != "before" and value}
    context = {
        "asked": asked,
        "entries": entries,
        "actions": audit.actions(),
        "days": settings.AUDIT_DAYS,
        "query": urlencode(given),
        "older": urlencode({**given, "before": last}) if last else "",
    }
    return render(request, "accounts/audit.html", context)


@operator_only
@require_safe
def audit_file(request: HttpRequest) -> StreamingHttpResponse:
    """All that the page was asked for, as CSV."""
    name = f'attachment; filename="studio-audit-{timezone.now():%Y-%m-%d}.csv"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    lines = audit.lines(Asked.read(request.GET).entries())
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
