"""What people upload for jobs to begin from, to them alone; and the one file that a signed address opens."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from generations import inputs, uploads
from generations.views import files
from generations.views.access import get_asset, get_seen_asset, person, signed_in
from studio.middleware import HtmxRequest

MOST_AT_ONCE = 16  # files of one request
CHOOSER = 60  # entries
FIELD_NAME = re.compile(r"[\w.\[\]-]{1,120}", re.ASCII)


@signed_in
@require_POST
def asset_create(request: HtmxRequest) -> HttpResponse:
    """Takes files in; answers a tile of each, with a hidden field named as `name` says, and what was wrong with others.

    422 where none could be taken.
    """
    name = request.POST.get("name", "")
    given = [file for file in request.FILES.getlist("file") if isinstance(file, UploadedFile)][:MOST_AT_ONCE]
    taken, troubles = _taken(request, given)
    context = {
        "name": name if FIELD_NAME.fullmatch(name) else "asset",
        "inputs": taken,
        "troubles": troubles or ([] if given else ["Choose a file first."]),
    }
    return render(request, "generations/_assets.html", context, status=200 if taken else 422)


@signed_in
@require_safe
def input_list(request: HttpRequest) -> HttpResponse:
    """What one has uploaded and made lately, to choose from: of the kinds in `accept`, separated by commas."""
    kinds = [kind for kind in request.GET.get("accept", "").replace(" ", ",").split(",") if kind in inputs.KINDS]
    found = inputs.recent(person(request), kinds, limit=CHOOSER)
    return render(request, "generations/_chooser.html", {"inputs": found})


@signed_in
@require_safe
def asset(request: HttpRequest, asset_id: UUID) -> HttpResponseBase:
    found = get_seen_asset(request, asset_id)
    cache = files.cache_for(person(request), found.owner_id)
    return _inline(files.answer(request, found.file, found.content_type, f'"{found.sha256}"', cache=cache))


@signed_in
@require_safe
def asset_thumbnail(request: HttpRequest, asset_id: UUID) -> HttpResponseBase:
    found = get_seen_asset(request, asset_id)
    if not found.thumbnail:
        raise Http404
    cache = files.cache_for(person(request), found.owner_id)
    return files.answer(request, found.thumbnail, "image/webp", f'"{found.sha256[:32]}-thumbnail"', cache=cache)


@signed_in
@require_POST
def asset_delete(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    uploads.delete(get_asset(request, asset_id))
    return HttpResponse()


@csrf_exempt
@require_safe
def signed_input(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """One file, to whoever has its signed address, while that holds. `name` is for those who look at its ending."""
    media = inputs.signed(token)
    if media is None:
        raise Http404
    answer = files.answer(request, media.file, media.content_type, f'"{media.sha256}"', cache="private, no-store")
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return _inline(answer)


def _taken(request: HttpRequest, given: list[UploadedFile[Any]]) -> tuple[list[inputs.Input], list[str]]:
    taken: list[inputs.Input] = []
    troubles: list[str] = []
    for file in given:
        try:
            taken.append(inputs.shown(uploads.take_in(person(request), file)))
        except inputs.Unfit as error:
            troubles.append(str(error))
    return taken, troubles


def _inline(answer: HttpResponseBase) -> HttpResponseBase:
    answer["Content-Disposition"] = "inline"
    return answer
