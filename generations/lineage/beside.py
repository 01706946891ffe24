"""One step each way from a job, as its own page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from generations.lineage.changes import changes, way
from generations.lineage.walking import Walk
from generations.models import Job

MOST = 12  # each way


@dataclass(frozen=True, slots=True)
class Relative:
    """`way`: how the later one of the two came from the earlier one."""

    job: Job
    way: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What a job was made from, and what was made from it; `is_cut`: not all of that."""

    above: Sequence[Relative]
    below: Sequence[Relative]
    is_cut: bool

    @property
    def is_alone(self) -> bool:
        return not self.above and not self.below


def beside(job: Job, visible: QuerySet[Job]) -> Beside:
    walk = Walk(visible, job.pk)
    above, below = walk.above([job.pk]), walk.below([job.pk])
    is_cut = max(len(above), len(below)) > MOST
    above, below = above[:MOST], below[:MOST]
    wanted = [step.source for step in above] + [step.job for step in below]
    jobs = visible.prefetch_related("outputs").in_bulk(wanted) if wanted else {}
    return Beside(
        [Relative(jobs[s.source], way(s.kind, changes(jobs[s.source], job))) for s in above if s.source in jobs],
        [Relative(jobs[s.job], way(s.kind, changes(job, jobs[s.job]))) for s in below if s.job in jobs],
        is_cut,
    )
