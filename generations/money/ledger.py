"""All jobs of a month as CSV: one row a job, amounts with all their digits."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Q

from accounts.models import User
from generations.money.amounts import Month
from generations.money.spend import jobs_of

PAGE = 2000  # rows read at once
Place = tuple[dt.datetime, UUID]  # of a row: when its job was made, and which it is
COLUMNS = {  # the first two are a row's place
    "made (UTC)": "created_at",
    "job": "pk",
    "provider": "provider",
    "key": "key__label",
    "model": "model",
    "kind": "kind",
    "state": "state",
    "charge": "charge",
    "quoted": "quoted_amount",
    "quoted unit": "quoted_unit",
    "quote is an estimate": "quote_is_estimate",
    "provider's estimate": "estimated_amount",
    "estimate's unit": "estimated_unit",
    "actual": "actual_amount",
    "actual unit": "actual_unit",
    "retry of": "parent_id",
}


async def rows(user: User, month: Month) -> AsyncIterator[bytes]:
    """The file, a few thousand rows at a time: neither it nor the jobs are ever whole in memory."""
    yield _text([COLUMNS])
    last: Place | None = None
    while page := await sync_to_async(_page)(user, month, last):
        yield _text([_cell(value) for value in row] for row in page)
        last = page[-1][:2]


def _page(user: User, month: Month, last: Place | None) -> list[tuple[Any, ...]]:
    jobs = jobs_of(user, month).order_by("created_at", "pk")
    if last is not None:
        made, job = last
        jobs = jobs.filter(created_at__gte=made).filter(Q(created_at__gt=made) | Q(pk__gt=job))
    return list(jobs.values_list(*COLUMNS.values())[:PAGE])


def _text(table: Iterable[Iterable[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(table)
    return file.getvalue().encode()


def _cell(value: Any) -> str:
    """As a spreadsheet may open it: a text that it would take for a formula stays a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
