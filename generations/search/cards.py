"""A page of jobs as cards: where a month begins, where the words are, and what is alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils.safestring import SafeString

from generations import fulltext
from generations.models import Job
from generations.search.filters import beginning
from generations.search.months import month_of
from generations.search.wanted import Wanted
from generations.search.words import parts


@dataclass(slots=True)
class Card:
    """`month`: it is the first of that one. `said`: its prompt with the words marked, or where else they are."""

    job: Job
    month: date | None = None
    said: SafeString = field(default_factory=SafeString)
    alike: int = 0  # that stand behind it


def cards(wanted: Wanted, jobs: list[Job]) -> list[Card]:
    asked = parts(wanted.text)
    looked_for = fulltext.pattern(asked) if any(not part.is_unwanted for part in asked) else None
    found: list[Card] = []
    leaders: dict[str, Card] = {}
    last = _month_above(wanted)
    for job in jobs:
        if wanted.grouped and job.likeness in leaders:
            leaders[job.likeness].alike += 1
            continue
        month = month_of(job.pk)
        card = Card(job, month if wanted.sort in ("", "oldest") and month != last else None)
        if looked_for is not None:
            card.said = _said(job, looked_for)
        leaders.setdefault(job.likeness, card)
        found.append(card)
        last = month
    return found


def _month_above(wanted: Wanted) -> date | None:
    """Of the last card before these; None where they begin the list, or one jumped to a month."""
    if not wanted.before or wanted.at or wanted.on:
        return None
    before = UUID(wanted.before)
    month = month_of(before)
    return None if before == beginning(month) else month


def _said(job: Job, looked_for: fulltext.Pattern) -> SafeString:
    places = (text for text in (job.prompt, job.note, job.tag_words) if fulltext.finds(looked_for, text))
    return fulltext.snippet(next(places, job.prompt), looked_for)
