"""What people say to each other about jobs, and what happened in a team."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from generations.models.job import Job


class Comment(models.Model):
    """`author` null: somebody who came by a link, under the name that they gave (`guest`), or who has left."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    guest = models.CharField(max_length=60, blank=True)
    link = models.ForeignKey(
        "generations.ShareLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return str(self.pk)  # without its text


class Reaction(models.Model):
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=16)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "user", "emoji"), name="one_reaction_each"),)

    def __str__(self) -> str:
        return f"{self.emoji} on {self.job_id}"


class Activity(models.Model):
    """A line of a team's feed. `kind`: "shared", "comment", "review", "album", "joined", "left", …"""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="activity")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=20)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    album = models.ForeignKey("generations.Album", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("team", "-at"), name="activity_of_team"),)

    def __str__(self) -> str:
        return f"{self.kind} in {self.team_id}"


class JobWatch(models.Model):
    """Somebody wants to be told when the jobs of this one's click are done."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "user"), name="one_watch_each"),)

    def __str__(self) -> str:
        return f"{self.user_id} on {self.job_id}"
