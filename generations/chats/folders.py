"""What a person does with whole conversations: naming, pinning, filing, putting away, deleting."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from generations.models import Conversation, Folder, Message
from generations.models.message import UNDER_WAY

NAME_MAX = 80
TITLE_MAX = 200
MOST = 100  # folders of a person
KEPT_DELETED = timedelta(days=30)
BATCH = 50  # conversations removed at once


class Unfit(ValueError):
    """What cannot be done; the message says why, for people."""


def rename(conversation: Conversation, title: str) -> None:
    title = one_line(title, TITLE_MAX)
    if not title:
        raise Unfit("A title needs a word.")
    conversation.touch(title=title, is_title_own=True)


def pin(conversation: Conversation, is_on: bool) -> None:
    """What is pinned is at the top, so it is not put away."""
    conversation.touch(**({"pinned_at": timezone.now(), "archived_at": None} if is_on else {"pinned_at": None}))


def archive(conversation: Conversation, is_on: bool) -> None:
    conversation.touch(**({"archived_at": timezone.now(), "pinned_at": None} if is_on else {"archived_at": None}))


def move(conversation: Conversation, folder: Folder | None) -> None:
    conversation.touch(folder=folder)


def hide(conversation: Conversation) -> bool:
    """Deletes it, in a way that can be undone for 30 days. What is being written in it is stopped."""
    now = timezone.now()
    won = Conversation.objects.filter(pk=conversation.pk, deleted_at=None).update(deleted_at=now, changed_at=now) == 1
    if won:
        for reply in conversation.messages.filter(state__in=UNDER_WAY):
            reply.request_stop()
    return won


def unhide(conversation: Conversation) -> bool:
    gone = Conversation.objects.filter(pk=conversation.pk, deleted_at__isnull=False)
    return gone.update(deleted_at=None, changed_at=timezone.now()) == 1


def create(owner: User, name: str) -> Folder:
    """The person's folder of that name, made where there is none."""
    name = _name(name)
    if found := Folder.objects.filter(owner=owner, name__iexact=name).first():
        return found
    if Folder.objects.filter(owner=owner).count() >= MOST:
        raise Unfit(f"{MOST} folders are the most.")
    try:
        with transaction.atomic():
            return Folder.objects.create(owner=owner, name=name)
    except IntegrityError:
        return Folder.objects.get(owner=owner, name__iexact=name)


def name(folder: Folder, name: str) -> None:
    folder.name = _name(name)
    try:
        with transaction.atomic():
            folder.save(update_fields=["name"])
    except IntegrityError:
        raise Unfit(f"There is a folder “{folder.name}” already.") from None


def purge(*, now: datetime | None = None) -> int:
    """Removes for good what was deleted 30 days ago: messages, and whole conversations. Returns how many of these.

    What was attached to them is released with them, for the purge of uploads.
    """
    before = (now or timezone.now()) - KEPT_DELETED
    count = 0
    while doomed := list(Conversation.objects.filter(deleted_at__lt=before).values_list("pk", flat=True)[:BATCH]):
        Conversation.objects.filter(pk__in=doomed).delete()
        count += len(doomed)
    gone = Message.objects.filter(deleted_at__lt=before).exclude(
        children__in=Message.objects.exclude(deleted_at__lt=before)
    )
    while messages := list(gone.order_by("-pk").values_list("pk", flat=True)[:500]):  # the ends of branches first
        Message.objects.filter(pk__in=messages).delete()
    return count


def one_line(text: str, longest: int) -> str:
    return " ".join(text.replace("\0", "").split())[:longest].strip()


def _name(name: str) -> str:
    name = one_line(name, NAME_MAX)
    if not name:
        raise Unfit("A folder needs a name.")
    return name
