"""What messages begin from, and what begins from them: pictures for models that see, and a reply as a prompt."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations.chats import making, offers, pictures
from generations.views.access import get_message, person, signed_in


@signed_in
@require_safe
def sight(request: HttpRequest) -> HttpResponse:
    """Whether the models that are named (`model`) take pictures, in words; nothing where all do."""
    sources = offers.sources(person(request))
    found = [offer for name in request.GET.getlist("model")[:20] if (offer := offers.find(sources, name))]
    context = {"trouble": pictures.trouble(found), "doubt": pictures.doubt(found)}
    return render(request, "generations/chat/_sight.html", context)


@signed_in
@require_POST
def message_make(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Opens Create with the message, or with what is selected of it (`text`), as its prompt. It makes nothing."""
    found = get_message(request, message_id)
    making.keep(request.session, found, request.POST.get("text", ""))
    return redirect(f"{reverse('create')}?message={found.pk}")
