"""A job: one thing to make, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Team
from generations.models.found import Found
from generations.models.indexes import INDEXES
from generations.models.moving import Moving
from generations.models.organised import Organised
from generations.models.priced import Priced
from generations.models.states import AT_PROVIDER, ENDED, IN_FLIGHT, Charge, State
from studio.lib.ids import uuid7
from studio.providers.base import Cost

__all__ = ["AT_PROVIDER", "ENDED", "IN_FLIGHT", "Charge", "Job", "State"]


class Job(Organised, Priced, Found, Moving):
    """Its id is a UUIDv7, so that "newest first" is the order of ids. What it costs is in `Priced`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    group = models.UUIDField(default=uuid7)  # the jobs of one click on Generate
    position = models.PositiveSmallIntegerField(default=0)  # among them
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries")

    # What to make, and with whom.
    provider = models.CharField(max_length=40)
    key = models.ForeignKey(
        "accounts.ProviderKey", on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    kind = models.CharField(max_length=5, choices=(("image", "Image"), ("video", "Video"), ("audio", "Sound")))
    model = models.CharField(max_length=200)
    model_name = models.CharField(max_length=200)
    prompt = models.TextField()
    settings = models.JSONField(default=dict)
    settings_digest = models.CharField(max_length=16, blank=True, editable=False)  # see generations.history
    assets = models.ManyToManyField("generations.Asset", blank=True, related_name="jobs")  # uploads it begins from

    # Where it stands.
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(null=True)  # per cent, where the provider says
    remote_id = models.CharField(max_length=200, blank=True)
    turn_at = models.DateTimeField(null=True, blank=True)  # it has a place among those its key may run at once
    webhook_token = models.CharField(max_length=64, blank=True, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_answered_at = models.DateTimeField(null=True, blank=True)  # the provider took it or refused it

    # How it failed: one of the provider error kinds or "deadline", "output", "lost", and a sentence for people.
    # The kind alone, while it waits for another try: why the last one was not taken.
    error_kind = models.CharField(max_length=30, blank=True)
    error = models.TextField(blank=True)

    # When. `due_at` is the time of the worker's next step (send, poll, look up, cancel, save); null: nothing to do.
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)  # the outcome of sending became unknown
    made_at = models.DateTimeField(null=True, blank=True)  # the provider had finished
    inference_seconds = models.FloatField(null=True, blank=True)  # that the model itself took, where it is told
    finished_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)  # of the present step, in a row
    lookups = models.PositiveSmallIntegerField(default=0)  # that found nothing, while unconfirmed
    # The process that sends it; null, so that its index holds only the few that are being sent.
    submitter = models.CharField(max_length=120, null=True, editable=False)  # noqa: DJ001
    changed_at = models.DateTimeField(default=timezone.now)  # of anything that a page shows
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "position"), name="one_job_per_place_in_group"),)
        indexes = INDEXES

    def __str__(self) -> str:
        return f"{self.model_name} {self.pk}"  # without the prompt: it is its owner's, and this goes into logs

    @property
    def is_in_flight(self) -> bool:
        return self.state in IN_FLIGHT

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    # -- Verbs: see `Moving` for what they have in common ------------------------------------------------------------

    def begin_sending(self, *, submitter: str, answer_by: datetime, deadline: datetime) -> bool:
        """Whoever wins this, and nobody else, may send the job, once."""
        return self._move(
            "sent",
            [State.QUEUED],
            state=State.SUBMITTING,
            submitter=submitter,
            submitted_at=timezone.now(),
            due_at=answer_by,
            deadline_at=deadline,
            charge=self.at_risk,
            error_kind="",
        )

    def put_back(self, *, due_at: datetime, kind: str, why: str) -> bool:
        """The provider provably did not get it, for a reason of this kind: it waits for another try.

        Only from where it was read: one that was queued then may be on its way by now, sent by another process.
        """
        among = {State.QUEUED, State.SUBMITTING} & {State(self.state)}
        unsent = {**_UNSENT, "failures": self.failures + 1, "due_at": due_at, "error_kind": kind}
        return self._move("requeued", among, detail={"why": why}, **unsent)

    def lose(self, *, why: str, look_at: datetime) -> bool:
        """It was sent, or may have been, and nobody knows what became of it."""
        return self._move(
            "lost",
            [State.SUBMITTING],
            state=State.UNCONFIRMED,
            lost_at=timezone.now(),
            submitter=None,
            due_at=look_at,
            failures=0,
            lookups=0,
            detail={"why": why},
        )

    def accept(self, *, remote_id: str, due_at: datetime, event: str = "accepted", **detail: Any) -> bool:
        """The provider has it. `event` is "adopted" where a look-up found that out."""
        return self._move(
            event,
            [State.SUBMITTING, State.UNCONFIRMED],
            Q(remote_id=""),
            state=State.PENDING,
            remote_id=remote_id,
            submitter=None,
            failures=0,
            due_at=due_at,
            detail=detail,
        )

    def send_again(self) -> bool:
        """The provider itself says that it never arrived, by our own reference."""
        return self._move("never_arrived", [State.UNCONFIRMED], **{**_UNSENT, "due_at": timezone.now()})

    def leave_to_person(self, *, candidates: list[dict[str, Any]], why: str) -> bool:
        """Looking it up decided nothing; the owner chooses among the candidates, if there are any."""
        detail = {"candidates": candidates, "why": why}
        return self._move("looked_up", [State.UNCONFIRMED], due_at=None, detail=detail)

    def start(self, *, progress: int | None) -> bool:
        return self._move("started", [State.PENDING], state=State.RUNNING, started_at=timezone.now(), progress=progress)

    def made(self, *, charge: Charge, outputs: int) -> bool:
        """The provider has finished; its outputs are to be copied."""
        now = timezone.now()
        return self._move(
            "made",
            AT_PROVIDER,
            state=State.SAVING,
            made_at=now,
            due_at=now,
            progress=100,
            charge=charge,
            failures=0,
            detail={"outputs": outputs},
        )

    def succeed(self) -> bool:
        return self._move(
            "saved", [State.SAVING], state=State.SUCCEEDED, finished_at=timezone.now(), due_at=None, failures=0
        )

    def fail(self, *, kind: str, message: str, charge: Charge, among: Collection[str], event: str = "failed") -> bool:
        """`kind` is a provider's error kind or "deadline", "output", "lost"; the message is for people."""
        return self._move(
            event,
            among,
            state=State.FAILED,
            submitter=None,
            error_kind=kind,
            error=message,
            charge=charge,
            finished_at=timezone.now(),
            due_at=None,
            detail={"kind": kind, "message": message, "charge": str(charge)},
        )

    def end_cancelled(self, *, charge: Charge, among: Collection[str]) -> bool:
        return self._move(
            "cancelled",
            among,
            state=State.CANCELLED,
            charge=charge,
            finished_at=timezone.now(),
            due_at=None,
            detail={"charge": str(charge)},
        )

    def request_cancel(self) -> bool:
        """The worker asks the provider to stop: at once where it is known to have the job, else when that is known."""
        now = timezone.now()
        at_provider = Q(state__in=AT_PROVIDER)
        return self._move(
            "cancel_requested",
            [State.SUBMITTING, State.UNCONFIRMED, *AT_PROVIDER],
            Q(cancel_requested_at=None),
            cancel_requested_at=now,
            due_at=models.Case(models.When(at_provider, then=models.Value(now)), default=F("due_at")),
        )

    def cancel_answered(self, *, refusal: str = "") -> bool:
        """The provider took the wish to cancel, or refused it. Its true state is then read by a poll."""
        event, detail = ("cancel_refused", {"why": refusal}) if refusal else ("cancel_sent", {})
        now = timezone.now()
        return self._move(
            event,
            AT_PROVIDER,
            Q(cancel_answered_at=None),
            cancel_answered_at=now,
            due_at=now,
            failures=0,
            detail=detail,
        )

    def save_again(self) -> bool:
        """Another try at copying outputs that were made but could not be fetched."""
        return self._move(
            "resaving",
            [State.FAILED],
            Q(error_kind="output", outputs__isnull=False),
            state=State.SAVING,
            due_at=timezone.now(),
            error_kind="",
            error="",
            failures=0,
            finished_at=None,
        )

    def share_with(self, team: Team | None) -> bool:
        """Who may see it beside its owner; None: nobody. Where it is that team's already, nothing changes."""
        return self._move(
            "shared" if team else "unshared",
            State.values,
            Q(deleted_at=None, team=self.team_id) & ~Q(team=team),
            team=team,
            review="",  # that was the other team's
            detail={"team": team and team.pk, "name": team.name if team else "", "from": self.team_id},
        )

    def judge(self, review: str) -> bool:
        """What its team makes of it; "" takes that back."""
        rows = Job.objects.filter(~Q(review=review), pk=self.pk)
        won = rows.update(review=review, changed_at=timezone.now()) == 1
        self.review = review
        return won

    def postpone(self, *, due_at: datetime | None) -> None:
        """The present step failed in passing and is tried again; no line of the timeline is worth it."""
        Job.objects.filter(pk=self.pk, state=self.state).update(due_at=due_at, failures=F("failures") + 1)

    def note_costs(self, *, estimated: Cost | None, actual: Cost | None) -> None:
        """Keeps what the provider said of the price; what it said before stays where it says nothing now."""
        costs = {"estimated": estimated, "actual": actual}
        changes: dict[str, Any] = {}
        for name, cost in costs.items():
            if cost is not None and cost != getattr(self, name):
                changes |= {f"{name}_amount": cost.amount, f"{name}_unit": cost.unit[:12]}
        if changes:
            Job.objects.filter(pk=self.pk).update(changed_at=timezone.now(), **changes)
        for name, value in changes.items():
            setattr(self, name, value)

    def note_facts(self, *, remaining: Cost | None, inference: float | None) -> None:
        """Keeps what else the provider told: what the account holds after it, and seconds of the model's own work."""
        told = {"remaining_amount": remaining.amount if remaining else None, "inference_seconds": inference}
        changes = {name: value for name, value in told.items() if value is not None and value != getattr(self, name)}
        if changes:
            Job.objects.filter(pk=self.pk).update(changed_at=timezone.now(), **changes)
        for name, value in changes.items():
            setattr(self, name, value)


_UNSENT: dict[str, Any] = {
    "state": State.QUEUED,
    "submitter": None,
    "submitted_at": None,
    "deadline_at": None,
    "lost_at": None,
    "charge": Charge.NO,
    "failures": 0,
}
