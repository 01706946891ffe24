"""One's own tags: how often each is used, and a POST for each verb."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations.forms.organise import TagForm
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
    renamed = kept.rename(tag, form.cleaned_data["name"]) if form.is_valid() else None
    if renamed is None:
        messages.error(request, "A tag needs a name.")
    elif renamed.pk != tag_id:
        messages.info(request, f"{was} is {renamed.name} now, like the others.")
    return redirect(reverse("tags"))


@signed_in
@require_POST
def tag_merge(request: HtmxRequest, tag_id: int) -> HttpResponse:
    tag = get_tag(request, tag_id)
    other = request.POST.get("into", "")
    into = get_tag(request, int(other)) if other.isascii() and other.isdigit() and len(other) < 18 else tag
    if into != tag:
        kept.merge(tag, into)
        messages.info(request, f"{tag.name} is {into.name} now.")
    return redirect(reverse("tags"))


@signed_in
@require_POST
def tag_delete(request: HtmxRequest, tag_id: int) -> HttpResponse:
    tag = get_tag(request, tag_id)
    count = kept.delete(tag)
    messages.info(request, f"Deleted the tag {tag.name}; {count} job{'' if count == 1 else 's'} had it.")
    return redirect(reverse("tags"))
