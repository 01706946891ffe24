"""Sending to outgoing webhooks: signed messages (Standard Webhooks), each tried for about a day.

A message may arrive twice, where its answer is lost; its `webhook-id` is the same then.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts import outgoing
from accounts.models import OutgoingWebhook, WebhookDelivery
from accounts.notices import webhooks
from accounts.notices.telling import tell
from studio.environment import host_of
from studio.lib.crypto import Undecryptable
from studio.lib.egress import FetchError
from studio.lib.standard_webhooks import signed

SHOWN = 8  # last messages of each that are over; older ones are deleted
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 600))  # after each failed try
LEASE = timedelta(minutes=2)  # within which a try ends; after it another process may take the message over
FAILURES_AT_MOST = 25  # tries in a row, over all messages, until the webhook is switched off
GONE = 410
UNREADABLE = "Its secret was encrypted under a secret that Studio no longer has. Add the webhook anew."

log = structlog.get_logger(__name__)


def deliver(delivery_id: int) -> None:
    """One try, by whoever takes the message first."""
    now = timezone.now()
    delivery = WebhookDelivery.objects.select_related("webhook__user").filter(pk=delivery_id, due_at__lte=now).first()
    if delivery is None:
        return
    same = WebhookDelivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
    if same.update(due_at=now + LEASE, tries=F("tries") + 1) != 1:
        return
    delivery.tries += 1
    if _send(delivery):
        _wait(delivery, None)
    else:
        _settle_failed(delivery)
    _forget_old(delivery.webhook)


def test(webhook: OutgoingWebhook) -> WebhookDelivery:
    """Sends a message now, and says what came of it. It is not tried again."""
    delivery = webhooks.write(webhook, "test", "Studio can reach you.", "/")
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=None, tries=1)
    _send(delivery)
    _forget_old(webhook)
    return delivery


def due() -> list[int]:
    waiting = WebhookDelivery.objects.filter(due_at__lte=timezone.now(), webhook__is_enabled=True)
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:200])


def _send(delivery: WebhookDelivery) -> bool:
    """Sends it and writes down what was answered, on the webhook too. True: it was taken."""
    delivery.tried_at, delivery.status, delivery.error = timezone.now(), None, ""
    try:
        delivery.status = _post(delivery)
    except FetchError as error:
        delivery.error = str(error)[:200]
    except Undecryptable:
        delivery.error = UNREADABLE
    taken = delivery.status is not None and 200 <= delivery.status < 300
    if taken:
        delivery.delivered_at = delivery.tried_at
    delivery.error = delivery.error or ("" if taken else f"It answered with status {delivery.status}.")
    delivery.save(update_fields=["tried_at", "status", "error", "delivered_at"])
    failures = 0 if taken else F("failures") + 1
    same = OutgoingWebhook.objects.filter(pk=delivery.webhook_id)
    same.update(failures=failures, last_error=delivery.error, last_sent_at=delivery.tried_at)
    return taken


def _post(delivery: WebhookDelivery) -> int:
    webhook, body = delivery.webhook, delivery.body.encode()
    headers = signed(webhook.reveal(), delivery.message_id, body, now=int(timezone.now().timestamp()))
    return outgoing.post(webhook.url, body, {**headers, "content-type": "application/json"})


def _settle_failed(delivery: WebhookDelivery) -> None:
    webhook = delivery.webhook
    webhook.refresh_from_db(fields=["failures"])
    log.info("webhook.failed", webhook=webhook.pk, tries=delivery.tries, status=delivery.status)
    if delivery.status != GONE and webhook.failures < FAILURES_AT_MOST:
        _wait(delivery, PAUSES[delivery.tries - 1] if delivery.tries <= len(PAUSES) else None)
    elif webhooks.disable(webhook):
        text = f"Your webhook to {host_of(webhook.url)} does not answer any more, and is switched off."
        tell(webhook.user, "webhook_off", text, f"{reverse('notice-choices')}#webhooks")


def _wait(delivery: WebhookDelivery, pause: timedelta | None) -> None:
    """None: no more."""
    due_at = None if pause is None else timezone.now() + pause
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=due_at)


def _forget_old(webhook: OutgoingWebhook) -> None:
    over = webhook.deliveries.filter(due_at=None).order_by("-pk").values_list("pk", flat=True)[SHOWN : SHOWN + 100]
    WebhookDelivery.objects.filter(pk__in=list(over)).delete()
