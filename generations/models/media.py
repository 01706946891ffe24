"""A job's results, copied to our own storage, and what people upload for jobs to begin from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from studio.lib.ids import uuid7


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
    is_flagged = models.BooleanField(default=False)  # the provider says that it may be unfit for work

    previews = models.CharField(max_length=7, choices=Previews, default=Previews.PENDING)
    thumbnail = models.CharField(max_length=200, blank=True)  # WebP, 480 px wide
    preview = models.CharField(max_length=200, blank=True)  # WebP, 1200 px wide; a video's poster
    placeholder = models.TextField(blank=True)  # a data: URI of a few pixels

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("job", "position"), name="one_output_per_position"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"


class Asset(models.Model):
    """An uploaded image, clip or sound. `file` is its storage name; what tells of place and camera is gone from it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assets")
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200)  # as the person's file was called
    file = models.CharField(max_length=200)
    kind = models.CharField(max_length=5)  # "image", "video", "audio"
    content_type = models.CharField(max_length=60)
    size = models.BigIntegerField("bytes")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration = models.FloatField("seconds", null=True)
    thumbnail = models.CharField(max_length=200, blank=True)  # WebP, 480 px wide

    class Meta:
        indexes = (models.Index(fields=("owner", "-id"), name="asset_of_owner"),)

    def __str__(self) -> str:
        return str(self.pk)


class Uploaded(models.Model):
    """A file that a provider has from us: the same bytes are not uploaded to it twice while it keeps them."""

    key = models.ForeignKey("accounts.ProviderKey", on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    url = models.TextField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "sha256"), name="one_upload_per_key_and_file"),)

    def __str__(self) -> str:
        return self.sha256
