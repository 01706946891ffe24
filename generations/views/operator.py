"""The operator's first page: how this Studio is doing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import operator_only
from generations import operating


@operator_only
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    context = {
        "worker": operating.worker(),
        "queue": operating.queue(),
        "disk": operating.disk(),
        "providers": operating.providers(),
        "usage": operating.usage(),
    }
    return render(request, "generations/operator.html", context)
