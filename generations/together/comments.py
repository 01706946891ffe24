"""What is said of a job. Who may see a job may speak of it; each changes what is their own."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import notices
from accounts.models import User
from generations.models import Comment, Job, ShareLink
from generations.together import activity, mentions

LONGEST = 4000  # characters
PAGE = 50


class Unfit(ValueError):
    """It cannot be said so; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Page:
    """The comments in the order of time; `earlier`: the id before which there are more, null where there are none."""

    comments: list[Comment]
    earlier: int | None


def of(job: Job) -> QuerySet[Comment]:
    return Comment.objects.filter(job=job, deleted_at=None)


def page(job: Job, before: int | None = None) -> Page:
    """The latest, or those before a comment."""
    rows = of(job).select_related("author").order_by("-pk")
    rows = rows.filter(pk__lt=before) if before is not None else rows
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    return Page(shown[::-1], shown[-1].pk if len(found) > PAGE else None)


def add(job: Job, *, author: User | None, text: str, guest: str = "", link: ShareLink | None = None) -> Comment:
    """Says it, and tells those whom it concerns. A guest of a link has a name of their choice. Raises Unfit."""
    said = read(text)
    with transaction.atomic():
        comment = Comment.objects.create(job=job, author=author, guest=guest.strip()[:60], link=link, text=said)
        touch(job)
        activity.note(job.team_id, author, "comment", job=job, guest=comment.guest)
        _tell(comment)
    return comment


def edit(comment: Comment, text: str) -> bool:
    """Raises Unfit. Who is mentioned anew is told."""
    said = read(text)
    before = comment.text
    now = timezone.now()
    with transaction.atomic():
        rows = Comment.objects.filter(pk=comment.pk, deleted_at=None).exclude(text=said)
        if rows.update(text=said, edited_at=now) != 1:
            return False
        comment.text, comment.edited_at = said, now
        touch(comment.job)
        _tell_mentioned(comment, besides=before)
    return True


def delete(comment: Comment) -> bool:
    now = timezone.now()
    with transaction.atomic():
        won = Comment.objects.filter(pk=comment.pk, deleted_at=None).update(deleted_at=now) == 1
        touch(comment.job)
    return won


def restore(comment: Comment) -> bool:
    with transaction.atomic():
        won = Comment.objects.filter(pk=comment.pk).exclude(deleted_at=None).update(deleted_at=None) == 1
        touch(comment.job)
    return won


def may_delete(user: User, comment: Comment) -> bool:
    """One's own, and what is said of one's own job."""
    return user.pk in (comment.author_id, comment.job.owner_id)


def touch(job: Job) -> None:
    """So that pages that show it are told."""
    Job.objects.filter(pk=job.pk).update(changed_at=timezone.now())


def read(text: str) -> str:
    """As it is kept. Raises Unfit."""
    said = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not said:
        raise Unfit("Write something first.")
    if len(said) > LONGEST:
        raise Unfit(f"It is longer than {LONGEST:,} characters.")
    return said


def speaker(comment: Comment) -> str:
    """Who said it, in words."""
    return str(comment.author) if comment.author else comment.guest or "Somebody who has left"


def _tell(comment: Comment) -> None:
    told = _tell_mentioned(comment)
    owner = comment.job.owner
    if owner not in told:
        said = f"{speaker(comment)} commented: {_short(comment.text)}"
        notices.tell(owner, "comment", said, _place(comment), by=comment.author)


def _tell_mentioned(comment: Comment, besides: str = "") -> list[User]:
    """Whom the text mentions; told are those whom `besides` did not. A guest mentions nobody."""
    if comment.author is None:
        return []
    people = mentions.people(comment.job)
    known = mentions.mentioned(besides, people) if besides else []
    meant = [person for person in mentions.mentioned(comment.text, people) if person not in known]
    for person in meant:
        said = f"{comment.author} mentions you: {_short(comment.text)}"
        notices.tell(person, "mention", said, _place(comment), by=comment.author)
    return meant


def _place(comment: Comment) -> str:
    return f"{reverse('job', args=[comment.job_id])}#comment-{comment.pk}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 140 else f"{words[:139]}…"
