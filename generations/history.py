"""How long a job takes, from the team's own history: the median of the last ones of the same model and settings."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from statistics import median
from typing import Any

from django.core.cache import cache

from generations.models import Job
from generations.models.states import AT_PROVIDER

LOOKED_AT = 400  # of a model's last jobs; of these
LAST = 20  # of the same settings count,
LEAST = 3  # and fewer say nothing
FRESH = 60  # seconds until they are read again
LONGEST_CHOICE = 60  # characters; longer texts are prose, which takes no time of its own

_MEDIA = ("https://", "http://", "asset:", "output:", "data:")
_ANY = ""  # of all settings


def digest(settings: Mapping[str, Any]) -> str:
    """Equal for settings with which a job takes equally long: without seed and prose, media by their number."""
    plain = {name: value for name, value in _plain(settings).items() if "prompt" not in name and name != "seed"}
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def usual(job: Job) -> float | None:
    """Seconds from sending to made; None where too few are known."""
    return _medians(job.provider, job.model).get(job.settings_digest or digest(job.settings))


def expected(provider: str, model: str, settings_digest: str) -> float | None:
    """The same for the worker, which has to look now or later: where the settings are new, by the model alone."""
    known = _medians(provider, model)
    return known.get(settings_digest, known.get(_ANY))


def left(job: Job, now: datetime) -> float | None:
    """Seconds until it is likely to be made; None where nothing is known, or that time is over."""
    if job.state not in AT_PROVIDER or job.submitted_at is None:
        return None
    seconds = usual(job)
    remaining = seconds - (now - job.submitted_at).total_seconds() if seconds is not None else 0.0
    return remaining if remaining > 0 else None


def _medians(provider: str, model: str) -> dict[str, float]:
    """By digest; one query for a model, however many cards ask."""
    place = "history:" + hashlib.sha256(f"{provider} {model}".encode()).hexdigest()[:32]
    known: dict[str, float] | None = cache.get(place)
    if known is None:
        known = _read(provider, model)
        cache.set(place, known, FRESH)
    return known


def _read(provider: str, model: str) -> dict[str, float]:
    made = Job.objects.filter(provider=provider, model=model, made_at__isnull=False).order_by("-id")
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for name, sent_at, made_at in made.values_list("settings_digest", "submitted_at", "made_at")[:LOOKED_AT]:
        if sent_at and made_at:
            for kind in (name, _ANY) if name else (_ANY,):
                seconds[kind].append((made_at - sent_at).total_seconds())
    return {name: median(taken[:LAST]) for name, taken in seconds.items() if name == _ANY or len(taken) >= LEAST}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items() if part not in (None, "") and not _is_prose(part)}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return "media" if isinstance(value, str) and value.startswith(_MEDIA) else value


def _is_prose(value: Any) -> bool:
    return isinstance(value, str) and len(value) > LONGEST_CHOICE and not value.startswith(_MEDIA)
