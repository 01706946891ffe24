"""Sums of what jobs cost, in SQL and exact: in whole millionths, since SQLite would add decimals as floats."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import BigIntegerField, Case, CharField, F, Q, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Round
from django.utils import timezone

from generations.models.states import ENDED, IN_FLIGHT, Charge, State

MICRO = Decimal(1_000_000)

# The best that is known of what a job costs: what it did, else what its provider estimates, else what was quoted.
AMOUNT = Coalesce("actual_amount", "estimated_amount", "quoted_amount")
UNIT = Case(
    When(actual_amount__isnull=False, then=F("actual_unit")),
    When(estimated_amount__isnull=False, then=F("estimated_unit")),
    default=F("quoted_unit"),
    output_field=CharField(),
)
FREE = Q(quoted_amount=0, quoted_unit="") & (Q(actual_amount=None) | Q(actual_amount=0))

CHARGED = Q(charge=Charge.YES)
UNDER_WAY = Q(state__in=IN_FLIGHT) & ~CHARGED
PERHAPS = Q(charge=Charge.UNKNOWN, state__in=(*ENDED, State.UNCONFIRMED))  # the provider did not say
OWED = CHARGED | UNDER_WAY | PERHAPS


def micros(amount: Coalesce | F, where: Q | None = None) -> Coalesce:
    """The sum of a column of amounts, in millionths; 0 of nothing. See `exact`."""
    whole = Cast(Round(amount * Value(MICRO)), BigIntegerField())
    return Coalesce(Sum(whole, filter=where), 0)


def exact(millionths: int) -> Decimal:
    """The amount, without zeros that say nothing."""
    amount = Decimal(millionths) / MICRO
    return amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount.normalize()


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of UTC: a job belongs to the one in which it was made."""

    year: int
    month: int

    @classmethod
    def now(cls) -> Month:
        today = timezone.now().astimezone(dt.UTC)
        return cls(today.year, today.month)

    @classmethod
    def read(cls, text: str) -> Month | None:
        """2026-11"""
        try:
            day = dt.datetime.strptime(text, "%Y-%m")
        except ValueError:
            return None
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def start(self) -> dt.datetime:
        return dt.datetime(self.year, self.month, 1, tzinfo=dt.UTC)

    @property
    def end(self) -> dt.datetime:
        return self.plus(1).start

    @property
    def days(self) -> list[dt.date]:
        return [self.start.date() + dt.timedelta(days=day) for day in range((self.end - self.start).days)]

    def plus(self, months: int) -> Month:
        whole = self.year * 12 + self.month - 1 + months
        return Month(whole // 12, whole % 12 + 1)

    @property
    def jobs(self) -> Q:
        """Those that belong to it."""
        return Q(created_at__gte=self.start, created_at__lt=self.end)
