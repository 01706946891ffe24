"""A job's results, copied to our own storage."""

from __future__ import annotations

from django.db import models


class Output(models.Model):
    """One result of a job.

    The row is written when the provider names the result (`remote_url`), and filled when our copy is whole: `file` is
    the storage name of the provider's bytes, unchanged, `sha256` their checksum. The previews stand beside it.
    """

    class Previews(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    job = models.ForeignKey("generations.Job", on_delete=models.CASCADE, related_name="outputs")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    remote_url = models.TextField(editable=False)

    file = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=5, blank=True)  # "image", "video", "audio"
    content_type = models.CharField(max_length=60, blank=True)
    size = models.BigIntegerField("bytes", null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration = models.FloatField("seconds", null=True)

    previews = models.CharField(max_length=7, choices=Previews, default=Previews.PENDING)
    thumbnail = models.CharField(max_length=200, blank=True)  # WebP, 480 px wide
    preview = models.CharField(max_length=200, blank=True)  # WebP, 1200 px wide; a video's poster
    placeholder = models.TextField(blank=True)  # a data: URI of a few pixels

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("job", "position"), name="one_output_per_position"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"

    @property
    def is_saved(self) -> bool:
        return bool(self.file)
