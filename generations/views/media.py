"""Saved results, to those who may see them: whole, by range, as a download, or a preview."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils._os import safe_join
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from generations.models import Output
from generations.views.access import get_output, signed_in
from studio.lib.ranges import ByteRange, Unsatisfiable, if_range_holds, parse_range, slices

CHUNK = 256 * 1024
FOREVER = "private, max-age=31536000, immutable"  # a result never changes; a deleted one is asked for by nobody


@signed_in
@require_safe
def output_original(request: HttpRequest, job_id: UUID, position: int) -> HttpResponseBase:
    """The provider's bytes; `?download` saves them under a name that says what they are."""
    output = get_output(request, job_id, position)
    response = _file(request, output.file, output.content_type, f'"{output.sha256}"')
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
    return _file(request, name, "image/webp", f'"{output.sha256[:32]}-{size}"')


def file_name(output: Output) -> str:
    """Such as "a-lake-at-dawn-seed-42.png"."""
    words = re.sub(r"[^\w\s-]", "", output.job.prompt)[:60].split()
    seed = output.job.settings.get("seed")
    stem = "-".join(words).lower() or output.kind
    stem += f"-seed-{seed}" if seed is not None else ""
    stem += f"-{output.position + 1}" if output.position else ""
    return stem + Path(output.file).suffix


def _file(request: HttpRequest, name: str, content_type: str, etag: str) -> HttpResponseBase:
    headers = {"ETag": etag, "Cache-Control": FOREVER, "Accept-Ranges": "bytes"}
    known = get_conditional_response(request, etag, response=HttpResponse(headers=headers))
    if known is not None and known.status_code != 200:
        return known
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, name))
        size = path.stat().st_size
    except (FileNotFoundError, SuspiciousFileOperation) as error:
        raise Http404 from error
    try:
        part = _asked_part(request, size, etag)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if part:
        headers["Content-Range"] = part.content_range
    whole = part or ByteRange(0, size - 1, size)
    headers["Content-Length"] = str(whole.length)
    status = 206 if part else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=content_type, headers=headers)
    return StreamingHttpResponse(_chunks(path, whole), status=status, content_type=content_type, headers=headers)


def _asked_part(request: HttpRequest, size: int, etag: str) -> ByteRange | None:
    """None: the whole file. A range is a matter of GET alone."""
    if request.method != "GET" or not if_range_holds(request.headers.get("If-Range"), etag=etag):
        return None
    return parse_range(request.headers.get("Range"), size)


async def _chunks(path: Path, part: ByteRange) -> AsyncIterator[bytes]:
    """The part's bytes, a chunk at a time: never a whole video in memory, and no thread held between two chunks."""
    file = await asyncio.to_thread(path.open, "rb")
    pieces = slices(file, part.first, part.length, chunk=CHUNK)
    try:
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece
    finally:
        file.close()
