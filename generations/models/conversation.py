"""Conversations, the folders they lie in, and what people keep for new ones."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from studio.lib.ids import uuid7


class Folder(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="folders")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = (Lower("name"), "pk")
        constraints = (models.UniqueConstraint("owner", Lower("name"), name="one_folder_per_name"),)

    def __str__(self) -> str:
        return self.name


class Asking(models.Model):
    """Whom to ask, and how. `settings` hold the values of the dialect's options; an absent one was left alone."""

    provider = models.CharField(max_length=40, blank=True)
    key = models.ForeignKey("accounts.ProviderKey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class Conversation(Asking):
    """A tree of messages, of which one path is shown: that from the first message to `current`.

    Whom the next message asks is kept here; whom each reply came from is kept with the reply.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    is_title_own = models.BooleanField(default=False)  # a person wrote it: no model names it anew
    system = models.TextField("system prompt", blank=True)
    folder = models.ForeignKey(Folder, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations")
    current = models.ForeignKey(
        "generations.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(default=timezone.now)  # the last message: the order of the list
    changed_at = models.DateTimeField(default=timezone.now)  # of anything that its page shows, text under way aside
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("owner", "-written_at", "-id"), name="conversation_of_owner"),)

    def __str__(self) -> str:
        return str(self.pk)  # without the title: it is its owner's, and this goes into logs

    def touch(self, **changes: object) -> None:
        """Changes it, and lets open pages know."""
        changes["changed_at"] = timezone.now()
        Conversation.objects.filter(pk=self.pk).update(**changes)
        for name, value in changes.items():
            setattr(self, name, value)


class ChatPreset(Asking):
    """A system prompt, a model and its parameters, to begin conversations with."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_presets")
    name = models.CharField(max_length=80)
    system = models.TextField("system prompt", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = (Lower("name"), "pk")

    def __str__(self) -> str:
        return self.name


class ModelPrice(models.Model):
    """What a model's tokens cost, as a person, or the operator for everyone (`owner` null), has said.

    Nobody else says it: a model without one has no known price. `address` is the server's, for keys with one of their
    own. A person's own goes before the operator's.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="model_prices"
    )
    provider = models.CharField(max_length=40)
    address = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=200)
    input = models.DecimalField("per million input tokens", max_digits=18, decimal_places=6)
    output = models.DecimalField("per million output tokens", max_digits=18, decimal_places=6)
    unit = models.CharField(max_length=12)  # "USD", "NOK", "credits"

    class Meta:
        ordering = ("provider", "address", "model")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "provider", "address", "model"), name="one_price_per_model_and_person"
            ),
            models.UniqueConstraint(
                fields=("provider", "address", "model"),
                condition=models.Q(owner__isnull=True),
                name="one_price_per_model_of_the_operator",
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"
