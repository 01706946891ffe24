"""Files behind a link, by that link's rule alone: whoever's session it is, and whatever else it may open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from generations.links import contents, visiting
from generations.links.visiting import Closed, Locked, SignInFirst, Visit
from generations.models import Asset, Output
from generations.views import files, media
from generations.views.shared import quiet, visit

P = ParamSpec("P")
File = Callable[Concatenate[HttpRequest, Visit, P], HttpResponseBase]
ENDS = "private, no-store"  # with the link


def by_link(file: File[P]) -> Callable[..., HttpResponseBase]:
    @wraps(file)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return quiet(file(request, visit(request, token), *args, **kwargs))
        except (Closed, SignInFirst, Locked):
            raise Http404 from None

    return opened


@by_link
@require_safe
def shared_output(request: HttpRequest, visit: Visit, job_id: UUID, position: int) -> HttpResponseBase:
    """The original, to look at; `?download` saves it, where the link lets one."""
    output = visit.output(job_id, position)
    wants_file = "download" in request.GET
    if wants_file and not visit.link.may_download:
        raise Http404
    response = files.answer(request, output.file, output.content_type, f'"{output.sha256}"', cache=ENDS)
    response["Content-Disposition"] = content_disposition_header(wants_file, file_name(visit, output)) or "inline"
    return response


@by_link
@require_safe
def shared_preview(request: HttpRequest, visit: Visit, job_id: UUID, position: int, size: str) -> HttpResponseBase:
    return _preview(request, visit.output(job_id, position), size)


@by_link
@require_safe
def shared_picture(request: HttpRequest, visit: Visit, message_id: UUID, number: int) -> HttpResponseBase:
    """What is attached to a message."""
    found = visit.picture(message_id, number)
    if isinstance(found, Asset) and found.thumbnail and "small" in request.GET:
        return files.answer(request, found.thumbnail, "image/webp", f'"{found.sha256[:32]}-thumbnail"', cache=ENDS)
    return files.answer(request, found.file, found.content_type, f'"{found.sha256}"', cache=ENDS)


@require_safe
def shared_cover(request: HttpRequest, token: str) -> HttpResponseBase:
    """The picture of a messenger's preview, for whoever has the address: it comes without cookies."""
    try:
        link = visiting.previewed(token)
    except Closed:
        raise Http404 from None
    output = contents.cover(link)
    if output is None:
        raise Http404
    return quiet(_preview(request, output, "preview" if output.preview else "thumbnail"))


def file_name(visit: Visit, output: Output) -> str:
    """As it is saved: without words of a prompt, or a seed, that the link does not show."""
    if visit.link.shows_prompt and visit.link.shows_settings:
        return media.file_name(output)
    number = f"-{output.position + 1}" if output.position else ""
    return f"{output.kind}{number}{Path(output.file).suffix}"


def _preview(request: HttpRequest, output: Output, size: str) -> HttpResponseBase:
    name = {"thumbnail": output.thumbnail, "preview": output.preview}.get(size)
    if not name:
        raise Http404
    return files.answer(request, name, "image/webp", f'"{output.sha256[:32]}-{size}"', cache=ENDS)
