"""What the frame of every page tells its person: their teams, how much is under way, how much is unread.

It is one query, and its SQL is made once in a process: it is asked with every page, and to make it takes as long as
to answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import CharField, Value

from accounts import teams
from accounts.models import TeamRole, User
from accounts.notices import inbox
from generations.views import counts

SOMEBODY = -1  # in the query's place of a person's id; no other number in it is negative


@dataclass(frozen=True, slots=True)
class Frame:
    spaces: teams.Spaces
    running: int
    unread: int


def read(user: User) -> Frame:
    sql, params = _query(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if one == SOMEBODY else one for one in params])
        rows = cursor.fetchall()
    of = {what: count for what, count, _ in rows if what not in TeamRole.values}
    seats = [row for row in rows if row[0] not in of]
    return Frame(teams.spaces(user, seats), of.get("running", 0), of.get("unread", 0))


@cache
def _query(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Rows of (role, team's id, its name), and ("running" or "unread", how many, "")."""
    running = counts.running([SOMEBODY]).values_list(_word("running"), "count", _word(""))
    unread = inbox.unread([SOMEBODY]).values_list(_word("unread"), "count", _word(""))
    return teams.seats(SOMEBODY).union(running, unread, all=True).query.sql_with_params()


def _word(value: str) -> Value:
    return Value(value, output_field=CharField())
