"""What people do with jobs: make, cancel, retry, settle, delete. What providers answer is `generations.outcomes`.

Nothing here talks to a provider: a verb writes what is wanted, and the shift does it within a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings as site
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import ProviderKey, Team, User
from accounts.offered import is_offered
from generations import allowance, approvals, deleting, history, sources
from generations.inputs import assets_in
from generations.models import Asset, Job
from generations.models.states import Charge, State
from generations.money import lent, limits
from generations.together import activity, visibility
from studio.lib.crypto import token
from studio.lib.ids import uuid7
from studio.providers.base import Cost, ModelInfo, Quote
from studio.providers.registry import dialect

KEPT_IN_TRASH = timedelta(days=30)


class NotPossible(Exception):
    """The job is not in a state for this; the message says why, for people."""


class NeedsConfirmation(NotPossible):
    """It may cost a second time: ask the person, then call again with `confirmed=True`."""


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """`over`: the job has ended. `asked`: the provider is being asked. Neither: nothing changes, as `message` says."""

    over: bool
    asked: bool
    message: str


@dataclass(frozen=True, slots=True)
class Order:
    """One job to make. `settings` are valid for the model's options; `quote` is what the person was told."""

    provider: str
    key: ProviderKey | None
    model: ModelInfo
    prompt: str
    settings: Mapping[str, Any]
    quote: Quote


def create(
    owner: User,
    orders: Sequence[Order],
    *,
    group: UUID | None = None,
    remixed: Job | None = None,
    team: Team | None = None,
) -> list[Job]:
    """The jobs of one click, sent at once. The same click sent twice (its `group` says so) makes them once.

    `remixed`: the job whose settings were taken up for them. `team`: who may see them too.
    Raises NotPossible where they would take a key beyond its monthly limit; none is made then.
    """
    group = group or uuid7()
    jobs = [_job(owner, order, group, position, team) for position, order in enumerate(orders)]
    try:
        return _put(jobs, remixed)
    except IntegrityError:
        made = list(Job.objects.filter(owner=owner, group=group).order_by("position"))
        if not made:
            raise
        return made


def _job(owner: User, order: Order, group: UUID, position: int, team: Team | None) -> Job:
    return Job(
        owner=owner,
        team=team,
        group=group,
        position=position,
        provider=order.provider,
        key=order.key,
        kind=order.model.kind,
        model=order.model.id,
        model_name=order.model.name,
        prompt=order.prompt,
        settings=dict(order.settings),
        settings_digest=history.digest(order.settings),
        webhook_token=token(),
        quote_is_estimate=order.quote.estimate,
        **_quoted(order.quote.cost),
    )


def _put(jobs: list[Job], remixed: Job | None = None) -> list[Job]:
    with transaction.atomic():
        for job in lent.waits(jobs):
            job.state, job.due_at = State.HELD, None
        for job in jobs:
            job.save(force_insert=True)
            job.events.create(at=job.created_at, kind="created")
            if named := assets_in(job.settings):
                job.assets.set(Asset.objects.filter(owner=job.owner, pk__in=named))
            sources.note(job, remixed)
        if beyond := allowance.beyond(jobs) or limits.hold(jobs):
            raise NotPossible(beyond)
        approvals.ask([job for job in jobs if job.state == State.HELD])
        if jobs and jobs[0].team is not None:
            activity.note_shared(jobs[0].team, jobs[0].owner, jobs)
    return jobs


def _quoted(cost: Cost | None) -> dict[str, Any]:
    return {"quoted_amount": cost.amount if cost else None, "quoted_unit": cost.unit[:12] if cost else ""}


# -- Cancel ----------------------------------------------------------------------------------------------------------
def cancel(job: Job) -> CancelOutcome:
    """Cancels at any state, and says what that means there. The record is read again, so the answer is of now."""
    for _ in range(5):  # the worker may move the job between the reading and the verb
        job.refresh_from_db()
        outcome = _cancel_now(job)
        if outcome is not None:
            return outcome
    return CancelOutcome(False, False, "The job was just moving on. Please try again.")


def _cancel_now(job: Job) -> CancelOutcome | None:
    """None where the job moved on meanwhile."""
    label = dialect(job.provider).label
    if job.is_ended:
        return CancelOutcome(True, False, "It was over already.")
    if job.state in (State.HELD, State.QUEUED):
        won = job.end_cancelled(charge=Charge.NO, among=[job.state])
        return CancelOutcome(True, False, "Cancelled before it was sent: no charge.") if won else None
    if job.state == State.SAVING:
        return CancelOutcome(False, False, "It has been made already, and is being saved.")
    if not dialect(job.provider).can_cancel:
        return CancelOutcome(False, False, f"{label} cannot stop a job. It goes on, and is charged as usual.")
    if job.cancel_requested_at is not None:
        return CancelOutcome(False, True, f"{label} has been asked to stop already.")
    return CancelOutcome(False, True, _asked(job, label)) if job.request_cancel() else None


def _asked(job: Job, label: str) -> str:
    cost = "" if job.is_free else " What was made until then may be charged."
    if job.state == State.SUBMITTING:
        return f"It is just being sent. It will be cancelled as soon as {label} has answered.{cost}"
    if job.state == State.UNCONFIRMED:
        return f"It is not known whether {label} has it. If it does, it will be cancelled.{cost}"
    return f"{label} is being asked to stop.{cost}"


# -- Again -----------------------------------------------------------------------------------------------------------
def retry(job: Job, *, confirmed: bool, quote: Quote | None = None, tries: int = 0) -> Job:
    """The same once more, as a new job that names its parent. `quote`: today's price; else the old one is kept.

    `tries` is how many there were when the person asked: asked twice, by a second click or on a page that came back,
    it is still one job, the first one's. An unconfirmed job is given up with it.
    """
    job.refresh_from_db()
    group = uuid5(job.pk, f"try {tries}")
    if earlier := Job.objects.filter(owner=job.owner, group=group).first():
        return earlier
    _check_again(job, confirmed=confirmed)
    again = _again(job, group, quote)
    try:
        with transaction.atomic():
            _put([again])  # first: of two at once, the second waits here and finds the first one's job
            if job.state == State.UNCONFIRMED and not give_up(job):
                raise NotPossible("It has been settled meanwhile.")
            job.events.create(kind="retried", detail={"job": str(again.pk)})
    except IntegrityError:
        return Job.objects.get(owner=job.owner, group=group)
    return again


def _check_again(job: Job, *, confirmed: bool) -> None:
    """Raises NotPossible and NeedsConfirmation."""
    if not job.is_ended and job.state != State.UNCONFIRMED:
        raise NotPossible("It waits for approval." if job.state == State.HELD else "It is still under way.")
    if not is_offered(job.provider):
        raise NotPossible("The operator of this Studio does not offer its provider any more.")
    if job.key is not None and not job.key.is_enabled:
        raise NotPossible("The key that it was made with is disabled.")
    if job.key is not None and not keys.may_use(job.owner_id, job.key):
        raise NotPossible("The key that it was made with is not yours to use any more. Choose another in Create.")
    if job.key is None and dialect(job.provider).needs_key:
        raise NotPossible("The key that it was made with is gone. Open its settings in Create and choose another.")
    if job.charge != Charge.NO and not confirmed:
        paid = "was charged" if job.charge == Charge.YES else "may have been charged"
        raise NeedsConfirmation(f"The first one {paid}. Another one is charged anew.")


def _again(job: Job, group: UUID, quote: Quote | None) -> Job:
    copied = ("owner", "key", "provider", "kind", "model", "model_name", "prompt", "settings", "settings_digest")
    again = Job(**{name: getattr(job, name) for name in copied}, parent=job, group=group, webhook_token=token())
    again.team = visibility.again(job)
    for name, value in (_quoted(quote.cost) if quote else {n: getattr(job, n) for n in _quoted(None)}).items():
        setattr(again, name, value)
    again.quote_is_estimate = quote.estimate if quote else job.quote_is_estimate
    return again


def tries(job: Job) -> int:
    """How often it was made again."""
    return job.events.filter(kind="retried").count()


def resave(job: Job) -> bool:
    """Another try at the download of what was made and could not be fetched. It costs nothing."""
    return job.save_again()


# -- Unconfirmed -----------------------------------------------------------------------------------------------------
def candidates(job: Job) -> list[dict[str, Any]]:
    """The provider's jobs that it may be: {"remote_id", "created_at", "state", "prompt"} each. Empty: none known."""
    event = job.events.filter(kind="looked_up").last() if job.state == State.UNCONFIRMED else None
    return list(event.detail.get("candidates", [])) if event else []


def adopt(job: Job, remote_id: str) -> bool:
    """The person says which of the candidates it is. False: none of them, or settled or taken meanwhile."""
    if remote_id not in {candidate["remote_id"] for candidate in candidates(job)}:
        return False
    if Job.objects.filter(provider=job.provider, remote_id=remote_id).exists():
        return False
    return job.accept(remote_id=remote_id, due_at=timezone.now(), event="adopted", how="person")


def give_up(job: Job) -> bool:
    """The person no longer waits for an answer. False: it has been settled meanwhile."""
    message = "It was sent, no answer came, and it was given up. The provider may still have made and charged it."
    return job.fail(kind="lost", message=message, charge=job.at_risk, among=[State.UNCONFIRMED], event="given_up")


# -- Delete ----------------------------------------------------------------------------------------------------------
def hide(job: Job, *, at_provider: bool = False) -> bool:
    """Deletes, to be undone within 30 days. What is in flight is cancelled first, as far as that is possible.

    `at_provider`: the provider is asked to delete its copy too, and that is not to be undone.
    """
    job.refresh_from_db()
    if not job.is_ended:
        cancel(job)
    hidden = job.hide()
    if hidden and at_provider:
        deleting.ask(job)
    return hidden


def unhide(job: Job) -> bool:
    kept = job.deleted_at is not None and job.deleted_at > timezone.now() - KEPT_IN_TRASH
    return kept and job.unhide()


# -- Webhooks --------------------------------------------------------------------------------------------------------
def webhook_url(job: Job) -> str:
    """Unguessable, and good for one job. Empty where providers cannot reach us."""
    path = reverse("webhook", args=[f"{job.pk.hex}.{job.webhook_token}"])
    return site.PUBLIC_URL + path if site.PUBLIC_URL else ""
