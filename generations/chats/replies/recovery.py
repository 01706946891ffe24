"""Replies whose writer is gone: a crash, a power cut, a machine that was switched off."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from generations.models import Message, ReplyState
from generations.models.message import UNDER_WAY
from studio.lib import process

SILENT = timedelta(seconds=20)  # a writer on another machine that has not said a word for so long is gone
LOST = timedelta(minutes=5)  # and one that lives, but does not know of it any more

CUT = "Studio stopped while this was being written."
UNASKED = "Studio stopped before this was asked. Nothing was sent."


def interrupt_abandoned() -> int:
    """Marks them as interrupted; what was written down of them is kept. Returns how many there were."""
    now = timezone.now()
    silent = Q(beat_at__lt=now - SILENT) | Q(beat_at__isnull=True, created_at__lt=now - SILENT)
    count = 0
    for reply in Message.objects.filter(Q(state__in=UNDER_WAY) & (silent | ~Q(writer=""))):
        if _is_abandoned(reply, now):
            error = CUT if reply.state == ReplyState.WRITING else UNASKED
            count += reply.end(ReplyState.INTERRUPTED, writer=reply.writer, error_kind="crash", error=error)
    return count


def _is_abandoned(reply: Message, now: datetime) -> bool:
    alive = process.is_alive(reply.writer) if reply.writer else None
    silence = now - (reply.beat_at or reply.created_at)
    return alive is False or silence > (LOST if alive else SILENT)
