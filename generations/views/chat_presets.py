"""What one keeps to begin conversations with."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.chats import offers, presets
from generations.models import ChatPreset, Conversation
from generations.views import chat_forms as forms
from generations.views.access import conversations_of, get_preset, person, signed_in
from studio.middleware import HtmxRequest


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def chat_presets(request: HtmxRequest) -> HttpResponse:
    """The list; a POST keeps a new one."""
    if request.method == "POST":
        return _save(request, ChatPreset(owner=person(request)))
    return _list(request)


@signed_in
@require_safe
def chat_preset_new(request: HtmxRequest) -> HttpResponse:
    """Empty, or as a conversation of one's own is (`?from=`)."""
    return _form(request, _begun(request))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def chat_preset(request: HtmxRequest, preset_id: int) -> HttpResponse:
    found = get_preset(request, preset_id)
    return _save(request, found) if request.method == "POST" else _form(request, found)


@signed_in
@require_POST
def chat_preset_delete(request: HtmxRequest, preset_id: int) -> HttpResponse:
    """Deletes it; the answer holds all of it, to be kept again."""
    found = get_preset(request, preset_id)
    found.delete()
    return _list(request, deleted=found)


def _list(request: HtmxRequest, deleted: ChatPreset | None = None) -> HttpResponse:
    sources = offers.sources(person(request))
    rows = [(one, offers.find(sources, offers.id_of(one))) for one in presets.of(person(request))]
    context: dict[str, Any] = {"rows": rows, "deleted": deleted}
    if deleted:
        context["model"] = offers.id_of(deleted) if deleted.model else ""
        context["kept"] = forms.settings_form(sources, presets.conversation(deleted))
    return render(request, "generations/chat/presets.html", context)


def _form(request: HtmxRequest, preset: ChatPreset, trouble: str = "") -> HttpResponse:
    sources = offers.sources(person(request))
    data = request.POST if request.method == "POST" else None
    wanted = request.POST.get("model") if data else (offers.id_of(preset) if preset.model else "")
    context = {
        "preset": preset,
        "sources": sources,
        "wanted": wanted,
        "is_gone": bool(wanted) and offers.find(sources, wanted or "") is None,
        "settings_form": forms.settings_form(sources, presets.conversation(preset), data),
        "name": request.POST.get("name", preset.name),
        "system": forms.written(request, "system") if data else preset.system,
        "trouble": trouble,
    }
    return render(request, "generations/chat/preset.html", context, status=422 if trouble else 200)


def _save(request: HtmxRequest, preset: ChatPreset) -> HttpResponse:
    sources = offers.sources(person(request))
    wanted = request.POST.get("model", "")
    offer = offers.find(sources, wanted) if wanted else None
    if wanted and offer is None:
        return _form(request, preset, "This model is not there any more. Choose another, or none.")
    try:
        settings, system = forms.settings(request, sources), forms.system(request)
        presets.save(preset, name=request.POST.get("name", ""), system=system, settings=settings, offer=offer)
    except (forms.Unfit, presets.Unfit) as error:
        return _form(request, preset, str(error))
    return redirect("chat-presets")


def _begun(request: HtmxRequest) -> ChatPreset:
    found: Conversation | None = None
    with suppress(ValueError):
        found = conversations_of(person(request)).filter(pk=UUID(request.GET.get("from", ""))).first()
    return presets.from_conversation(found) if found else ChatPreset(owner=person(request))
