"""What an owner says of a job with one click, or in a note. Each verb is one UPDATE; it returns how many it changed."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from generations.models import Colour, Job

MOST_STARS = 5
NOTE_MAX = 10_000


def favourite(jobs: QuerySet[Job], on: bool) -> int:
    return _change(jobs, is_favourite=on)


def stars(jobs: QuerySet[Job], number: int) -> int:
    """1 to 5; 0 takes them off."""
    return _change(jobs, stars=number) if 0 <= number <= MOST_STARS else 0


def colour(jobs: QuerySet[Job], name: str) -> int:
    """ "" takes it off."""
    return _change(jobs, colour=name) if name in ("", *Colour.values) else 0


def note(jobs: QuerySet[Job], text: str) -> int:
    return _change(jobs, note=text.replace("\0", "").replace("\r\n", "\n").strip()[:NOTE_MAX])


def _change(jobs: QuerySet[Job], **change: Any) -> int:
    return jobs.exclude(Q(**change)).update(**change)
