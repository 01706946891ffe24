"""One notice: written down once, and handed on to the ways that its person has chosen."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django_q.tasks import async_task

from accounts.models import Notice, User
from accounts.notices import choices, webhooks

PUSH_TASK = "accounts.tasks.push_notice"
DELIVER_TASK = "accounts.tasks.deliver"


def tell(user: User, event: str, text: str, url: str = "", *, by: User | None = None, once: str = "") -> None:
    """`url` is a path of this site. Nobody is told of what they did themselves, nor of one `once` a second time."""
    if not user.is_active or (by is not None and by.pk == user.pk):
        return
    chosen = choices.of(user, event)
    if not any(getattr(chosen, way) for way in choices.WAYS):
        return
    told = {"text": text[:300], "url": url[:300], "by": by, "in_app": chosen.in_app, "wants_mail": chosen.by_mail}
    with transaction.atomic():
        notice = _write(user, event, once, told)
        if notice is None:
            return
        deliveries = webhooks.queue(notice) if chosen.by_webhook else []
    if chosen.by_push:
        transaction.on_commit(partial(async_task, PUSH_TASK, notice.pk))
    for delivery in deliveries:
        transaction.on_commit(partial(async_task, DELIVER_TASK, delivery.pk))


def _write(user: User, event: str, once: str, told: dict[str, Any]) -> Notice | None:
    """None: it was told before."""
    if not once:
        return Notice.objects.create(user=user, event=event, **told)
    notice, is_new = Notice.objects.get_or_create(user=user, event=event, once=once, defaults=told)
    return notice if is_new else None
