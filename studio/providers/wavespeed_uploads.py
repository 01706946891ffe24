"""Bringing media to WaveSpeedAI: by a ticket, which says where to PUT the bytes, or as a form of the older way."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from studio.providers import reading
from studio.providers.base import Json, Ticket

MAX_ADDRESS = 4000  # characters

_MIME = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,80}")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie"})  # the transport's to say


def ticket(data: Mapping[str, Json]) -> Ticket | None:
    """{"download_url", "upload": {"method": "PUT", "url", "headers"}}; None where it does not say where to."""
    upload = data.get("upload")
    if not isinstance(upload, dict) or reading.text(upload.get("method", "PUT")).upper() != "PUT":
        return None
    at, where, given = address(data.get("download_url")), address(upload.get("url")), upload.get("headers")
    headers = given.items() if isinstance(given, dict) else ()
    fit = {name: value for name, value in headers if _is_header(name, value)}
    return Ticket(at, "PUT", where, fit) if at and where else None


def form(name: str, content: bytes, content_type: str) -> tuple[bytes, str]:
    """A multipart body of one part, `file`, and its content type."""
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{filename(name)}"\r\n'
        f"Content-Type: {mime(content_type)}\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def address(value: Json) -> str:
    """A web address, or the empty text."""
    found = reading.text(value)
    fit = found.startswith(("https://", "http://")) and found.isprintable() and len(found) <= MAX_ADDRESS
    return found if fit else ""


def filename(name: str) -> str:
    """Its last part, in letters that every server takes; the ending stays."""
    last = re.split(r"[/\\]", name)[-1]
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.")
    return safe[-100:].lstrip("-.") or "file"


def mime(content_type: str) -> str:
    bare = content_type.partition(";")[0].strip().lower()
    return bare if _MIME.fullmatch(bare) else "application/octet-stream"


def _is_header(name: Json, value: Json) -> bool:
    fit = isinstance(name, str) and _HEADER.fullmatch(name) and name.lower() not in _OURS
    return bool(fit) and isinstance(value, str) and value.isascii() and value.isprintable()
