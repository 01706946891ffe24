"""By which ways each person wants to hear of what."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from django.db import transaction

from accounts.models import NoticeChoice, User
from accounts.notices.events import EVENTS, Event

WAYS = ("in_app", "by_push", "by_mail", "by_webhook")


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the page of choices shows it: `ways` are the name of a way, that of its field, and is it on."""

    event: str
    label: str
    ways: list[tuple[str, str, bool]]


def of(user: User, event: str) -> NoticeChoice | Event:
    """Read its ways by the names in WAYS."""
    return NoticeChoice.objects.filter(user=user, event=event).first() or EVENTS[event]


def table(user: User) -> list[Row]:
    chosen = {choice.event: choice for choice in NoticeChoice.objects.filter(user=user)}
    return [
        Row(name, event.label, [(way, f"{name}.{way}", getattr(chosen.get(name, event), way)) for way in WAYS])
        for name, event in EVENTS.items()
    ]


@transaction.atomic
def choose(user: User, on: Container[str]) -> None:
    """`on` holds the names of the fields that are on: "mention.by_mail"."""
    for event in EVENTS:
        ways = {way: f"{event}.{way}" in on for way in WAYS}
        NoticeChoice.objects.update_or_create(user=user, event=event, defaults=ways)


@transaction.atomic
def stop_mail(user: User) -> None:
    """No mail of any event from now on, and none of what waits for the next one. The other ways stay as they are."""
    for event in EVENTS:
        ways = {way: getattr(of(user, event), way) for way in WAYS} | {"by_mail": False}
        NoticeChoice.objects.update_or_create(user=user, event=event, defaults=ways)
    user.notices.filter(wants_mail=True, mailed_at=None).update(wants_mail=False)
