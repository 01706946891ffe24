"""What people can be told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Event:
    """In words for the page of choices, and which ways are on until one chooses."""

    label: str
    in_app: bool = True
    by_push: bool = False
    by_mail: bool = False
    by_webhook: bool = False


EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        "job_done": Event("A long job of mine, or one that I wait for, is done", by_push=True),
        "job_failed": Event("A job of mine failed or needs a look", by_push=True),
        "approval_wanted": Event("A job waits for my approval", by_push=True, by_mail=True),
        "approval_settled": Event("My job was approved or declined", by_push=True),
        "mention": Event("Somebody mentions me", by_push=True, by_mail=True),
        "comment": Event("Somebody comments on a job of mine"),
        "review_wanted": Event("Somebody wants a review in a team of mine"),
        "review": Event("A job of mine was approved or rejected in review"),
        "team": Event("I was added to a team, or my role changed", by_mail=True),
        "archive": Event("My export or import is done", by_push=True),
        "webhook_off": Event("A webhook of mine was switched off", by_mail=True),
    }
)
