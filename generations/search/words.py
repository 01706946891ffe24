"""The full-text index of jobs: their prompts, notes and tags. It is in the migration `0006_search`.

SQLite says the hits one by one, in the order of ids, so that the first are there at once however many follow.
PostgreSQL says all of them in no order: it chooses by what it knows of the words whether to ask the index for them, or
to look for them in job after job.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from generations import fulltext
from generations.fulltext import Part
from generations.search.filters import Scope

_HITS = """
    SELECT entry.job_id FROM generations_jobsearch
    JOIN generations_jobsearch_entry entry ON entry.id = generations_jobsearch.rowid
    WHERE generations_jobsearch MATCH %s AND generations_jobsearch.rowid BETWEEN %s AND %s
    ORDER BY generations_jobsearch.rowid
"""
_WORDS = "SELECT job_id FROM generations_jobsearch WHERE words @@ (%s::tsquery && to_tsquery('simple', %s))"
_PROMPT = "A"  # the weight of its words, on PostgreSQL
_FIRST, _LAST = 0, 2**63 - 1
_STEPS = (100, 400, 1600)  # how many hits are read at once: few for the first page, more where few of them count


@dataclass(frozen=True, slots=True)
class Words:
    parts: tuple[Part, ...]
    scope: Scope

    @classmethod
    def read(cls, text: str, scope: Scope) -> Words:
        """A letter by itself is that word: what else begins with it is nearly everything."""
        parts = (replace(part, is_phrase=True) if _is_letter(part) else part for part in fulltext.parts(text))
        return cls(tuple(parts), scope)

    @property
    def texts(self) -> tuple[str, ...]:
        """Where they are looked for: a team does not find what its people noted for themselves."""
        return ("prompt", "note", "tag_words") if self.scope.team is None else ("prompt",)

    @property
    def are_none(self) -> bool:
        """Nothing can be looked for: there are only signs, or only what is not wanted."""
        return all(part.is_unwanted for part in self.parts)

    def condition(self) -> Q:
        """For PostgreSQL."""
        team = self.scope.team
        whose = f"owner:{self.scope.user.pk}" if team is None else f"team:{team.pk}"
        asked = fulltext.to_tsquery(self.parts, weight="" if team is None else _PROMPT)
        return Q(pk__in=RawSQL(_WORDS, [f"'{whose}'", asked]))  # noqa: S611  parameters

    def hits(self, *, after: UUID | None = None, ascending: bool = False) -> Iterator[list[UUID]]:
        """For SQLite: the ids in their order, or from the newest down, in batches; from one of them on."""
        first, last = _FIRST, _LAST
        if after is not None and ascending:
            first = _number(after)
        elif after is not None:
            last = _number(after) | 0xFF
        order = "" if ascending else " DESC"
        with connection.cursor() as cursor:
            cursor.execute(_HITS + order, [self._match(), first, last])
            sizes = iter(_STEPS)
            while rows := cursor.fetchmany(next(sizes, _STEPS[-1])):
                yield [UUID(job_id) for (job_id,) in rows]

    def _match(self) -> str:
        team = self.scope.team
        whose = f"o{self.scope.user.pk}" if team is None else f"t{team.pk}"
        where = "{prompt own}" if team is None else "prompt"
        return f"({where} : ({fulltext.to_match(self.parts)})) AND whose : {whose}"


def _number(job_id: UUID) -> int:
    """The first that a job of that millisecond can have in the index."""
    return job_id.int >> 80 << 8


def _is_letter(part: Part) -> bool:
    return len(part.text) == 1 and part.text.isascii()
