"""What is told of a file beside it: as JSON that people can read, and that Studio reads again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from generations import inputs
from generations.archives import origins
from generations.models import Job, Output
from studio.providers.base import Cost

FORMAT, VERSION = "studio.output", 1
TIMES = ("created_at", "submitted_at", "started_at", "made_at", "finished_at")
PRICES = ("quoted", "estimated", "actual")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which parts are told.

    `media`: what it begins from; `notes`: the owner's own words and marks (tags, note, stars, colour,
    review), and which of their jobs it was made from.
    """

    prompt: bool = True
    settings: bool = True
    cost: bool = True
    person: bool = True
    notes: bool = True
    media: bool = True


ALL = Shown()
TEAM = Shown(notes=False, media=False)  # as on the pages of a job for those with whom it is shared
Telling = Callable[[Job], Shown]  # how much is told of each job


def everything(job: Job) -> Shown:
    return ALL


def telling(reader: User) -> Telling:
    """Of one's own jobs all, and less of what others share."""
    return lambda job: ALL if job.owner_id == reader.pk else TEAM


def written(job: Job, output: Output, name: str, shown: Shown = ALL) -> bytes:
    return json.dumps(sidecar(job, output, name, shown), ensure_ascii=False, indent=1, default=str).encode()


def sidecar(job: Job, output: Output, name: str, shown: Shown = ALL) -> dict[str, Any]:
    """`name`: as the file is called in the archive. Of the job: its owner and tags are read."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "file": _file(output, name),
        "job": {"id": str(job.pk), "group": str(job.group), "place": job.position, "kind": job.kind},
        **({"model": {"provider": job.provider, "id": job.model, "name": job.model_name}} if shown.settings else {}),
        **({"prompt": job.prompt} if shown.prompt else {}),
        **({"settings": _settings(job, shown), "seed": job.settings.get("seed")} if shown.settings else {}),
        **({"cost": _costs(job)} if shown.cost else {}),
        **({"person": job.owner.display_name} if shown.person else {}),
        **(_notes(job) if shown.notes else {}),
        "times": {field: _time(getattr(job, field)) for field in TIMES},
        "inference_seconds": job.inference_seconds,
    }


def _file(output: Output, name: str) -> dict[str, Any]:
    facts = ("kind", "content_type", "size", "sha256", "width", "height", "duration", "is_flagged")
    return {"name": name, "position": output.position, **{fact: getattr(output, fact) for fact in facts}}


def _settings(job: Job, shown: Shown) -> Mapping[str, Any]:
    given: dict[str, Any] = job.settings
    return given if shown.prompt and shown.media else inputs.told_others(given, with_prompt=shown.prompt)


def _costs(job: Job) -> dict[str, Any]:
    return {"charge": job.charge, **{name: _amount(getattr(job, name)) for name in PRICES}}


def _amount(cost: Cost | None) -> dict[str, str] | None:
    return {"amount": f"{cost.amount.normalize():f}", "unit": cost.unit} if cost else None


def _notes(job: Job) -> dict[str, Any]:
    return {
        "tags": [tag.name for tag in job.tags.all()],
        "note": job.note,
        "stars": job.stars,
        "favourite": job.is_favourite,
        "colour": job.colour,
        "review": job.review,
        **origins.told(job),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
