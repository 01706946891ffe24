"""A file of our own storage as an answer: whole, by range, or only that it has not changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils._os import safe_join
from django.utils.cache import get_conditional_response

from accounts.models import User
from studio.lib.ranges import ByteRange, Unsatisfiable, if_range_holds, parse_range, slices

CHUNK = 256 * 1024
FOREVER = "private, max-age=31536000, immutable"  # a file never changes; a deleted one is asked for by nobody

ASK_EACH_TIME = "private, no-cache"  # what was taken back is not to be seen from the browser's own store


def cache_for(user: User, owner_id: int) -> str:
    """How a browser may keep what somebody looks at."""
    return FOREVER if user.pk == owner_id else ASK_EACH_TIME


def answer(request: HttpRequest, name: str, content_type: str, etag: str, *, cache: str = FOREVER) -> HttpResponseBase:
    """The stored file of that name. Raises Http404 where it is not there."""
    headers = {"ETag": etag, "Cache-Control": cache, "Accept-Ranges": "bytes"}
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
