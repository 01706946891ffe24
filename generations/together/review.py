"""Whether a team takes a job: to review, approved, rejected."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from accounts import notices, teams
from accounts.models import User
from generations.models import Activity, Job, Review
from generations.together import activity

SAID = {Review.TO_REVIEW: "wants a review of", Review.APPROVED: "approved", Review.REJECTED: "rejected"}


def may_judge(user: User, job: Job) -> bool:
    return job.team_id is not None and teams.may_write(user, job.team_id)


def judge(job: Job, user: User, wanted: str) -> bool:
    """`wanted` is a word of `Review`, or "" for none. False where that changes nothing, or is no such word."""
    if wanted and wanted not in Review.values:
        return False
    with transaction.atomic():
        if not job.judge(wanted):
            return False
        activity.note(job.team_id, user, "review", job=job, review=wanted)
        if wanted:
            _tell(job, user, Review(wanted))
    return True


def _tell(job: Job, user: User, judgement: Review) -> None:
    """The owner of what was found; of what is to be found, everybody who may."""
    said, address = f"{user} {SAID[judgement]} {_name(job)}", reverse("job", args=[job.pk])
    if judgement != Review.TO_REVIEW:
        notices.tell(job.owner, "review", said, address, by=user)
        return
    for person in User.objects.filter(memberships__team=job.team_id, memberships__role__in=teams.WRITERS):
        notices.tell(person, "review_wanted", said, address, by=user)


def last(job: Job) -> Activity | None:
    """Who said so, and when."""
    if not job.review or job.team_id is None:
        return None
    rows = Activity.objects.filter(job=job, team=job.team_id, kind="review").select_related("actor")
    return rows.order_by("-pk").first()


def _name(job: Job) -> str:
    words = " ".join(job.prompt.split()) or job.model_name
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
