"""What people keep for the next time: prompts, and the models they like."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class SavedPrompt(models.Model):
    """A prompt to use again. `{subject}` and the like in it are variables that are asked for at each use."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prompts")
    title = models.CharField(max_length=120)
    text = models.TextField()
    negative = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class Favourite(models.Model):
    """A model that a person wants at the top of the list."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("owner", "provider", "model"), name="one_favourite_per_model"),)

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"
