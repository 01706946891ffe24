"""The operator's choice of the providers that this Studio offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, offered
from accounts.access import operator_only
from accounts.models import ProviderKey
from studio.providers.dialect import Dialect
from studio.providers.registry import DIALECTS


@dataclass(frozen=True, slots=True)
class Row:
    dialect: Dialect
    is_offered: bool
    keys: int

    @property
    def does(self) -> str:
        return "Chat" if self.dialect.chats else "Pictures, clips and sounds"


@operator_only
@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    held = offered.withheld()
    counts = dict(ProviderKey.objects.order_by().values_list("provider").annotate(Count("pk")))
    rows = [Row(dialect, name not in held, counts.get(name, 0)) for name, dialect in DIALECTS.items()]
    return render(request, "accounts/providers.html", {"rows": rows})


def _change(verb: Callable[[str], None], action: str, said: str) -> Callable[[HttpRequest, str], HttpResponse]:
    @operator_only
    @require_POST
    def change(request: HttpRequest, provider: str) -> HttpResponse:
        if provider not in DIALECTS:
            raise Http404
        verb(provider)
        audit.note(request, action, DIALECTS[provider].label)
        messages.success(request, said.format(DIALECTS[provider].label))
        return redirect("providers")

    return change


provider_withhold = _change(offered.withhold, "provider.withheld", "{} is not offered any more. What runs goes on.")
provider_offer = _change(offered.offer, "provider.offered", "{} is offered.")
