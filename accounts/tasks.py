"""What django-q2 runs of notices. Each task is safe to run twice."""

from __future__ import annotations

from django_q.tasks import async_task

from accounts import audit
from accounts.notices import delivering, digest, inbox, push, telling


def push_notice(notice_id: int) -> None:
    push.send(notice_id)


def deliver(delivery_id: int) -> None:
    delivering.deliver(delivery_id)


def deliver_due() -> None:
    for delivery_id in delivering.due():
        async_task(telling.DELIVER_TASK, delivery_id)


def send_digests() -> None:
    digest.send_all()


def purge() -> None:
    inbox.purge()
    audit.purge()
