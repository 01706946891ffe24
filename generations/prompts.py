"""Prompts to use again: their variables, those that were used, and those that are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from generations.models import Job, SavedPrompt

# `{subject}` is a variable, `{{subject}}` is the word in braces. All other braces are what they are: prompts hold JSON.
_NAME = r"[^\W\d][\w -]{0,39}"
_BRACES = re.compile(rf"\{{\{{({_NAME})\}}\}}|\{{({_NAME})\}}")

PAGE = 30  # prompts
TITLE_MAX = 120
_STRIDE, _STRIDES = 400, 10  # jobs that are looked at at a time, and how often, to fill a page


def variables(text: str) -> list[str]:
    """The names in single braces, each once, in their order."""
    return list(dict.fromkeys(name for _, name in _BRACES.findall(text) if name))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The prompt as it is sent. A variable without a value stays as it is."""

    def word(match: re.Match[str]) -> str:
        literally, name = match.groups()
        return f"{{{literally}}}" if literally else values.get(name) or match[0]

    return _BRACES.sub(word, text)


def literal(text: str) -> str:
    """What `fill` makes this very text of."""
    return re.sub(rf"(\{{{_NAME}\}})", r"{\1}", text)


# -- What one used ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Used:
    """A prompt that jobs were made with; `job` is the last one of them."""

    job: UUID
    text: str
    model_name: str
    at: datetime

    @property
    def written(self) -> str:
        """As it is to be written in Create."""
        return literal(self.text)


def history(
    user: User, *, search: str = "", before: UUID | None = None, limit: int = PAGE
) -> tuple[list[Used], UUID | None]:
    """Distinct prompts, the last used first, and the job below which the next page begins (None: it is the last).

    It walks the jobs by their ids and leaves out what an earlier page has shown: no step reads all jobs.
    """
    found: dict[str, Used] = {}
    place = before
    for _ in range(_STRIDES):
        rows = _used(_jobs(user, search, place)[:_STRIDE])
        shown = _shown_before(user, {used.text for used in rows}, before)
        for used in rows:
            if used.text not in found and used.text not in shown:
                if len(found) == limit:
                    return list(found.values()), place
                found[used.text] = used
            place = used.job
        if len(rows) < _STRIDE:
            return list(found.values()), None
    return list(found.values()), place


def _jobs(user: User, search: str, before: UUID | None) -> QuerySet[Job]:
    jobs = Job.objects.filter(owner=user, deleted_at__isnull=True).exclude(prompt="").order_by("-pk")
    if search:
        jobs = jobs.filter(prompt__icontains=search)
    return jobs.filter(pk__lt=before) if before else jobs


def _used(jobs: QuerySet[Job]) -> list[Used]:
    return [Used(*row) for row in jobs.values_list("pk", "prompt", "model_name", "created_at")]


def _shown_before(user: User, texts: set[str], before: UUID | None) -> set[str]:
    if before is None or not texts:
        return set()
    return set(_jobs(user, "", None).filter(pk__gte=before, prompt__in=texts).values_list("prompt", flat=True))


# -- What one keeps --------------------------------------------------------------------------------------------------
def saved(user: User, *, search: str = "") -> QuerySet[SavedPrompt]:
    """The last used first, then the newest."""
    kept = SavedPrompt.objects.filter(owner=user)
    if search:
        kept = kept.filter(Q(title__icontains=search) | Q(text__icontains=search))
    return kept.order_by(F("used_at").desc(nulls_last=True), "-pk")


def save(user: User, *, text: str, negative: str = "", title: str = "") -> tuple[SavedPrompt, bool]:
    """Keeps a prompt under its first words where it has no title. False: it was kept already."""
    known = SavedPrompt.objects.filter(owner=user, text=text, negative=negative).first()
    if known:
        return known, False
    made = SavedPrompt.objects.create(owner=user, title=title or headline(text), text=text, negative=negative)
    return made, True


def headline(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59].rsplit(' ', 1)[0]}…"


def note_use(user: User, text: str) -> None:
    """It was made something with, as it is written."""
    SavedPrompt.objects.filter(owner=user, text=text).update(used_at=timezone.now())
