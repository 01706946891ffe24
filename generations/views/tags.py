"""One's own tags: how often each is used, and a POST for each verb."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations.forms.organise import TagForm
from generations.models import Tag
from generations.organising import tags as kept
from generations.views.access import get_tag, person, signed_in
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def tags(request: HtmxRequest) -> HttpResponse:
    return render(request, "generations/tags.html", {"tags": kept.counted(person(request))})


@signed_in
@require_POST
def tag_rename(request: HtmxRequest, tag_id: int) -> HttpResponse:
    """Under a name that another one has already, the two become one."""
    tag = get_tag(request, tag_id)
    form, was = TagForm(request.POST), tag.name
    if not form.is_valid():
        return _said(request, "A tag needs a name.")
    into = kept.called(tag, form.cleaned_data["name"])
    if into is not None and _has_to_ask(request, tag):
        return _ask(request, tag, into)
    renamed = kept.rename(tag, form.cleaned_data["name"])
    if renamed is None:
        return _said(request, "A tag needs a name.")
    return _said(request, f"{was} is {renamed.name} now.")


@signed_in
@require_POST
def tag_merge(request: HtmxRequest, tag_id: int) -> HttpResponse:
    """`into`: the name of another one of one's own."""
    tag = get_tag(request, tag_id)
    into = kept.called(tag, request.POST.get("into", "")[:200])
    if into is None:
        return _said(request, "There is no other tag of that name.")
    if _has_to_ask(request, tag):
        return _ask(request, tag, into)
    kept.merge(tag, into)
    return _said(request, f"{tag.name} is {into.name} now.")


@signed_in
@require_POST
def tag_delete(request: HtmxRequest, tag_id: int) -> HttpResponse:
    tag = get_tag(request, tag_id)
    if _has_to_ask(request, tag):
        return _ask(request, tag)
    count = kept.delete(tag)
    return _said(request, f"Deleted the tag {tag.name}; {count} job{'' if count == 1 else 's'} had it.")


def _has_to_ask(request: HtmxRequest, tag: Tag) -> bool:
    """Nothing says afterwards which jobs had it."""
    return request.POST.get("sure") != "yes" and kept.used(tag) > 0


def _ask(request: HtmxRequest, tag: Tag, into: Tag | None = None) -> HttpResponse:
    """`into`: what becomes of it; none: it goes."""
    return render(request, "generations/tag_sure.html", {"tag": tag, "into": into, "used": kept.used(tag)})


def _said(request: HtmxRequest, sentence: str) -> HttpResponse:
    messages.info(request, sentence)
    return redirect(reverse("tags"))
