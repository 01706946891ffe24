"""Many ids in a query, as one parameter: each by itself is written out, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL


def these(ids: Iterable[UUID]) -> RawSQL:
    """For `pk__in`."""
    known = [one.hex for one in ids]
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::uuid[])", [f"{{{','.join(known)}}}"])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(known)])
