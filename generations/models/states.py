"""The words for where a job stands, and for what is known of its charge."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """(held →) queued → submitting → pending → running → saving → succeeded; see the README for the whole picture."""

    HELD = "held", "Waits for approval"  # it costs more than its key's owner lets the team spend unasked
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
AT_PROVIDER = (State.PENDING, State.RUNNING)
ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Charge(models.TextChoices):
    """Was it paid for, as far as is known?"""

    NO = "no", "Nothing was charged"
    UNKNOWN = "unknown", "It may have been charged"
    YES = "yes", "Charged"


IMPORTED = "imported"  # in place of a provider's name: files that came from elsewhere
