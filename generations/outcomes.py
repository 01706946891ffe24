"""What a provider's answer means for a job. The poll, the list, the look-up and the webhook all end in `receive`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import balances
from generations.models import Job, Output
from generations.models.states import AT_PROVIDER, Charge, State
from studio.providers.base import Cost, Progress, ProviderError

FIRST_LOOKUP = timedelta(seconds=2)


def accepted(job: Job, progress: Progress, *, due_at: datetime, event: str = "accepted", how: str = "") -> bool:
    """The provider has the job, and perhaps has made it already."""
    detail = {"how": how} if how else {}
    if not job.accept(remote_id=progress.remote_id, due_at=due_at, event=event, **detail):
        return False
    receive(job, progress)
    return True


def receive(job: Job, progress: Progress) -> bool:
    """Moves the job forward to where the provider says it is, never back. True: it has ended there.

    What was taken when it was sent may be given back when it fails: only what is said with the failure counts for it.
    """
    job.note_costs(estimated=progress.estimated, actual=progress.actual)
    if progress.remaining is not None and progress.remaining.amount != job.remaining_amount and job.key_id:
        balances.note_remaining(job.key_id, progress.remaining)
    job.note_facts(remaining=progress.remaining, inference=progress.inference)
    match progress.state:
        case "running":
            job.start(progress=progress.percent)
        case "succeeded" if progress.outputs:
            _made(job, progress)
        case "succeeded":
            message = "The provider says that it is done, but gave no result."
            job.fail(kind="output", message=message, charge=_charge(job, job.actual, Charge.UNKNOWN), among=AT_PROVIDER)
        case "failed":
            message = progress.message or "The provider could not make it, and did not say why."
            kind = progress.error_kind or "failed"
            job.fail(
                kind=kind, message=message, charge=_charge(job, progress.actual, Charge.UNKNOWN), among=AT_PROVIDER
            )
        case "cancelled":
            job.end_cancelled(charge=_charge(job, progress.actual, Charge.UNKNOWN), among=AT_PROVIDER)
    return progress.ended


def _made(job: Job, progress: Progress) -> None:
    with transaction.atomic():
        if job.made(charge=_charge(job, job.actual, Charge.YES), outputs=len(progress.outputs)):
            Output.objects.bulk_create(
                Output(
                    job=job,
                    position=position,
                    name=output.name[:80],
                    remote_url=output.url,
                    is_flagged=any(progress.flagged[position : position + 1]),
                )
                for position, output in enumerate(progress.outputs)
            )


def _charge(job: Job, actual: Cost | None, unsaid: Charge) -> Charge:
    """By what the provider says it took; where it says nothing, `unsaid`, but a free job stays free."""
    if actual is not None:
        return Charge.YES if actual.amount > 0 else Charge.NO
    return Charge.NO if job.is_free else unsaid


def not_sent(job: Job, error: ProviderError, *, again_at: datetime | None) -> None:
    """The provider provably did not start it: tried again at `again_at`, or failed without a charge."""
    if job.cancel_requested_at is not None and job.end_cancelled(charge=Charge.NO, among=[State.SUBMITTING]):
        return
    if again_at is not None:
        job.put_back(due_at=again_at, kind=error.kind, why=error.message)
    else:
        job.fail(kind=error.kind, message=error.message, charge=Charge.NO, among=[State.SUBMITTING])


def lost(job: Job, why: str) -> bool:
    """The request may have arrived and the answer did not: never sent again, looked up instead."""
    return job.lose(why=why, look_at=timezone.now() + FIRST_LOOKUP)


def overdue(job: Job) -> bool:
    """Its deadline passed while it was with the provider."""
    message = "The provider never finished it; it may still be charged."
    if job.is_free:
        message = "It was never finished."
    return job.fail(kind="deadline", message=message, charge=job.at_risk, among=AT_PROVIDER)


def unsaved(job: Job, why: str) -> bool:
    """It was made, and its result could not be fetched. What it cost stays."""
    made = "The result was made" if job.charge == Charge.NO else "The result was made and charged"
    message = f"{made}, but could not be fetched: {why.rstrip('.')}. Try the download again."
    return job.fail(kind="output", message=message, charge=Charge(job.charge), among=[State.SAVING])
