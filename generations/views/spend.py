"""What one has spent, month by month."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.money import chat, ledger, limits, spend
from generations.money.amounts import Month
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest

LINES = 400  # of the table; the file has every job


@signed_in
@require_safe
def spend_page(request: HtmxRequest) -> HttpResponse:
    user, month = person(request), _month(request)
    sheets = spend.sheets(user, month)
    chat_lines = chat.lines(user, month)
    lines = sorted((line for sheet in sheets for line in sheet.lines), key=lambda line: line.day, reverse=True)
    context = {
        "month": month,
        "months": spend.months(),
        "sheets": [sheet for sheet in sheets if sheet.unit],
        "unpriced": sum(sheet.total.unpriced for sheet in sheets),
        "lines": lines[:LINES],
        "more_lines": max(0, len(lines) - LINES),
        "free_jobs": spend.free_jobs(user, month),
        "chat_lines": chat_lines,
        "chat_totals": chat.totals(chat_lines),
        "standings": limits.standings(user),
    }
    return render(request, "generations/spend.html", context)


@signed_in
@require_safe
def spend_file(request: HttpRequest) -> StreamingHttpResponse:
    """Every job of the month, as CSV."""
    month = _month(request)
    name = f'attachment; filename="studio-{month}.csv"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(ledger.rows(person(request), month), content_type="text/csv", headers=headers)


def _month(request: HttpRequest) -> Month:
    """As asked for, within the last year; else this one."""
    asked = Month.read(request.GET.get("month", ""))
    return asked if asked in spend.months() else Month.now()
