"""What tokens cost, as people say it: a table of the models that one can ask, at most one of them open for a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from generations.chats import price_list, prices
from generations.chats.price_list import Row
from generations.chats.prices import Priced
from generations.forms.prices import PriceForm, begun
from generations.models import ModelPrice
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest

ME, EVERYONE = "me", "everyone"


@dataclass(frozen=True, slots=True)
class Opened:
    """The row that is open for a change of the price `scope`; "": shown alone, as it stands in the table."""

    row: Row
    scope: str = ""
    form: PriceForm | None = None

    @property
    def price(self) -> ModelPrice | None:
        return self.row.prices.own if self.scope == ME else self.row.prices.everyones


@signed_in
@require_safe
def chat_prices(request: HtmxRequest) -> HttpResponse:
    """The page; `model` names one, and `for` opens it. With htmx only that row, or what a search found."""
    if not request.GET.get("model"):
        return _page(request)
    row = _row(request, request.GET)
    if "for" not in request.GET:
        return _show(request, Opened(row))
    opened = Opened(row, _scope(request, request.GET))
    initial = begun(opened.price, prices.last_unit(person(request)))
    return _show(request, replace(opened, form=PriceForm(initial=initial, auto_id=f"{row.id}-%s")))


@signed_in
@require_POST
def price_set(request: HtmxRequest) -> HttpResponse:
    row, scope = _row(request, request.POST), _scope(request, request.POST)
    form = PriceForm(request.POST, auto_id=f"{row.id}-%s")
    if not form.is_valid():
        return _show(request, Opened(row, scope, form), status=422)
    prices.put(_owner(request, scope), row.model, **form.cleaned_data)
    return _done(request, row, f"The price of {row.name} is set. Replies that are there keep theirs.")


@signed_in
@require_POST
def price_remove(request: HtmxRequest) -> HttpResponse:
    row, scope = _row(request, request.POST), _scope(request, request.POST)
    prices.remove(_owner(request, scope), row.model)
    return _done(request, row, f"The price of {row.name} is removed. Replies that are there keep theirs.")


def _row(request: HttpRequest, data: Mapping[str, Any]) -> Row:
    model = Priced(data.get("provider", ""), data.get("address", ""), data.get("model", "").strip())
    row = price_list.row(person(request), model)
    if row is None:
        raise Http404
    return row


def _scope(request: HttpRequest, data: Mapping[str, Any]) -> str:
    """For whom a price is; that for everyone is the operator's to say."""
    scope = data.get("for", "")
    if scope == ME or (scope == EVERYONE and person(request).is_superuser):
        return str(scope)
    raise Http404


def _owner(request: HttpRequest, scope: str) -> User | None:
    return person(request) if scope == ME else None


def _done(request: HtmxRequest, row: Row, said: str) -> HttpResponse:
    messages.success(request, said)
    if not request.htmx:
        return redirect("chat-prices")
    return _show(request, Opened(price_list.row(person(request), row.model) or replace(row, prices=prices.Prices())))


def _show(request: HtmxRequest, opened: Opened, status: int = 200) -> HttpResponse:
    if not request.htmx:
        return _page(request, opened, status)
    context = {"row": opened.row, "opened": opened, "part": True}
    return render(request, "generations/chat/_price.html", context, status=status)


def _page(request: HtmxRequest, opened: Opened | None = None, status: int = 200) -> HttpResponse:
    text = request.GET.get("q", "")[:200]
    context = {
        "groups": price_list.groups(person(request), text, opened.row if opened else None),
        "q": text,
        "opened": opened,
    }
    part = request.htmx and not request.htmx.history_restore_request
    template = "generations/chat/prices.html#found" if part else "generations/chat/prices.html"
    return render(request, template, context, status=status)
