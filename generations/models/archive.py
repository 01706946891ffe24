"""Exports of all that is somebody's own, and imports of such: made in the background."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from studio.lib.ids import uuid7


class Archive(models.Model):
    class Kind(models.TextChoices):
        EXPORT = "export", "Export"
        IMPORT = "import", "Import"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        WORKING = "working", "Working"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="archives")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    file = models.CharField(max_length=200, blank=True)  # storage name
    size = models.BigIntegerField("bytes", null=True, blank=True)
    done = models.PositiveIntegerField(default=0)  # of `total` things
    total = models.PositiveIntegerField(default=0)
    outcome = models.JSONField(default=dict, blank=True)  # {"jobs": 12, "chats": 3, "skipped": ["…"]}
    error = models.CharField(max_length=300, blank=True)
    worker = models.CharField(max_length=120, blank=True, editable=False)  # the process that works on it
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
