"""The webhooks that people have set up: addresses of their own that are told of what happens.

`delivering` sends the messages that wait here.
"""

from __future__ import annotations

import json

from django.conf import settings
from django.utils import timezone

from accounts.models import Notice, OutgoingWebhook, User, WebhookDelivery
from studio.lib.crypto import token
from studio.lib.standard_webhooks import new_secret

AT_MOST = 5  # of one person


class TooMany(Exception):
    """One has as many as one may have."""


def add(user: User, url: str) -> tuple[OutgoingWebhook, str]:
    """The webhook and its secret, which is shown now and never again. Raises TooMany."""
    if OutgoingWebhook.objects.filter(user=user).count() >= AT_MOST:
        raise TooMany(f"{AT_MOST} webhooks are the most. Remove one first.")
    webhook, secret = OutgoingWebhook(user=user, url=url), new_secret()
    webhook.conceal(secret)
    webhook.save()
    return webhook, secret


def enable(webhook: OutgoingWebhook) -> None:
    OutgoingWebhook.objects.filter(pk=webhook.pk).update(is_enabled=True, failures=0, last_error="")


def disable(webhook: OutgoingWebhook) -> bool:
    """What waits for it is given up. False: it was off already."""
    webhook.deliveries.update(due_at=None)
    return OutgoingWebhook.objects.filter(pk=webhook.pk, is_enabled=True).update(is_enabled=False) == 1


def queue(notice: Notice) -> list[WebhookDelivery]:
    """A message to each of the person's webhooks that is on."""
    enabled = OutgoingWebhook.objects.filter(user=notice.user, is_enabled=True)
    return [write(webhook, notice.event, notice.text, notice.url) for webhook in enabled]


def write(webhook: OutgoingWebhook, event: str, text: str, path: str = "") -> WebhookDelivery:
    """`path` of this site; its whole address is told where Studio knows its own."""
    data = {"text": text, "url": f"{settings.PUBLIC_URL}{path}" if path else ""}
    body = json.dumps({"type": event, "timestamp": timezone.now().isoformat(), "data": data}, ensure_ascii=False)
    return WebhookDelivery.objects.create(webhook=webhook, message_id=f"msg_{token(18)}", body=body)
