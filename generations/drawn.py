"""Cards of ended jobs are drawn once in each process: their editions, and what a list has to read for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from generations.models import Job
from generations.search.ids import these
from generations.search.reading import Reader, whole, whole_with_owner
from studio.lib.shelf import Shelf

MOST = 8_000_000  # characters of HTML, in each process: some three thousand cards
OWN, TEAM = "generations/_card.html", "generations/_team_card.html"
# What the editions, and a list around its cards, ask a job for.
HEAD = ("state", "changed_at", "likeness", "owner", "team")
TEXTS = ("prompt", "note", "tag_words")
shelf = Shelf(MOST)


def own_edition(job: Job) -> str:
    """All that the look of a card hangs on; "": it changes with time."""
    return job.changed_at.isoformat() if job.is_ended else ""


def team_edition(job: Job) -> str:
    """With the name that its person has now; the owner has to be read."""
    return f"{job.changed_at.isoformat()} {job.team_id} {job.owner.display_name}" if job.is_ended else ""


def get(name: str, job: Job, edition: str) -> tuple[str, str] | None:
    """The job's card of this template, if it is the newest, and the prompt that it shows."""
    before, *kept = shelf.get((name, job.pk)) or ("", "", "")
    return (kept[0], kept[1]) if before == edition else None


def keep(name: str, job: Job, edition: str, html: str, prompt: str) -> None:
    shelf.put((name, job.pk), (edition, html, prompt))


def for_own_cards(ids: Sequence[UUID]) -> dict[UUID, Job]:
    """The jobs, and no more than the head of one whose card is there."""
    return _sparing(OWN, ids, Job.objects.only(*HEAD), own_edition, whole)


def for_found_cards(ids: Sequence[UUID]) -> dict[UUID, Job]:
    """The texts too, in which words were found."""
    return _sparing(OWN, ids, Job.objects.only(*HEAD, *TEXTS), own_edition, whole)


def for_team_cards(ids: Sequence[UUID]) -> dict[UUID, Job]:
    """As for one's own, with the people whose they are."""
    heads = Job.objects.select_related("owner").only(*HEAD, "owner__name", "owner__email")
    return _sparing(TEAM, ids, heads, team_edition, whole_with_owner)


def _sparing(
    name: str, ids: Sequence[UUID], heads: QuerySet[Job], edition: Callable[[Job], str], read: Reader
) -> dict[UUID, Job]:
    drawn = [pk for pk in ids if shelf.get((name, pk))]
    jobs = heads.filter(pk__in=these(drawn)).in_bulk() if drawn else {}
    known = {pk: job for pk, job in jobs.items() if get(name, job, edition(job))}
    others = [pk for pk in ids if pk not in known]
    return known | (read(others) if others else {})
