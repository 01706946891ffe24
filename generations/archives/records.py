"""A sidecar → the fields of a job and its result. Nothing in it is taken at its word."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from generations.archives import origins, sidecars
from generations.archives.origins import Origin
from generations.models import Colour, Review

LONGEST_PROMPT = 50_000  # characters
LONGEST_NOTE = 20_000
LARGEST_SETTINGS = 200_000
MOST_TAGS = 100
REFERENCE = re.compile(r"\b(asset|output):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Known:
    """What a sidecar tells: `fields` are Job's, by name; "" and None where it tells nothing."""

    id: UUID | None
    group: UUID | None
    position: int
    sha256: str
    fields: dict[str, Any]
    tags: list[str] = field(default_factory=list)
    is_flagged: bool = False
    origin: Origin = field(default_factory=Origin)


def read(content: bytes) -> Known | None:
    """None for JSON that is not Studio's."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("format") != sidecars.FORMAT:
        return None
    job, file, model = _part(said, "job"), _part(said, "file"), _part(said, "model")
    sha256 = text(file.get("sha256"), 64)
    return Known(
        id=uuid(job.get("id")),
        group=uuid(job.get("group")),
        position=_count(file.get("position"), 9_999),
        sha256=sha256 if SHA256.fullmatch(sha256) else "",
        is_flagged=file.get("is_flagged") is True,
        tags=_tags(said.get("tags")),
        origin=origins.read(said),
        fields={
            "position": _count(job.get("place"), 9_999),
            "provider": text(model.get("provider"), 40),
            "model": text(model.get("id"), 200),
            "model_name": text(model.get("name"), 200) or text(model.get("id"), 200),
            "prompt": text(said.get("prompt"), LONGEST_PROMPT),
            "settings": settings(said.get("settings")),
            "inference_seconds": _seconds(said.get("inference_seconds")),
            **_costs(_part(said, "cost")),
            **_times(_part(said, "times")),
            **_notes(said),
        },
    )


def renamed(content: str, moved: dict[str, str]) -> str:
    """Text in which references name what they meant under its new id."""
    return REFERENCE.sub(lambda found: f"{found[1]}:{moved.get(found[2], found[2])}", content) if moved else content


def derived(key: str, moment: datetime) -> UUID:
    """A UUIDv7 of that moment, always the same for the same key: what comes in again finds itself."""
    bits = int.from_bytes(hashlib.sha256(key.encode()).digest()[:10])
    milliseconds = int(moment.timestamp() * 1000) & (1 << 48) - 1
    return UUID(int=milliseconds << 80 | 7 << 76 | (bits >> 62 & 0xFFF) << 64 | 2 << 62 | bits & (1 << 62) - 1)


def text(value: Any, longest: int) -> str:
    """Without what no database keeps: NUL, and halves of signs."""
    return value.replace("\0", "")[:longest].encode(errors="replace").decode() if isinstance(value, str) else ""


def uuid(value: Any) -> UUID | None:
    """Of version 7 and not of the future: ids are the gallery's order."""
    try:
        found = UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
    latest = (timezone.now() + timedelta(days=1)).timestamp() * 1000
    return found if found and found.version == 7 and found.int >> 80 < latest else None


def settings(value: Any) -> dict[str, Any]:
    """As they were, where they can be kept."""
    try:
        plain = json.dumps(value, allow_nan=False, ensure_ascii=False) if isinstance(value, dict) else "{}"
        kept: dict[str, Any] = json.loads(text(plain.replace("\\u0000", ""), LARGEST_SETTINGS))
    except (ValueError, RecursionError):
        return {}
    return kept


def time(value: Any) -> datetime | None:
    try:
        found = parse_datetime(value) if isinstance(value, str) and len(value) < 60 else None
    except ValueError:
        return None
    if found is None or not 1990 <= found.year < 9000:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _tags(value: Any) -> list[str]:
    names = value[:MOST_TAGS] if isinstance(value, list) else []
    return [name for one in names if (name := " ".join(text(one, 60).split()))]


def _notes(said: dict[str, Any]) -> dict[str, Any]:
    colour, review = said.get("colour"), said.get("review")
    return {
        "note": text(said.get("note"), LONGEST_NOTE),
        "stars": _count(said.get("stars"), 5),
        "is_favourite": said.get("favourite") is True,
        "colour": colour if colour in Colour.values else "",
        "review": review if review in Review.values else "",
    }


def _costs(said: dict[str, Any]) -> dict[str, Any]:
    """What it cost where it was made; here nothing is charged for it."""
    costs: dict[str, Any] = {}
    for name in sidecars.PRICES:
        price = _part(said, name)
        amount = _amount(price.get("amount"))
        costs[f"{name}_amount"] = amount
        costs[f"{name}_unit"] = text(price.get("unit"), 12) if amount is not None else ""
    return costs


def _times(said: dict[str, Any]) -> dict[str, Any]:
    """When it was made, and done. The steps between are of a provider's history, which imports do not write."""
    now = timezone.now()
    created = min(time(said.get("created_at")) or now, now)
    return {"created_at": created, "finished_at": min(time(said.get("finished_at")) or created, now)}


def _count(value: Any, most: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else 0


def _seconds(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value < 1e7 else None


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(value) if isinstance(value, str) and len(value) < 40 else None
    except InvalidOperation:
        return None
    return round(amount, 6) if amount is not None and amount.is_finite() and 0 <= amount < 10**11 else None
