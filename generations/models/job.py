"""A job: one thing to make, and everything that happened to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from studio.lib.ids import uuid7
from studio.providers.base import Cost


class State(models.TextChoices):
    """queued → submitting → pending → running → saving → succeeded; see the README for the whole picture."""

    QUEUED = "queued", "Queued"
    SUBMITTING = "submitting", "Sending"
    UNCONFIRMED = "unconfirmed", "Needs a look"
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Generating"
    SAVING = "saving", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


IN_FLIGHT = (State.QUEUED, State.SUBMITTING, State.PENDING, State.RUNNING, State.SAVING)
ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Charge(models.TextChoices):
    """Was it paid for, as far as is known?"""

    NO = "no", "Nothing was charged"
    UNKNOWN = "unknown", "It may have been charged"
    YES = "yes", "Charged"


class Job(models.Model):
    """Its id is a UUIDv7, so that "newest first" is the order of ids."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    group = models.UUIDField(default=uuid7)  # the jobs of one click on Generate
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries")

    # What to make, and with whom.
    provider = models.CharField(max_length=40)
    key = models.ForeignKey(
        "accounts.ProviderKey", on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    kind = models.CharField(max_length=5, choices=(("image", "Image"), ("video", "Video")))
    model = models.CharField(max_length=200)
    model_name = models.CharField(max_length=200)
    prompt = models.TextField()
    settings = models.JSONField(default=dict)

    # Where it stands.
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(null=True)  # per cent, where the provider says
    remote_id = models.CharField(max_length=200, blank=True)
    webhook_token = models.CharField(max_length=64, blank=True, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    # How it failed: one of the provider error kinds or "deadline", "output", "lost", and a sentence for people.
    error_kind = models.CharField(max_length=30, blank=True)
    error = models.TextField(blank=True)

    # Money, in the provider's own unit.
    charge = models.CharField(max_length=7, choices=Charge, default=Charge.NO)
    quoted_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    quoted_unit = models.CharField(max_length=12, blank=True)
    estimated_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    estimated_unit = models.CharField(max_length=12, blank=True)
    actual_amount = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    actual_unit = models.CharField(max_length=12, blank=True)

    # When. `due_at` is the time of the worker's next step (send, poll, look up, cancel, save); null: nothing to do.
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)  # the provider had finished
    finished_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)  # of the present step, in a row
    submitter = models.CharField(max_length=120, blank=True, editable=False)  # the process that sends it
    changed_at = models.DateTimeField(default=timezone.now)  # of anything that a page shows
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("due_at",), condition=models.Q(due_at__isnull=False), name="job_due"),
            models.Index(fields=("owner", "-id"), condition=models.Q(deleted_at__isnull=True), name="job_gallery"),
            models.Index(
                fields=("owner", "kind", "-id"),
                condition=models.Q(deleted_at__isnull=True),
                name="job_gallery_kind",
            ),
            models.Index(
                fields=("owner", "state", "-id"),
                condition=models.Q(deleted_at__isnull=True),
                name="job_gallery_state",
            ),
            models.Index(fields=("changed_at",), name="job_changed"),
            models.Index(fields=("key", "remote_id"), name="job_remote"),
            models.Index(
                fields=("provider", "model", "-id"), condition=models.Q(state="succeeded"), name="job_history"
            ),
            models.Index(fields=("deleted_at",), condition=models.Q(deleted_at__isnull=False), name="job_trash"),
        )

    def __str__(self) -> str:
        return f"{self.model_name}: {self.prompt[:60]}"

    @property
    def is_in_flight(self) -> bool:
        return self.state in IN_FLIGHT

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def quoted(self) -> Cost | None:
        return _cost(self.quoted_amount, self.quoted_unit)

    @property
    def estimated(self) -> Cost | None:
        return _cost(self.estimated_amount, self.estimated_unit)

    @property
    def actual(self) -> Cost | None:
        return _cost(self.actual_amount, self.actual_unit)


def _cost(amount: Decimal | None, unit: str) -> Cost | None:
    return None if amount is None else Cost(amount, unit)


class JobEvent(models.Model):
    """One line of a job's timeline. `kind` is a word of `generations.sentences.EVENTS`, `detail` what it needs."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    detail: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.kind
