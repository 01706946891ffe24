"""What people say of a job, and with whom it is shared, as the pages show it.

The live stream renders for many readers at once, without a signed-in person: there these parts stay as they are in
the page (`hx-morph-skip`), and `talk_version` says when they are to be fetched anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.db.models import Count, Max
from django.http import HttpRequest

from accounts.models import Team, User
from generations import inputs
from generations.inputs import Input
from generations.models import Comment, Job, Review
from generations.together import beginnings, comments, mentions, reactions, review, visibility, wording

register = template.Library()


@register.simple_tag
def begun_as_seen(job: Job, is_owner: object) -> list[Input]:
    return beginnings.as_seen(job, is_owner=bool(is_owner))


@register.simple_tag
def settings_as_seen(job: Job, is_owner: object) -> Mapping[str, Any]:
    """A link that stands in a row of a setting is its owner's, as any other."""
    return job.settings if is_owner else inputs.told_others(job.settings, with_prompt=True)


@register.simple_tag
def talk_version(job: Job) -> str:
    """Another one whenever somebody has spoken, reacted or judged."""
    said = Comment.objects.filter(job=job).aggregate(Count("pk"), Max("edited_at"), Max("deleted_at"))
    reacted = job.reactions.aggregate(Count("pk"), Max("pk"))
    parts = [*said.values(), *reacted.values(), job.review, job.team_id]
    return "-".join(part.strftime("%s%f") if hasattr(part, "strftime") else str(part or 0) for part in parts)


@register.simple_tag(takes_context=True)
def talk(context: dict[str, Any], job: Job) -> dict[str, Any]:
    """All that the part of a page shows that is about a job's comments, reactions and review."""
    reader = _reader(context)
    before = context["request"].GET.get("comments_before", "")
    page = comments.page(job, int(before) if before.isascii() and before.isdigit() and len(before) < 15 else None)
    people = mentions.people(job)
    return {
        "is_open": job.team_id is not None or bool(page.comments),
        "comments": [_shown(comment, job, people, reader) for comment in page.comments],
        "earlier": page.earlier,
        "people": [mentions.handle(person) for person in people if person != reader],
        "reactions": reactions.counts(job, reader),
        "may_judge": review.may_judge(reader, job),
        "judged": review.last(job),
        "reviews": Review.choices,
        "longest": comments.LONGEST,
    }


@register.simple_tag(takes_context=True)
def shown_comment(context: dict[str, Any], comment: Comment) -> dict[str, Any]:
    return _shown(comment, comment.job, mentions.people(comment.job), _reader(context))


@register.simple_tag(takes_context=True)
def sharing(context: dict[str, Any]) -> dict[str, Any]:
    """With whom the reader may share, and `chosen`: as the form was sent, else as usual; a team's id or ""."""
    reader = _reader(context)
    usual = visibility.usual(reader)
    sent = context["request"].POST.get("team")
    chosen = sent if sent is not None else str(usual.pk) if usual else ""
    return {"teams": [(team, str(team.pk)) for team in context["frame"].spaces.written], "chosen": chosen}


@register.filter
def undo_comment(message: Message) -> str:
    """Where the comment is brought back whose deletion a message tells of; "" for other messages."""
    kind, _, address = (message.extra_tags or "").partition(":")
    return address if kind == "undo-comment" else ""


@register.filter
def is_among(team: Team, choices: list[tuple[Team, str]]) -> bool:
    return team in (one for one, _ in choices)


def _shown(comment: Comment, job: Job, people: list[User], reader: User) -> dict[str, Any]:
    comment.job = job
    return {
        "comment": comment,
        "speaker": comments.speaker(comment),
        "is_guest": comment.author is None and bool(comment.guest),
        "pieces": wording.pieces(comment.text, people, reader),
        "may_edit": comment.author_id == reader.pk,
        "may_delete": comments.may_delete(reader, comment),
    }


def _reader(context: dict[str, Any]) -> User:
    request = context["request"]
    assert isinstance(request, HttpRequest)
    assert isinstance(request.user, User)
    return request.user
