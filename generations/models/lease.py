"""Who may run the one polling shift."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """A named right held by one process at a time.

    `owner` is host/pid/process start, so that a successor on the same host can tell at once that its owner is dead.
    `token` rises by one with every new owner (a fencing token).
    """

    name = models.CharField(max_length=40, primary_key=True)
    owner = models.CharField(max_length=120, blank=True)
    token = models.BigIntegerField(default=0)
    renewed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.owner or 'free'}"
