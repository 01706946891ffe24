"""The full-text index of jobs: their prompts, notes and tags. It is in the migration `0006_search`.

It is asked for what is rare. What many jobs have is met sooner along the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db import connection

from generations import fulltext
from generations.fulltext import Part
from generations.search.filters import Scope

FEW = 5000
SMALL = 2000  # jobs: of no more than that, each is asked whether it has the words
SOME = 500  # so many are read before it is known whether the list itself has them near
_SQLITE = """
    SELECT entry.job_id FROM generations_jobsearch
    JOIN generations_jobsearch_entry entry ON entry.id = generations_jobsearch.rowid
    WHERE generations_jobsearch MATCH %s LIMIT %s OFFSET %s
"""
_POSTGRESQL = """
    SELECT translate(job_id::text, '-', '') FROM generations_jobsearch
    WHERE words @@ (%s::tsquery && to_tsquery('simple', %s)) LIMIT %s OFFSET %s
"""
_POSTGRESQL_OF_SMALL = """
    WITH theirs AS MATERIALIZED (
        SELECT job_id, words FROM generations_jobsearch WHERE words @@ %s::tsquery LIMIT %s
    )
    SELECT (SELECT COUNT(*) FROM theirs), ARRAY(
        SELECT translate(job_id::text, '-', '') FROM theirs WHERE words @@ to_tsquery('simple', %s)
    )
"""
_ESTIMATE = """
    EXPLAIN (FORMAT JSON) SELECT FROM generations_jobsearch WHERE words @@ (%s::tsquery && to_tsquery('simple', %s))
"""
_PROMPT = "A"  # the weight of its words, on PostgreSQL


def parts(text: str) -> tuple[Part, ...]:
    """A letter by itself is that word: what else begins with it is nearly everything."""
    return tuple(replace(part, is_phrase=True) if _is_letter(part) else part for part in fulltext.parts(text))


@dataclass(frozen=True)
class Words:
    parts: tuple[Part, ...]
    scope: Scope

    @classmethod
    def read(cls, text: str, scope: Scope) -> Words:
        return cls(parts(text), scope)

    @property
    def texts(self) -> tuple[str, ...]:
        """Where they are looked for: a team does not find what its people noted for themselves."""
        return ("prompt", "note", "tag_words") if self.scope.team is None else ("prompt",)

    @property
    def are_none(self) -> bool:
        """Nothing can be looked for: there are only signs, or only what is not wanted."""
        return all(part.is_unwanted for part in self.parts)

    def few(self) -> list[str] | None:
        """The ids of the jobs that have them, in hex: thousands of them are not to become objects. None: they are many.

        All that begins with a word is put together before the first is told. Many that have the word as it stands are
        known sooner.
        """
        return None if self._are_many() else self._all()

    def few_at_once(self) -> list[str] | None:
        """The same, where PostgreSQL expects no more than some hundreds."""
        is_quick = connection.vendor == "postgresql" and self._expected <= SOME
        return self._all() if is_quick else None

    def _all(self) -> list[str] | None:
        found = self._of_small()
        if found is None:
            found = self._hits(self.parts, FEW + 1, 0)
        return found if len(found) <= FEW else None

    def _of_small(self) -> list[str] | None:
        """Where they have few jobs: what everybody else has of a word is not read then. None: they have more."""
        if connection.vendor != "postgresql" or self._estimate([]) > SMALL:
            return None
        whose, query = self._tsquery(self.parts)
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRESQL_OF_SMALL, [whose, SMALL + 1, query])
            [(count, found)] = cursor.fetchall()
        return found if count <= SMALL else None

    def _are_many(self) -> bool:
        """PostgreSQL puts all hits together before the first, or reads the whole table: there its estimate will do."""
        if connection.vendor == "postgresql":
            return self._expected > 2 * FEW
        return bool(self._hits(self._as_they_stand(), 1, FEW))

    @cached_property
    def _expected(self) -> int:
        """As they stand: of what begins with a word PostgreSQL knows nothing."""
        return self._estimate(self._as_they_stand())

    def _estimate(self, parts: Sequence[Part]) -> int:
        """By PostgreSQL's statistics; without parts, of all jobs that they are looked for in."""
        with connection.cursor() as cursor:
            cursor.execute(_ESTIMATE, self._tsquery(parts))
            [[[told]]] = cursor.fetchall()
        return int(told["Plan"]["Plan Rows"])

    def _as_they_stand(self) -> list[Part]:
        return [part if part.is_unwanted else replace(part, is_phrase=True) for part in self.parts]

    def _hits(self, parts: Sequence[Part], count: int, skipped: int) -> list[str]:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(_POSTGRESQL, [*self._tsquery(parts), count, skipped])
            else:
                cursor.execute(_SQLITE, [self._match(parts), count, skipped])
            return [job_id for (job_id,) in cursor.fetchall()]

    def _tsquery(self, parts: Sequence[Part]) -> tuple[str, str]:
        team = self.scope.team
        whose = f"owner:{self.scope.user.pk}" if team is None else f"team:{team.pk}"
        return f"'{whose}'", fulltext.to_tsquery(parts, weight="" if team is None else _PROMPT)

    def _match(self, parts: Sequence[Part]) -> str:
        team = self.scope.team
        whose = f"o{self.scope.user.pk}" if team is None else f"t{team.pk}"
        where = "{prompt own}" if team is None else "prompt"
        return f"({where} : ({fulltext.to_match(parts)})) AND whose : {whose}"


def _is_letter(part: Part) -> bool:
    return len(part.text) == 1 and part.text.isascii()
