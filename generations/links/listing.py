"""One's own links: which there are, how each stands, and when it was opened."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from generations.models import Audience, LinkOpening, ShareItem, ShareLink

PAGE = 30
OPENINGS_SHOWN = 50
STATES = ("open", "ended")


@dataclass(frozen=True, slots=True)
class Asked:
    """The list's query string; `before`: the last link of the page above."""

    state: str = ""
    before: UUID | None = None

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        state = query.get("state", "")
        return cls(state if state in STATES else "", _uuid(query.get("before", "")))

    def page(self, user: User) -> tuple[list[ShareLink], UUID | None]:
        rows = links_of(user).select_related("job", "album", "conversation", "team").order_by("-pk")
        is_open = _is_open()
        if self.state:
            rows = rows.filter(is_open) if self.state == "open" else rows.exclude(is_open)
        if self.before:
            rows = rows.filter(pk__lt=self.before)
        found: list[ShareLink] = list(rows.annotate(selected_count=Count("items"))[: PAGE + 1])
        return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def links_of(user: User) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(owner=user)


def open_count(user: User) -> int:
    return links_of(user).filter(_is_open()).count()


def selected(link: ShareLink) -> int:
    """How many jobs a selection has; a list of links has counted them already."""
    counted: int | None = getattr(link, "selected_count", None)
    return ShareItem.objects.filter(link=link).count() if counted is None else counted


def openings(link: ShareLink) -> list[LinkOpening]:
    """The last ones."""
    return list(link.openings.all()[:OPENINGS_SHOWN])


def refused_count(link: ShareLink) -> int:
    return link.openings.filter(is_refused=True).count()


def standing(link: ShareLink) -> str:
    """In a word, for its owner: "Open", or why not."""
    if link.revoked_at:
        return "Revoked"
    if not link.is_open():
        return "Expired"
    if link.most_views is not None and link.views >= link.most_views:
        return "All views used"
    if link.audience == Audience.ANYONE and not settings.PUBLIC_LINKS:
        return "Closed by the operator"
    return "Open"


def _is_open() -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
