"""What is behind a link now: nothing that was deleted, and nothing that its owner may not show any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from accounts import teams
from accounts.models import User
from generations import inputs
from generations.chats import tree
from generations.chats.tree import Tree, Turn
from generations.inputs import Stored
from generations.models import AlbumItem, Comment, Conversation, Job, Message, Output, ShareItem, ShareLink
from generations.organising import albums
from studio.lib.crypto import fingerprint

PAGE = 48
COMMENTS = 100
MOST_SELECTED = 200  # jobs of a selection, whose address carries their ids while it is being made


# -- What a person may show to others ---------------------------------------------------------------------------------
def shareable(user: User | int) -> QuerySet[Job]:
    """One's own jobs, and those of the teams in which one makes things, not only looks."""
    return Job.objects.filter(_shareable_by(user))


def _shareable_by(user: User | int, path: str = "") -> Q:
    """A condition on a job, or by `path` on what has one: joined so, nobody's jobs are listed for one of them."""
    theirs = Q(**{f"{path}owner": user}) | Q(**{f"{path}team__in": teams.written_by(user).order_by()})
    return theirs & Q(**{f"{path}deleted_at__isnull": True})


def shareable_conversations(user: User | int) -> QuerySet[Conversation]:
    return Conversation.objects.filter(owner=user, deleted_at__isnull=True)


def is_there(link: ShareLink) -> bool:
    """Is what it opens still there, and its owner's to show? A selection may become empty."""
    if link.job_id:
        return shareable(link.owner_id).filter(pk=link.job_id).exists()
    if link.album_id:
        return albums.writable(link.owner_id).filter(pk=link.album_id).exists()
    if link.conversation_id:
        return shareable_conversations(link.owner_id).filter(pk=link.conversation_id).exists()
    return True


# -- Jobs --------------------------------------------------------------------------------------------------------------
def jobs(link: ShareLink) -> QuerySet[Job]:
    allowed = shareable(link.owner_id)
    if link.job_id:
        return allowed.filter(pk=link.job_id)
    if link.conversation_id:
        return allowed.none()
    return allowed.filter(pk__in=_items(link).values("job"))


def page(link: ShareLink, after: int | None = None) -> tuple[list[Job], int | None]:
    """So many jobs in their order, and the item after which the next page begins; None where there is none."""
    items = _items(link).filter(_shareable_by(link.owner_id, "job__"))
    last = _items(link).filter(pk=after).first() if after is not None else None
    if last:
        items = items.filter(Q(place__gt=last.place) | Q(place=last.place, pk__gt=last.pk))
    found = list(
        items.order_by("place", "pk").select_related("job__owner").prefetch_related("job__outputs")[: PAGE + 1]
    )
    shown = found[:PAGE]
    return [item.job for item in shown], shown[-1].pk if len(found) > PAGE else None


def ids(link: ShareLink, most: int = 5000) -> list[UUID]:
    """Of its jobs, in their order."""
    items = _items(link).filter(_shareable_by(link.owner_id, "job__"))
    return list(items.order_by("place", "pk").values_list("job", flat=True)[:most])


def cover(link: ShareLink) -> Output | None:
    """The picture that stands for it: an album's cover, or else the first that there is."""
    shown = Output.objects.filter(_shareable_by(link.owner_id, "job__")).exclude(file="").exclude(thumbnail="")
    chosen = [link.job_id] if link.job_id else known(link, [link.album.cover_id] if link.album else [])
    places = [] if link.job_id or link.conversation_id else page(link)[0]
    for job_id in filter(None, [*chosen, *(job.pk for job in places)]):
        if found := shown.filter(job=job_id).order_by("position").first():
            return found
    return None


def neighbours(link: ShareLink, job: Job) -> tuple[UUID | None, UUID | None]:
    """The jobs before and after it."""
    if link.job_id:
        return None, None
    item = _items(link).filter(job=job).first()
    if item is None:
        return None, None
    others = _items(link).filter(_shareable_by(link.owner_id, "job__"))
    before = others.filter(Q(place__lt=item.place) | Q(place=item.place, pk__lt=item.pk)).order_by("-place", "-pk")
    after = others.filter(Q(place__gt=item.place) | Q(place=item.place, pk__gt=item.pk)).order_by("place", "pk")
    return before.values_list("job", flat=True).first(), after.values_list("job", flat=True).first()


def said(link: ShareLink, job: Job) -> list[Comment]:
    """By this link, the latest of it. What the owner's team says among itself is not for its visitors."""
    rows = Comment.objects.filter(job=job, link=link, deleted_at=None)
    return list(rows.select_related("author").order_by("-pk")[:COMMENTS])[::-1]


def _items(link: ShareLink) -> QuerySet[Any]:
    """Rows that have a job, and a place among the others.

    An album that does not grow is what was in it when the link was made and still is. What a smart one finds is
    written down, as a selection is (see `generations.links.smart`).

    Who takes something out of an album means those who have its link too.
    """
    if link.album is None or link.album.is_smart:
        return ShareItem.objects.filter(link=link)
    found = AlbumItem.objects.filter(album=link.album)
    return found if link.grows else found.filter(added_at__lte=link.created_at)


def known(link: ShareLink, wanted: Collection[UUID | None]) -> set[UUID]:
    """Those of these jobs that are in it, whether or not they can be seen."""
    if link.job_id:
        return {link.job_id} & set(wanted)
    return set(_items(link).filter(job__in=wanted).values_list("job", flat=True))


# -- What changes ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Edition:
    """Becomes another when something comes or goes: `said` in an album or a chat, `written` in a reply under way."""

    said: tuple[object, ...] = ()
    written: int = 0

    @property
    def name(self) -> str:
        return fingerprint(repr((self.said, self.written)))[:16]


def edition(link: ShareLink) -> Edition:
    """One query."""
    if link.conversation_id:
        chat = Conversation.objects.filter(pk=link.conversation_id).annotate(last=Max("messages__pieces"))
        changed, written, last = chat.values_list("changed_at", "written_at", "last").get()
        return Edition((changed.isoformat(), written.isoformat()), last or 0)
    if link.album_id:
        counted = _items(link).aggregate(count=Count("pk"), last=Max("pk"))
        return Edition((counted["count"], counted["last"]))
    return Edition()


# -- Chats -------------------------------------------------------------------------------------------------------------
def turns(link: ShareLink) -> list[Turn]:
    """The messages that are shown; of a chat that does not grow, up to the last one when the link was made."""
    return tree.path(_as_shown(link))


def message(link: ShareLink, message_id: UUID) -> Message | None:
    """One of those that are shown, without its text."""
    return next((one for one in _messages(link) if one.pk == message_id), None)


def picture(link: ShareLink, message_id: UUID, number: int) -> Stored | None:
    """What is attached to a message in that place."""
    found = message(link, message_id) if link.conversation_id else None
    if found is None or number >= len(found.inputs):
        return None
    return inputs.stored(link.owner, found.inputs[number])


def _messages(link: ShareLink) -> Iterator[Message]:
    shown = Tree(_as_shown(link))
    for pk in shown.shown:
        turn = shown.turn(pk)
        yield from turn.beside or (turn.message,)


def _as_shown(link: ShareLink) -> Conversation:
    conversation = link.conversation
    assert conversation is not None
    if not link.grows:
        last = link.message
        while last is not None and last.deleted_at:
            last = last.parent
        conversation.current_id = last.pk if last else None
    return conversation
