"""What people are told, and by which ways they want to be told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.keyring import keyring


class Notice(models.Model):
    """One thing that somebody is told. `event` is a name in `accounts.notices.EVENTS`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(max_length=30)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)  # a path of this site
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    wants_mail = models.BooleanField(default=False)  # the next digest takes it
    in_app = models.BooleanField(default=True)  # False: told by other ways alone
    pushed_at = models.DateTimeField(null=True, blank=True)
    once = models.CharField(max_length=80, blank=True)  # what it is about, where that is told no second time

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("user", "-at"), name="notice_of_user"),
            models.Index(fields=("user",), condition=models.Q(read_at=None, in_app=True), name="notice_unread"),
            models.Index(fields=("at",), condition=models.Q(wants_mail=True, mailed_at=None), name="notice_to_mail"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("user", "event", "once"), condition=~models.Q(once=""), name="one_notice_of_a_thing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} for {self.user_id}"


class NoticeChoice(models.Model):
    """By which ways a person wants to hear of an event; without a row, as `EVENTS` says."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices")
    event = models.CharField(max_length=30)
    in_app = models.BooleanField(default=True)
    by_push = models.BooleanField(default=False)
    by_mail = models.BooleanField(default=False)
    by_webhook = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "event"), name="one_choice_per_event"),)

    def __str__(self) -> str:
        return f"{self.event} of {self.user_id}"


class PushSubscription(models.Model):
    """A browser that takes notices (Push API): where to send them, and what to encrypt them with."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    browser = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.browser} of {self.user_id}"


class OutgoingWebhook(models.Model):
    """An address of somebody's own that is told (Standard Webhooks); what is sent is signed with its secret."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outgoing_webhooks")
    url = models.URLField("address", max_length=500)
    ciphertext = models.TextField(editable=False)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    last_error = models.CharField(max_length=200, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"webhook {self.pk} of {self.user_id}"

    def conceal(self, secret: str) -> None:
        """Takes a new secret in; the record is not saved."""
        self.ciphertext = keyring().encrypt(secret)

    def reveal(self) -> str:
        """The secret, for the moment of signing. Raises `studio.lib.crypto.Undecryptable`."""
        return keyring().decrypt(self.ciphertext)


class WebhookDelivery(models.Model):
    """One message to an outgoing webhook, sent until it is taken or a day is over. `due_at` null: it is over."""

    webhook = models.ForeignKey(OutgoingWebhook, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=40, unique=True)  # the same at each try, so that one is told from two
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the last answer; null: there was none
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("due_at",), condition=models.Q(due_at__isnull=False), name="delivery_due"),)

    def __str__(self) -> str:
        return self.message_id


class SiteSecret(models.Model):
    """A secret of the whole site that it made for itself, such as the key that it signs for browsers' push with."""

    name = models.CharField(max_length=40, primary_key=True)
    ciphertext = models.TextField(editable=False)

    def __str__(self) -> str:
        return self.name
