"""What a job's page and the pages about order ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.db.models import QuerySet
from django.template.context import Context

from accounts import teams
from accounts.models import User
from generations.models import Album, Colour, Job, Tag
from generations.organising import albums, tags, trash

register = template.Library()


@register.simple_tag(takes_context=True)
def job_albums(context: Context, job: Job) -> dict[str, QuerySet[Album] | set[Any] | bool]:
    """Which it is in, whether and into which it may be put, and from which it may be taken."""
    viewer = _viewer(context, job)
    return {
        "may_put": job.owner_id == viewer.pk or teams.may_write(viewer, job.team_id),
        "of": albums.holding(viewer, job).select_related("team"),
        "open": albums.open_to(viewer, job)[: albums.LISTED],
        "writable": set(albums.writable(viewer).filter(items__job=job).values_list("pk", flat=True)),
    }


@register.simple_tag
def own_tags(owner: User) -> QuerySet[Tag]:
    """To complete what one types."""
    return tags.of(owner)[: tags.OFFERED]


@register.simple_tag
def colours() -> list[tuple[str, str]]:
    return list(Colour.choices)


@register.filter
def undo_album(message: Message) -> str:
    """The album whose deletion a message tells of; "" for other messages."""
    kind, _, album = (message.extra_tags or "").partition(":")
    return album if kind == "undo-album" else ""


@register.filter
def undo_leave(message: Message) -> dict[str, object]:
    """The album, and the jobs that a message says were taken out of it, with their places; nothing for others."""
    kind, _, sent = (message.extra_tags or "").partition(":")
    album, _, told = sent.partition(":")
    was = told.split(",")
    ids = [one.partition("@")[0] for one in was]
    return {"album": album, "ids": ids, "was": was} if kind == "undo-leave" else {}


@register.filter
def goes_at(job: Job) -> datetime | None:
    return trash.goes_at(job)


def _viewer(context: Context, job: Job) -> User:
    """The live page draws without a request, for the job's owner."""
    user = context.get("user")
    return user if isinstance(user, User) else job.owner
