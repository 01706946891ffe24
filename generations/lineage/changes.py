"""What became another thing from one job to one that was made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from generations.comparison import Comparison, Entry
from generations.lineage.walking import RETRY
from generations.models import Job, JobSource
from studio.lib.worddiff import Piece, pieces


@dataclass(frozen=True, slots=True)
class Change:
    """Of one setting. `pieces`, of a prompt: how the one became the other."""

    name: str
    before: str
    after: str
    pieces: Sequence[Piece] = ()


def changes(source: Job, job: Job, reader: User | None = None) -> list[Change]:
    """In prompt, model and settings, as the reader may see them."""
    found = []
    for line in Comparison([Entry(source), Entry(job)], reader).asked:
        before, after = line.values
        if line.differs:
            found.append(Change(line.name, before, after, pieces(before, after) if line.name == "Prompt" else ()))
    return found


def way(kind: str, changed: Sequence[Change]) -> str:
    """How one job became another, in a word."""
    if kind == RETRY:
        return "Another try"
    if kind == JobSource.Kind.INPUT:
        return "Begins from its result"
    return "Variation" if {change.name for change in changed} <= {"Seed"} else "Remix"
