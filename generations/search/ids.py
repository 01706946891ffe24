"""Many ids in a query, as one parameter: each by itself is written out, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL


def these(ids: Iterable[UUID]) -> RawSQL:
    """For `pk__in`."""
    return these_in_hex(one.hex for one in ids)


def these_in_hex(ids: Iterable[str]) -> RawSQL:
    """The same."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::uuid[])", [f"{{{','.join(ids)}}}"])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(ids))])
