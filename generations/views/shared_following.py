"""What comes into an album or a chat behind a link, and goes from it: followed once for each that is open.

Changes of jobs are the watcher's to tell (see `generations.views.live`); this is about what it does not see.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils import timezone

from generations.links import contents, smart
from generations.links.visiting import Visit
from generations.models import Job
from generations.views.live import Stream
from generations.views.shared_audience import ByLink
from generations.views.sse import event
from studio.database import query

log = structlog.get_logger(__name__)

LOOK = 0.6  # seconds between two looks
AFTER_TROUBLE = 2.0


class Follower:
    """Of one audience: knows what its pages have been told, and tells them what is new."""

    def __init__(self, audience: ByLink) -> None:
        self.audience = audience
        self.streams: set[Stream] = set()
        self.edition = contents.Edition()
        self.ids: list[UUID] = []

    async def run(self) -> None:
        while self.streams:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except DatabaseError as error:
                log.warning("a link's page waits for the database", reason=type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE)
            except Exception:  # the pages of other links go on
                log.exception("following a link stumbled")

    async def look(self) -> None:
        news = await query(self.news)
        for stream in self.streams:
            stream.put(news)

    def begin(self) -> None:
        if visit := self.audience.visit():
            self.edition = contents.edition(visit.link)
            self.ids = contents.ids(visit.link)

    def news(self) -> bytes:
        """What has come to be since the last look."""
        visit = self.audience.visit()
        if visit is None:
            return b""
        smart.keep_up(visit.link)
        before, self.edition = self.edition, contents.edition(visit.link)
        if self.edition == before:
            return b""
        if visit.link.conversation_id is None:
            return self._album(visit)
        is_new = self.edition.said != before.said
        return anew(visit) if is_new else self._growing(visit)

    def _album(self, visit: Visit) -> bytes:
        before, self.ids = self.ids, contents.ids(visit.link)
        new, gone = set(self.ids) - set(before), set(before) - set(self.ids)
        rows = contents.jobs(visit.link).filter(pk__in=new).select_related("owner").prefetch_related("outputs")
        found: dict[UUID, Job] = {job.pk: job for job in rows}
        came = [found[pk] for pk in reversed(self.ids) if pk in found]
        return _event("_changes", visit, came=came, gone=gone)

    def _growing(self, visit: Visit) -> bytes:
        messages = [one for turn in contents.turns(visit.link) for one in turn.beside or (turn.message,)]
        under_way = [one for one in messages if one.is_reply and one.is_under_way]
        return _event("_growing", visit, messages=under_way)


def whole(audience: ByLink, seen: str) -> bytes:
    """All of it anew, for a page that was drawn from another edition than this one."""
    visit = audience.visit()
    if visit is None or contents.edition(visit.link).name == seen:
        return b""
    return anew(visit)


def anew(visit: Visit) -> bytes:
    """As the page begins."""
    if visit.link.conversation_id:
        return _event("_thread_anew", visit, turns=contents.turns(visit.link))
    jobs, following = contents.page(visit.link)
    return _event("_grid_anew", visit, jobs=jobs, following=following)


def _event(template: str, visit: Visit, **context: object) -> bytes:
    return event(ByLink.drawn(template, visit, **context), timezone.now())


class Following:
    """The followers of this process, by audience."""

    def __init__(self) -> None:
        self.followers: dict[ByLink, tuple[Follower, asyncio.Task[None]]] = {}

    async def join(self, stream: Stream, audience: ByLink, seen: str) -> None:
        """`seen`: the edition that the page was drawn from; where there is another by now, it is told the whole."""
        if audience not in self.followers:
            follower = Follower(audience)
            await query(follower.begin)
            if audience not in self.followers:
                follower.streams.add(stream)
                self.followers[audience] = follower, asyncio.create_task(follower.run())
        follower, _ = self.followers[audience]
        follower.streams.add(stream)
        stream.put(await query(whole, audience, seen))

    def leave(self, stream: Stream, audience: ByLink) -> None:
        if audience not in self.followers:
            return
        follower, task = self.followers[audience]
        follower.streams.discard(stream)
        if not follower.streams:
            task.cancel()
            del self.followers[audience]


following = Following()
