"""Those who have a link open: told of its jobs as they change, and at once that it has ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from generations.links import contents, visiting
from generations.links.visiting import Visit
from generations.models import ShareLink
from generations.views.audiences import Audience, Change, Watched
from generations.views.sse import event


@dataclass(frozen=True)
class ByLink(Audience):
    """Pages of one address, at one version of its terms: of all that it shows, or of the job `page`."""

    ends: ClassVar[bool] = True

    link: UUID
    version: int
    token: str
    of: Watched
    page: UUID | None = None

    @classmethod
    def made(cls, visit: Visit, page: UUID | None) -> Self:
        link = visit.link
        return cls(link.pk, link.version, visit.token, _watched(link), page or link.job_id)

    @property
    def watched(self) -> Watched:
        return self.of

    def concerns(self, change: Change) -> bool:
        may_be_in = bool(self.of.albums or self.of.links) or change.job.pk in self.of.jobs
        return may_be_in and self.page in (None, change.job.pk)

    def told(self, changes: Sequence[Change], now: datetime) -> bytes:
        visit = self.visit()
        if visit is None:
            return b""
        known = contents.known(visit.link, [change.job.pk for change in changes])
        if not known:
            return b""
        allowed = set(contents.jobs(visit.link).filter(pk__in=known).values_list("pk", flat=True))
        shown = [change.job for change in changes if change.job.pk in allowed]
        gone = known - allowed
        if self.page and self.page in gone:
            return self.goodbye()
        context: dict[str, object] = {"jobs": shown, "gone": gone, "as_page": self.page is not None}
        if self.page and visit.link.may_comment and shown:
            context["comments"] = contents.said(visit.link, shown[0])
        return event(self.drawn("_changes", visit, **context), now)

    @classmethod
    def ended(cls, audiences: Collection[Self]) -> Mapping[Self, bytes]:
        rows = ShareLink.objects.filter(pk__in={audience.link for audience in audiences})
        found = {link.pk: link for link in rows.select_related("owner", "job", "album", "conversation")}
        return {audience: audience.goodbye() for audience in audiences if audience.is_over(found.get(audience.link))}

    def is_over(self, link: ShareLink | None) -> bool:
        if link is None or link.version != self.version or not link.is_open() or not link.owner.is_active:
            return True
        return any(target and target.deleted_at for target in (link.job, link.album, link.conversation))

    def goodbye(self) -> bytes:
        return goodbye()

    def visit(self) -> Visit | None:
        """As nobody in particular sees it: what is sent is the same for all."""
        link = visiting.find(self.token)
        return Visit(link, self.token) if link else None

    @staticmethod
    def drawn(template: str, visit: Visit, **context: object) -> str:
        return render_to_string(f"generations/shared/{template}.html", {"visit": visit, **context})


def _watched(link: ShareLink) -> Watched:
    if link.job_id:
        return Watched(jobs=frozenset({link.job_id}))
    if link.conversation_id:
        return Watched()
    if link.album and not link.album.is_smart:
        return Watched(albums=frozenset({link.album.pk}))
    return Watched(links=frozenset({link.pk}))


def goodbye() -> bytes:
    return event(render_to_string("generations/shared/_ended_now.html"), timezone.now())
