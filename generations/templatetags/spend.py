"""Spending as drawings and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import template

from generations.money.amounts import Month
from generations.money.spend import Figures, Sheet

register = template.Library()

STEP = 10  # units of the drawing from one day to the next
HEIGHT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar: where it begins, and how long it is."""

    kind: str
    start: Decimal
    length: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    day: dt.date
    figures: Figures
    x: int
    blocks: Sequence[Block]


@register.inclusion_tag("generations/_spend_days.html")
def spend_days(sheet: Sheet, month: Month) -> dict[str, object]:
    """A bar for each day of the month."""
    sums = sheet.by(lambda line: line.day)
    most = max((figures.all for figures in sums.values()), default=Decimal(0))
    bars = [
        Bar(day, figures, STEP * place, _blocks(figures, most))
        for place, day in enumerate(month.days)
        if (figures := sums.get(day))
    ]
    peak = max(sums, key=lambda day: sums[day].all)
    return {
        "bars": bars,
        "unit": sheet.unit,
        "width": STEP * len(month.days),
        "days": month.days,
        "most": most,
        "peak": peak,
        "sums": sorted(sums.items(), reverse=True),
    }


def _blocks(figures: Figures, most: Decimal) -> list[Block]:
    """From the bottom up; nothing is too little to be seen."""
    blocks, y = [], HEIGHT
    for kind, amount in figures.parts.items():
        if amount > 0:
            height = max(Decimal("1.5"), amount * HEIGHT / most).quantize(Decimal("0.01"))
            y -= height
            blocks.append(Block(kind, max(y, Decimal(0)), height))
    return blocks


@register.inclusion_tag("generations/_spend_shares.html")
def spend_shares(sheet: Sheet, what: str) -> dict[str, object]:
    """A bar for each provider or model, the most first; `what` is "Provider" or "Model"."""
    names = {"Provider": lambda line: line.provider_label, "Model": lambda line: line.name}
    sums = sheet.by(names[what])
    most = max((figures.all for figures in sums.values()), default=Decimal(0))
    rows = [(name, figures, _along(figures, most)) for name, figures in sums.items()]
    return {"what": what, "rows": rows, "unit": sheet.unit}


def _along(figures: Figures, most: Decimal) -> list[Block]:
    """From left to right."""
    blocks, x = [], Decimal(0)
    for kind, amount in figures.parts.items():
        if amount > 0:
            length = (amount * 100 / most).quantize(Decimal("0.01"))
            blocks.append(Block(kind, x, length))
            x += length
    return blocks


@register.filter
def in_words(month: Month) -> str:
    """November 2026"""
    return f"{month.start:%B %Y}"


@register.filter
def percent(number: Decimal) -> str:
    """ "+4.2 %", "as quoted"."""
    if not number:
        return "as quoted"
    sign = "+" if number > 0 else "−"
    return f"{sign}{abs(number):f}\u00a0%"
