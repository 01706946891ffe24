"""Telling people what happened, by the ways that each has chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accounts.models import Notice, User


@dataclass(frozen=True, slots=True)
class Event:
    """What can be told of: in words for the page of choices, and which ways are on until one chooses."""

    label: str
    in_app: bool = True
    by_push: bool = False
    by_mail: bool = False
    by_webhook: bool = False


EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        "job_done": Event("A long job of mine is done"),
        "job_failed": Event("A job of mine failed or needs a look"),
        "approval_wanted": Event("A job waits for my approval", by_mail=True),
        "approval_settled": Event("My job was approved or declined"),
        "mention": Event("Somebody mentions me", by_mail=True),
        "comment": Event("Somebody comments on a job of mine"),
        "review": Event("A job of mine was approved or rejected in review"),
        "team": Event("I was added to a team, or my role changed", by_mail=True),
        "archive": Event("My export or import is done"),
    }
)


def tell(user: User, event: str, text: str, url: str = "", *, by: User | None = None) -> None:
    """`url` is a path of this site. Nobody is told of what they did themselves."""
    if by is not None and by.pk == user.pk:
        return
    Notice.objects.create(user=user, event=event, text=text[:300], url=url[:300], by=by)
