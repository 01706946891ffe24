"""Links that are sent: what they open, for whom, how long, and who opened them when."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from generations.models.job import Job
from studio.lib.ids import uuid7


class Audience(models.TextChoices):
    TEAM = "team", "The people of a team"
    SIGNED_IN = "signed_in", "Everyone who is signed in"
    ANYONE = "anyone", "Anyone with the link"


class ShareLink(models.Model):
    """Exactly one of `job`, `album`, `conversation` is what it opens, or, where all are null, its `items`: a selection.

    Only the token's hash is kept. A new password or address makes `version` another, which ends open viewings.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, blank=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, blank=True, related_name="share_links")
    album = models.ForeignKey(
        "generations.Album", on_delete=models.CASCADE, null=True, blank=True, related_name="share_links"
    )
    conversation = models.ForeignKey(
        "generations.Conversation", on_delete=models.CASCADE, null=True, blank=True, related_name="share_links"
    )
    # Where a chat that does not grow ends: its last message when the link was made.
    message = models.ForeignKey(
        "generations.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    items = models.ManyToManyField(Job, through="generations.ShareItem", related_name="selections")

    audience = models.CharField(max_length=9, choices=Audience, default=Audience.TEAM)
    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="links")
    expires_at = models.DateTimeField(null=True, blank=True)  # null: never, as its owner has said
    password = models.CharField(max_length=128, blank=True)  # Django's hash of it
    version = models.PositiveIntegerField(default=1)
    most_views = models.PositiveIntegerField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)

    shows_prompt = models.BooleanField(default=True)
    shows_settings = models.BooleanField(default=True)
    shows_cost = models.BooleanField(default=False)
    shows_person = models.BooleanField(default=True)
    may_download = models.BooleanField(default=True)
    may_comment = models.BooleanField(default=False)
    grows = models.BooleanField(default=False)  # what comes into the album (or the chat) later is shown too

    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("owner", "-created_at"), name="link_of_owner"),)

    def __str__(self) -> str:
        return str(self.pk)

    def is_open(self, now: datetime | None = None) -> bool:
        """Not revoked, not expired. Whether there are views left is seen to where one is taken."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > (now or timezone.now()))


class ShareItem(models.Model):
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveIntegerField()

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("link", "job"), name="one_place_per_link"),)

    def __str__(self) -> str:
        return f"{self.job_id} by {self.link_id}"


class LinkOpening(models.Model):
    """That it was opened, or a password was wrong; nothing of who it was."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="openings")
    at = models.DateTimeField(default=timezone.now)
    is_refused = models.BooleanField(default=False)  # a wrong password

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("link", "-at"), name="opening_of_link"),)

    def __str__(self) -> str:
        return f"{self.link_id} {self.at:%Y-%m-%d %H:%M}"
