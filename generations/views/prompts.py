"""Prompts to use again: those that were used, and those that are kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import prompts as kept
from generations.forms import PROMPT_MAX
from generations.models import SavedPrompt
from generations.views.access import get_prompt, jobs_of, person, signed_in
from studio.middleware import HtmxRequest

SAVED = 200  # that are listed; more are found by their words


class SavedPromptForm(forms.ModelForm[SavedPrompt]):
    text = forms.CharField(
        max_length=PROMPT_MAX, label="Prompt", widget=forms.Textarea, error_messages={"required": "Write the prompt."}
    )
    negative = forms.CharField(max_length=PROMPT_MAX, label="Negative prompt", widget=forms.Textarea, required=False)
    title = forms.CharField(max_length=kept.TITLE_MAX, required=False)

    class Meta:
        model = SavedPrompt
        fields = ("title", "text", "negative")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["title"] = cleaned.get("title") or kept.headline(cleaned.get("text", ""))
        return cleaned


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def prompts(request: HtmxRequest) -> HttpResponse:
    """The page, or with htmx its next part. POST keeps a prompt: of the form here, or the one that Create holds."""
    return _keep(request) if request.method == "POST" else _list(request)


@signed_in
@require_safe
def prompts_menu(request: HtmxRequest) -> HttpResponse:
    """For Create: what is kept, and what was used last."""
    user = person(request)
    used, _ = kept.history(user)
    return render(request, "generations/prompts_menu.html", {"saved": kept.saved(user)[:SAVED], "used": used})


@signed_in
@require_safe
def prompt_new(request: HtmxRequest) -> HttpResponse:
    """Empty, or with the prompt of a job (`?from=`)."""
    made_with = _uuid(request, "from")
    job = jobs_of(person(request)).filter(pk=made_with).first() if made_with else None
    initial = {"text": kept.literal(job.prompt), "negative": job.settings.get("negative_prompt", "")} if job else {}
    form = SavedPromptForm(initial=initial)
    return render(request, "generations/prompt.html", {"form": form})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def prompt(request: HtmxRequest, prompt_id: int) -> HttpResponse:
    found = get_prompt(request, prompt_id)
    form = SavedPromptForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(reverse("prompts"))
    status = 422 if request.method == "POST" else 200
    return render(request, "generations/prompt.html", {"form": form, "prompt": found}, status=status)


@signed_in
@require_POST
def prompt_delete(request: HtmxRequest, prompt_id: int) -> HttpResponse:
    """Deletes it; the answer holds all of it, to be kept again."""
    found = get_prompt(request, prompt_id)
    found.delete()
    if request.htmx:
        return render(request, "generations/_prompt_deleted.html", {"deleted": found})
    return _list(request, deleted=found)


def _list(request: HtmxRequest, deleted: SavedPrompt | None = None) -> HttpResponse:
    user, search = person(request), request.GET.get("q", "").replace("\0", "").strip()[:200]
    used, following = kept.history(user, search=search, before=_uuid(request, "before"))
    context = {"used": used, "following": following, "search": search, "deleted": deleted}
    if request.htmx and not request.htmx.history_restore_request and "before" in request.GET:
        return render(request, "generations/prompts.html#history", context)
    template = "generations/prompts.html"
    if request.htmx and not request.htmx.history_restore_request:
        template += "#results"
    return render(request, template, {**context, "saved": kept.saved(user, search=search)[:SAVED]})


def _keep(request: HtmxRequest) -> HttpResponse:
    """What Create holds is named by its own fields there, and answered with a word."""
    sent = request.POST
    if "text" not in sent:
        return _keep_of_composer(request)
    form = SavedPromptForm(sent)
    if not form.is_valid():
        return render(request, "generations/prompt.html", {"form": form}, status=422)
    kept.save(person(request), **form.cleaned_data)
    return redirect(reverse("prompts"))


def _keep_of_composer(request: HtmxRequest) -> HttpResponse:
    text = request.POST.get("prompt", "").replace("\0", "").strip()[:PROMPT_MAX]
    if not text:
        return render(request, "generations/_toast.html", {"toast": "Write a prompt first."})
    negative = next((str(value) for name, value in request.POST.items() if name.endswith("-negative_prompt")), "")
    found, is_new = kept.save(person(request), text=text, negative=negative.replace("\0", "").strip()[:PROMPT_MAX])
    return render(request, "generations/_prompt_saved_toast.html", {"prompt": found, "is_new": is_new})


def _uuid(request: HtmxRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None
