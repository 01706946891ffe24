"""Saved results, to those who may see them: whole, by range, as a download, or a preview."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from generations.models import Output
from generations.views import files
from generations.views.access import get_output, person, signed_in


@signed_in
@require_safe
def output_original(request: HttpRequest, job_id: UUID, position: int) -> HttpResponseBase:
    """The provider's bytes; `?download` saves them under a name that says what they are."""
    output = get_output(request, job_id, position)
    cache = files.cache_for(person(request), output.job.owner_id)
    response = files.answer(request, output.file, output.content_type, f'"{output.sha256}"', cache=cache)
    response["Content-Disposition"] = (
        content_disposition_header("download" in request.GET, file_name(output)) or "inline"
    )
    return response


@signed_in
@require_safe
def output_preview(request: HttpRequest, job_id: UUID, position: int, size: str) -> HttpResponseBase:
    """A WebP of 480 px ("thumbnail") or 1200 px ("preview"); of a video, its poster."""
    output = get_output(request, job_id, position)
    name = {"thumbnail": output.thumbnail, "preview": output.preview}.get(size)
    if not name:
        raise Http404
    cache = files.cache_for(person(request), output.job.owner_id)
    return files.answer(request, name, "image/webp", f'"{output.sha256[:32]}-{size}"', cache=cache)


def file_name(output: Output) -> str:
    """Such as "a-lake-at-dawn-seed-42.png"."""
    words = re.sub(r"[^\w\s-]", "", output.job.prompt)[:60].split()
    seed = output.job.settings.get("seed")
    stem = "-".join(words).lower() or output.kind
    stem += f"-seed-{seed}" if seed is not None else ""
    stem += f"-{output.position + 1}" if output.position else ""
    return stem + Path(output.file).suffix
