"""A job's timeline."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class JobEvent(models.Model):
    """One line of a job's timeline. `kind` is a word of `generations.sentences.EVENTS`, `detail` what it needs."""

    job = models.ForeignKey("generations.Job", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    detail: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.kind
