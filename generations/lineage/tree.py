"""A whole family as it is drawn: each job in one place, with the cost of its branch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from generations.comparison import Entry
from generations.lineage.changes import Change, changes, way
from generations.lineage.costs import Costs
from generations.lineage.walking import RETRY, Step, Walk
from generations.models import Job, JobSource

CLOSENESS = (RETRY, JobSource.Kind.REMIX, JobSource.Kind.INPUT)  # of several sources, the first one's branch it is on


@dataclass(slots=True)
class Node:
    """A job in its place. `also` are the sources that it has besides those on the way down to it.

    `opens` counts the branches that follow it; `closes` the lists that end behind it.
    """

    job: Job
    way: str = ""
    changes: Sequence[Change] = ()
    also: Sequence[Job] = ()
    branch: Costs = field(default_factory=Costs)
    is_here: bool = False
    opens: int = 0
    closes: int = 0

    @property
    def own(self) -> str:
        return Entry(self.job).price

    @property
    def ends(self) -> range:
        return range(self.closes)


@dataclass(frozen=True, slots=True)
class Tree:
    """`nodes` in the order in which they are drawn; `is_cut`: there are more than are shown."""

    nodes: Sequence[Node]
    costs: Costs
    is_cut: bool


def tree(job: Job, visible: QuerySet[Job], reader: User | None = None) -> Tree:
    """From the first ancestors down. `visible`: the jobs that a person may see."""
    walk = Walk(visible, job.pk)
    oldest = walk.up()
    walk.down([job.pk])
    walk.down(oldest)
    return _Drawing(walk, reader).tree()


class _Drawing:
    def __init__(self, walk: Walk, reader: User | None) -> None:
        self.walk, self.reader = walk, reader
        rows = walk.visible.filter(pk__in=list(walk.found)).prefetch_related("outputs")
        self.jobs = {job.pk: job for job in rows}
        self.steps: defaultdict[UUID, list[Step]] = defaultdict(list)  # to each job, the closest source first
        for step in sorted(walk.steps, key=lambda step: (CLOSENESS.index(step.kind), step.source)):
            if step.source in self.jobs and step.job in self.jobs:
                self.steps[step.job].append(step)
        self.place: dict[UUID, Step] = {}
        self.below: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
        for pk in sorted(self.jobs):  # ids are in the order of time
            self._settle(pk)

    def _settle(self, pk: UUID) -> None:
        """Below the closest of its sources; never below itself, whatever the records say."""
        for step in self.steps[pk]:
            if pk not in self._line(step.source):
                self.place[pk] = step
                break
        self.below[self.place[pk].source if pk in self.place else None].append(pk)

    def _line(self, pk: UUID) -> list[UUID]:
        """It and what it stands below, up to the first."""
        line = [pk]
        while line[-1] in self.place:
            line.append(self.place[line[-1]].source)
        return line

    def tree(self) -> Tree:
        order = list(self._order())
        nodes = []
        for (pk, depth), (_, after) in zip(order, [*order[1:], (None, 0)], strict=True):
            node = self._node(pk)
            node.opens, node.closes = len(self.below[pk]), max(0, depth - after)
            nodes.append(node)
        return Tree(nodes, Costs.of(self.jobs.values()), self.walk.is_cut)

    def _order(self) -> Iterator[tuple[UUID, int]]:
        """Each job and how deep it stands, without recursion: a chain of tries may be long."""
        ahead = [(pk, 0) for pk in reversed(self.below[None])]
        while ahead:
            pk, depth = ahead.pop()
            yield pk, depth
            ahead += [(child, depth + 1) for child in reversed(self.below[pk])]

    def _node(self, pk: UUID) -> Node:
        job = self.jobs[pk]
        node = Node(job, is_here=pk == self.walk.start)
        node.branch = Costs.of(self.jobs[one] for one in self._branch(pk))
        if step := self.place.get(pk):
            if step.kind != JobSource.Kind.INPUT:
                node.changes = changes(self.jobs[step.source], job, self.reader)
            node.way = way(step.kind, node.changes)
        line = self._line(pk)
        others = dict.fromkeys(step.source for step in self.steps[pk] if step.source not in line)
        node.also = [self.jobs[other] for other in others]
        return node

    def _branch(self, pk: UUID) -> Iterator[UUID]:
        """It and all below it."""
        ahead = [pk]
        while ahead:
            one = ahead.pop()
            yield one
            ahead += self.below[one]
