"""Jobs that wait for the approval of their key's owner: asking for it, giving it, declining.

A job waits where its price is above the amount that the owner of a team's key lets its members spend unasked, or is not
known. Nothing of it is sent, and it counts as nothing spent. The price is asked for anew when it is approved: one that
has risen above what the owner saw is shown to them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator

from accounts import audit, keys, notices
from accounts.models import Team, TeamKey, User
from generations.models import Job
from generations.models.states import State
from generations.money import limits, quotes
from generations.money.quotes import Total
from studio.lib.money import money
from studio.providers.base import Quote

LONGEST_REASON = 300
SHOWN = 100  # characters of a prompt, in the notice


@dataclass(frozen=True, slots=True)
class Answer:
    """`done`: it is settled, as was wanted. Else the message says why not."""

    done: bool
    message: str


class _Beyond(ValueError):
    """It would go beyond a limit."""


# -- Asking ----------------------------------------------------------------------------------------------------------
def ask(jobs: Sequence[Job]) -> None:
    """Tells the owner of each key, once for a click, with a link to exactly these jobs. In their transaction."""
    for job in jobs:
        job.events.create(kind="held")
    for key in {job.key.pk: job.key for job in jobs if job.key is not None}.values():
        theirs = [job for job in jobs if job.key_id == key.pk]
        what = theirs[0].model_name if len(theirs) == 1 else f"{len(theirs)} jobs"
        price = quotes.total([(Quote(job.quoted), 1) for job in theirs])
        said = f"{theirs[0].owner} asks for your approval: {what} with {key.label}, {price}.{_prompts(theirs)}"
        notices.tell(key.owner, "approval_wanted", said, _page(theirs[0]), by=theirs[0].owner)


def _prompts(jobs: Sequence[Job]) -> str:
    first, *others = dict.fromkeys(" ".join(job.prompt.split()) for job in jobs)
    more = f" and {len(others)} more" if others else ""
    return f" “{Truncator(first).chars(SHOWN)}”{more}" if first else ""


def waiting(user: User) -> QuerySet[Job]:
    """What waits for this person, the newest first."""
    own = user.provider_keys.values("pk")
    rows = Job.objects.filter(key__in=own, state=State.HELD, deleted_at__isnull=True)
    return rows.select_related("owner", "key").order_by("-pk")


def beside(job: Job) -> list[Job]:
    """The others of the same click that wait for the same person."""
    assert job.key is not None
    rows = Job.objects.filter(group=job.group, state=State.HELD, key__owner=job.key.owner_id, deleted_at__isnull=True)
    return list(rows.exclude(pk=job.pk).select_related("owner", "key").order_by("position"))


# -- Settling --------------------------------------------------------------------------------------------------------
def approve(request: HttpRequest, job: Job, *, seen: str) -> Answer:
    """`seen` is the price that the page showed (`Total.seen`). It goes on at once, if that still holds."""
    if job.state != State.HELD or job.key is None:
        return Answer(False, "It has been settled meanwhile.")
    if not keys.may_use(job.owner_id, job.key):
        job.decline(message=f"{job.key.label} is not yours to use any more.")
        return Answer(False, f"{job.owner} may not use {job.key.label} any more: the job has ended.")
    if dearer := _dearer(job, seen):
        return Answer(False, dearer)
    if not _let_go(request, job):
        beyond = f"It is beyond the limit of {job.key.label}, or of {job.owner} with it. Raise that first."
        return Answer(False, beyond if job.state == State.HELD else "It has been settled meanwhile.")
    return Answer(True, f"Approved: {job.model_name} for {job.owner}.")


def approve_all(request: HttpRequest, jobs: Sequence[Job], *, seen: str) -> Answer:
    """All of a click, each at the price of its own; `seen` is what the page showed for all of them."""
    now = quotes.total([(Quote(job.quoted), 1) for job in jobs])
    if now.exceeds(Total.read(seen)):
        return Answer(False, f"The price has changed: it is {now} now.")
    answers = [approve(request, job, seen=quotes.total([(Quote(job.quoted), 1)]).seen) for job in jobs]
    done = sum(answer.done for answer in answers)
    if done == len(jobs):
        return Answer(True, f"Approved: {done} jobs.")
    return Answer(False, f"{done} of {len(jobs)} approved. {next(one.message for one in answers if not one.done)}")


def decline(request: HttpRequest, job: Job, reason: str) -> Answer:
    by = _person(request)
    why = " ".join(reason.split())[:LONGEST_REASON]
    if not job.decline(message=f"{by} did not approve it: {why}" if why else f"{by} did not approve it."):
        return Answer(False, "It has been settled meanwhile.")
    audit.note(request, "job.declined", _named(job), team=_team(job), job=str(job.pk))
    _tell(job, by, f"{by} did not approve your {job.model_name}" + (f": {why}" if why else "."))
    return Answer(True, f"Declined: {job.model_name} for {job.owner}.")


def _dearer(job: Job, seen: str) -> str:
    """Why it must be looked at again, in words; the job has today's price from then on."""
    quote = quotes.today(job)
    if quote is None:  # it is not offered any more; the sending says so
        return ""
    now = quotes.total([(quote, 1)])
    shown = Total.read(seen)
    if now.pending:
        return "The price is still on its way. Approve it again when it is there."
    if quote.cost is not None and quote.cost != job.quoted:
        job.quote_anew(quote.cost, is_estimate=quote.estimate)
    return (
        f"The price has changed from {shown} to {now}. Approve it again if that is right." if now.exceeds(shown) else ""
    )


def _let_go(request: HttpRequest, job: Job) -> bool:
    by = _person(request)
    try:
        with transaction.atomic():
            if not job.approve(by=str(by)):
                job.refresh_from_db(fields=["state"])
                return False
            if beyond := limits.hold([job]):
                raise _Beyond(beyond)
            audit.note(request, "job.approved", _named(job), team=_team(job), job=str(job.pk))
            _tell(job, by, f"{by} approved your {job.model_name}. It goes on now.")
    except _Beyond:
        job.refresh_from_db(fields=["state", "created_at", "due_at", "changed_at"])
        return False
    return True


def _tell(job: Job, by: User, said: str) -> None:
    notices.tell(job.owner, "approval_settled", said, reverse("job", args=[job.pk]), by=by)


def _named(job: Job) -> str:
    price = money(job.quoted.amount, job.quoted.unit) if job.quoted else "price unknown"
    return f"{job.model_name} of {job.owner}, {price}"


def _team(job: Job) -> Team | None:
    """Through which the key is lent; any of them, where there are several."""
    uses = TeamKey.objects.filter(key=job.key_id, team__memberships__user=job.owner_id).select_related("team")
    use = uses.first()
    return use.team if use else None


def _page(job: Job) -> str:
    return reverse("job-approval", args=[job.pk])


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
