"""What a person's jobs of one month cost, added up in one statement: by day, provider, model and unit.

Amounts of different units are never added. What was not charged is not counted; what costs nothing is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import CharField, Count, F, Func, Max, Q, QuerySet

from accounts.models import User
from generations.models import Job
from generations.money.amounts import AMOUNT, CHARGED, FREE, OWED, PERHAPS, UNDER_WAY, UNIT, Month, exact, micros
from studio.providers.registry import label

MONTHS = 13  # this one, and twelve back
FLAGGED = Decimal(1)  # per cent of drift that is worth a look

H = TypeVar("H", bound=Hashable)
# The job's price was quoted in the unit in which it was charged, and the provider said what it charged.
_TOLD = Q(actual_amount__isnull=False, quoted_amount__isnull=False, quoted_unit=F("unit"))


class Day(Func):
    """The day in UTC, as text: a date by Django would be worked out for each row in Python on SQLite."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 10)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some jobs, in one unit. `perhaps` may have been charged: nobody said. `unpriced` is how many have no price,
    `retries` how many were another try of an earlier job.

    `told` jobs were quoted, and their provider said what it took: these two are what a drift is between.
    """

    jobs: int = 0
    quoted: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)
    perhaps: Decimal = Decimal(0)
    under_way: Decimal = Decimal(0)
    perhaps_jobs: int = 0
    under_way_jobs: int = 0
    unpriced: int = 0
    retries: int = 0
    told: int = 0
    told_quoted: Decimal = Decimal(0)
    told_actual: Decimal = Decimal(0)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))

    @property
    def all(self) -> Decimal:
        return self.charged + self.perhaps + self.under_way

    @property
    def parts(self) -> dict[str, Decimal]:
        return {"charged": self.charged, "perhaps": self.perhaps, "coming": self.under_way}

    @property
    def drift(self) -> Decimal | None:
        """How much more was charged than quoted, in per cent; None where it cannot be said."""
        if not self.told or not self.told_quoted:
            return None
        return ((self.told_actual - self.told_quoted) * 100 / self.told_quoted).quantize(Decimal("0.1"))

    @property
    def is_off(self) -> bool:
        """Did it cost otherwise than was said?"""
        return abs(self.drift) >= FLAGGED if self.drift is not None else self.told_actual != self.told_quoted


@dataclass(frozen=True, slots=True)
class Line:
    """A day's jobs of one model in one unit."""

    day: dt.date
    provider: str
    model: str
    name: str
    unit: str
    figures: Figures

    @property
    def provider_label(self) -> str:
        return label(self.provider)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that was spent in one unit; "" where nobody named a price."""

    unit: str
    lines: Sequence[Line]

    @property
    def total(self) -> Figures:
        return _added(line.figures for line in self.lines)

    def by(self, name: Callable[[Line], H]) -> dict[H, Figures]:
        """Added up by what `name` says of a line, the most first."""
        sums: dict[H, Figures] = {}
        for line in self.lines:
            sums[name(line)] = sums.get(name(line), Figures()) + line.figures
        return dict(sorted(sums.items(), key=lambda item: item[1].all, reverse=True))


def months() -> list[Month]:
    return [Month.now().plus(-back) for back in range(MONTHS)]


def jobs_of(user: User, month: Month) -> QuerySet[Job]:
    """Deleted ones too: they cost what they cost."""
    return Job.objects.filter(month.jobs, owner=user)


def sheets(user: User, month: Month) -> list[Sheet]:
    """One for each unit, the last of what has no price."""
    lines = [_line(row) for row in _rows(user, month)]
    units = sorted({line.unit for line in lines}, key=lambda unit: (not unit, unit))
    return [Sheet(unit, [line for line in lines if line.unit == unit]) for unit in units]


def free_jobs(user: User, month: Month) -> int:
    """How many cost nothing, and are not in the sheets."""
    return jobs_of(user, month).filter(FREE).count()


def _rows(user: User, month: Month) -> Iterable[Any]:
    priced = jobs_of(user, month).filter(OWED).exclude(FREE).annotate(day=Day("created_at"), unit=UNIT)
    return (
        priced.values("day", "provider", "model", "unit")
        .annotate(
            name=Max("model_name"),
            jobs=Count("pk"),
            quoted_sum=micros(F("quoted_amount"), Q(quoted_unit=F("unit"))),
            charged=micros(AMOUNT, CHARGED),
            perhaps=micros(AMOUNT, PERHAPS),
            under_way=micros(AMOUNT, UNDER_WAY),
            perhaps_jobs=Count("pk", filter=PERHAPS),
            under_way_jobs=Count("pk", filter=UNDER_WAY),
            unpriced=Count("pk", filter=Q(quoted_amount=None, estimated_amount=None, actual_amount=None)),
            tried_again=Count("pk", filter=Q(parent__isnull=False)),
            told=Count("pk", filter=_TOLD),
            told_quoted=micros(F("quoted_amount"), _TOLD),
            told_actual=micros(F("actual_amount"), _TOLD),
        )
        .order_by("-day", "provider", "model", "unit")
    )


def _line(row: dict[str, Any]) -> Line:
    return Line(
        day=dt.date.fromisoformat(row["day"]),
        provider=row["provider"],
        model=row["model"],
        name=row["name"],
        unit=row["unit"],
        figures=Figures(
            jobs=row["jobs"],
            quoted=exact(row["quoted_sum"]),
            charged=exact(row["charged"]),
            perhaps=exact(row["perhaps"]),
            under_way=exact(row["under_way"]),
            perhaps_jobs=row["perhaps_jobs"],
            under_way_jobs=row["under_way_jobs"],
            unpriced=row["unpriced"],
            retries=row["tried_again"],
            told=row["told"],
            told_quoted=exact(row["told_quoted"]),
            told_actual=exact(row["told_actual"]),
        ),
    )


def _added(figures: Iterable[Figures]) -> Figures:
    return sum(figures, Figures())
