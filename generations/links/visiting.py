"""The one rule of who gets in by a link. Every page, file and stream behind one goes through `visit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from accounts import teams
from accounts.models import User
from generations.inputs import Stored
from generations.links import contents, opening, smart
from generations.models import Audience, Job, Output, ShareLink
from studio.lib.crypto import fingerprint


class Closed(Exception):
    """Nothing opens. `link` is there only for its owner: others are not told why, nor that there was one."""

    def __init__(self, link: ShareLink | None = None) -> None:
        super().__init__("This link opens nothing")
        self.link = link


class SignInFirst(Exception):
    """It is for people who are signed in."""


class Locked(Exception):
    """It wants its password, or a click that takes one of its views."""

    def __init__(self, link: ShareLink) -> None:
        super().__init__("This link has to be opened first")
        self.link = link


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who has come by a link, and what it shows them."""

    link: ShareLink
    token: str
    viewer: User | None = None

    @property
    def is_own(self) -> bool:
        return self.viewer is not None and self.viewer.pk == self.link.owner_id

    @property
    def title(self) -> str:
        """As the page is headed. The name of an album is its owner's, who gives it by giving the link."""
        if self.link.label:
            return self.link.label
        if self.link.album:
            return self.link.album.title
        if self.link.conversation:
            return self.link.conversation.title or "A conversation"
        return ""

    @property
    def may_remix(self) -> bool:
        """Only what is shown can be made again."""
        return self.link.shows_settings

    def job(self, job_id: UUID) -> Job:
        """One of the link's, with its results. Raises Closed."""
        rows = contents.jobs(self.link).select_related("owner").prefetch_related("outputs")
        found = rows.filter(pk=job_id).first()
        if found is None:
            raise Closed
        return found

    def output(self, job_id: UUID, position: int) -> Output:
        """A saved result of one of the link's jobs. Raises Closed."""
        results = Output.objects.filter(job=job_id, position=position).exclude(file="")
        found = results.select_related("job").first()
        if found is None or not contents.jobs(self.link).filter(pk=job_id).exists():
            raise Closed
        return found

    def picture(self, message_id: UUID, number: int) -> Stored:
        """What is attached to one of its messages. Raises Closed."""
        found = contents.picture(self.link, message_id, number)
        if found is None:
            raise Closed
        return found


def visit(token: str, viewer: User | None, admitted: Mapping[str, int]) -> Visit:
    """Raises Closed, SignInFirst or Locked. `admitted`: the links that this browser has opened, with their versions."""
    link = find(token)
    if link is None:
        raise Closed
    is_own = viewer is not None and viewer.pk == link.owner_id
    if not _is_open(link):
        raise Closed(link if is_own else None)
    if not is_own:
        _check_audience(link, viewer)
        if opening.asks(link) and admitted.get(str(link.pk)) != link.version:
            raise Locked(link)
    smart.keep_up(link)
    return Visit(link, token, viewer)


def previewed(token: str) -> ShareLink:
    """The link of an address that a messenger draws a preview of. Raises Closed where it would tell too much."""
    link = find(token)
    if link is None or not is_previewed(link) or not _is_open(link):
        raise Closed
    smart.keep_up(link)
    return link


def is_previewed(link: ShareLink) -> bool:
    return link.audience == Audience.ANYONE and not opening.asks(link)


def find(token: str) -> ShareLink | None:
    """By its hash, so that how long it takes tells nothing of the token."""
    rows = ShareLink.objects.select_related("owner", "team", "album", "conversation", "message")
    return rows.filter(token_hash=fingerprint(token)).first()


def _is_open(link: ShareLink) -> bool:
    if not link.is_open() or not link.owner.is_active:
        return False
    if link.audience == Audience.ANYONE and not settings.PUBLIC_LINKS:
        return False
    return contents.is_there(link)


def _check_audience(link: ShareLink, viewer: User | None) -> None:
    if link.audience == Audience.ANYONE:
        return
    if viewer is None:
        raise SignInFirst
    if link.audience == Audience.TEAM and not teams.role(viewer, link.team):
        raise Closed
