"""The gallery's query string → jobs, by keyset: never an OFFSET, newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import User
from generations.models import Job
from generations.models.job import IN_FLIGHT, State

PAGE = 36
KINDS = ("image", "video", "audio")
# What a person filters by → the states behind it.
STATES: dict[str, tuple[State, ...]] = {
    "done": (State.SUCCEEDED,),
    "running": IN_FLIGHT,
    "look": (State.UNCONFIRMED,),
    "failed": (State.FAILED, State.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Search:
    """`before` is the last job of the page above; "" where there is none."""

    text: str = ""
    kind: str = ""
    state: str = ""
    before: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Search:
        """Words that the gallery does not know are left out rather than refused: links live long."""
        kind, state, before = query.get("kind", ""), query.get("state", ""), query.get("before", "")
        return cls(
            text=query.get("q", "").replace("\0", "").strip()[:200],  # PostgreSQL keeps no NUL
            kind=kind if kind in KINDS else "",
            state=state if state in STATES else "",
            before=before if _is_uuid(before) else "",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.kind or self.state)

    def query(self, **changes: str) -> str:
        """This search as a query string, with some parts changed; the page starts anew unless `before` is given."""
        other = replace(self, **{"before": "", **changes})
        named = {"q": other.text, "kind": other.kind, "state": other.state, "before": other.before}
        return "?" + urlencode({name: value for name, value in named.items() if value})

    def page(self, user: User) -> tuple[list[Job], str]:
        """One page of jobs with their outputs, and the query string of the next page or ""."""
        jobs = list(self._queryset(user)[: PAGE + 1])
        more = len(jobs) > PAGE
        jobs = jobs[:PAGE]
        return jobs, self.query(before=str(jobs[-1].pk)) if more else ""

    def _queryset(self, user: User) -> QuerySet[Job]:
        jobs = Job.objects.filter(owner=user, deleted_at__isnull=True)
        if self.text:
            jobs = jobs.filter(prompt__icontains=self.text)
        if self.kind:
            jobs = jobs.filter(kind=self.kind)
        if self.state:
            jobs = jobs.filter(state__in=STATES[self.state])
        if self.before:
            jobs = jobs.filter(pk__lt=UUID(self.before))
        return jobs.order_by("-pk").prefetch_related("outputs")


def neighbours(user: User, job: Job) -> tuple[Job | None, Job | None]:
    """The next newer and the next older job in the gallery."""
    jobs = Job.objects.filter(owner=user, deleted_at__isnull=True).only("pk")
    return jobs.filter(pk__gt=job.pk).order_by("pk").first(), jobs.filter(pk__lt=job.pk).order_by("-pk").first()


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
