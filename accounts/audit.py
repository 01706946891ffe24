"""Who did what, from where: written down as it happens, read by the operator. Nothing secret goes in."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import AuditEntry, Team, User

PAGE = 60
FIELDS = ("at", "actor_name", "address", "action", "target", "team", "detail")
SIGN_INS = ("signed_in", "signed_out", "sign_in.failed")


def note(
    request: HttpRequest | None, action: str, target: str = "", *, team: Team | None = None, **detail: Any
) -> None:
    """`action` as "key.added"; `target` in words that stay true when the thing is gone.

    Without a request it was Studio itself.
    """
    user = getattr(request, "user", None)
    _write(user if isinstance(user, User) else None, request, action, target, team, detail)


def note_of(actor: User, request: HttpRequest | None, action: str, target: str = "", **detail: Any) -> None:
    """The same of somebody whom the request does not know yet, or any more."""
    _write(actor, request, action, target, None, detail)


def _write(
    actor: User | None, request: HttpRequest | None, action: str, target: str, team: Team | None, detail: dict[str, Any]
) -> None:
    AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.email if actor else "",
        address=address(request),
        action=action[:40],
        target=target[:200],
        team=team,
        detail=detail,
    )


def address(request: HttpRequest | None) -> str | None:
    """The visitor's, as the limits on sign-in see it, so that both speak of the same place."""
    if request is None or "REMOTE_ADDR" not in request.META:
        return None
    try:
        found: str = get_adapter().get_client_ip(request)
    except PermissionDenied:  # what a proxy passed on is no address
        return None
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for; "" and None: anything."""

    action: str = ""
    person: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        """Of a date that is none nothing is asked."""
        dates = {name: _date(query.get(name, "")) for name in ("since", "until")}
        return cls(query.get("action", "")[:40], query.get("person", "").strip()[:200], **dates)

    def entries(self) -> QuerySet[AuditEntry]:
        rows = AuditEntry.objects.select_related("team").order_by("-pk")
        if self.action:
            rows = rows.filter(Q(action=self.action) | Q(action__startswith=f"{self.action}."))
        if self.person:
            rows = rows.filter(actor_name__iexact=self.person)
        if self.since:
            rows = rows.filter(at__gte=_midnight(self.since))
        if self.until:
            rows = rows.filter(at__lt=_midnight(self.until + dt.timedelta(days=1)))
        return rows


def page(rows: QuerySet[AuditEntry], before: int | None, size: int = PAGE) -> tuple[list[AuditEntry], int | None]:
    """The newest before that one, and the last one's id where there are more."""
    found = list((rows if before is None else rows.filter(pk__lt=before))[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def own_sign_ins(user: User, most: int = 20) -> list[AuditEntry]:
    """With those that failed for their mail address, whoever tried."""
    mine = Q(actor=user) | Q(action="sign_in.failed", target=user.email)
    return list(AuditEntry.objects.filter(mine, action__in=SIGN_INS).order_by("-pk")[:most])


def actions() -> list[str]:
    """Those that were ever written, and what they are of: "key", "key.added"."""

    def read() -> list[str]:
        known = set(AuditEntry.objects.order_by().values_list("action", flat=True).distinct())
        return sorted(known | {action.partition(".")[0] for action in known})

    return cache.get_or_set("audit.actions", read, 60) or []


def lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """The entries as CSV, line by line."""
    writer = csv.writer(_Echo())
    yield writer.writerow(FIELDS)
    for entry in rows.iterator(chunk_size=500):
        cells = (entry.at.isoformat(), *(getattr(entry, name) or "" for name in FIELDS[1:]))
        yield writer.writerow([_plain(str(cell)) for cell in cells])


def purge() -> int:
    """Deletes what is older than the operator wants it kept."""
    return AuditEntry.objects.filter(at__lt=timezone.now() - dt.timedelta(days=settings.AUDIT_DAYS)).delete()[0]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _plain(cell: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _date(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
