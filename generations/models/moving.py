"""How a job moves: each verb is one conditional UPDATE that says whether it won, and writes a line of the timeline.

Here are the verbs of a job that waits for the approval of its key's owner, and of the trash; those of its way to the
provider and back are in `job`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from generations.models.states import Charge, State
from studio.providers.base import Cost

# Ends that somebody may have to be told of; of those that end well, what makes their previews tells.
TOLD = frozenset({"failed", "looked_up", "cancelled", "declined"})
TELL_TASK = "generations.tasks.tell_of_job"


class Moving(models.Model):
    class Meta:
        abstract = True

    if TYPE_CHECKING:
        events: Any

    def _move(
        self, event: str, among: Collection[str], *conditions: Q, detail: dict[str, Any] | None = None, **changes: Any
    ) -> bool:
        """Applies the changes if the job's state is still one of `among` and the conditions hold."""
        now = timezone.now()
        changes["changed_at"] = now
        with transaction.atomic():
            kept: Any = type(self)._default_manager
            rows = kept.filter(*conditions, pk=self.pk, state__in=among)
            if rows.update(**changes) != 1:
                return False
            self.events.create(at=now, kind=event, detail=detail or {})
            if event in TOLD:
                transaction.on_commit(partial(async_task, TELL_TASK, str(self.pk)))
        for name, value in changes.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)
        return True

    # -- Approval ----------------------------------------------------------------------------------------------------
    def approve(self, *, by: str) -> bool:
        """It goes on as any new job does, and counts in the month of this moment."""
        now, detail = timezone.now(), {"by": by}
        return self._move("approved", [State.HELD], state=State.QUEUED, created_at=now, due_at=now, detail=detail)

    def decline(self, *, message: str) -> bool:
        """It was never sent; the message is for its owner."""
        return self._move(
            "declined",
            [State.HELD],
            state=State.CANCELLED,
            error_kind="declined",
            error=message,
            charge=Charge.NO,
            finished_at=timezone.now(),
            due_at=None,
            detail={"message": message},
        )

    def quote_anew(self, cost: Cost | None, *, is_estimate: bool) -> bool:
        """Its price has changed while it waited: whoever approves it sees the new one first."""
        return self._move(
            "priced_anew",
            [State.HELD],
            quoted_amount=cost.amount if cost else None,
            quoted_unit=cost.unit[:12] if cost else "",
            quote_is_estimate=is_estimate,
        )

    # -- Trash -------------------------------------------------------------------------------------------------------
    def hide(self) -> bool:
        return self._move("deleted", State.values, Q(deleted_at=None), deleted_at=timezone.now())

    def unhide(self) -> bool:
        return self._move("restored", State.values, Q(deleted_at__isnull=False), deleted_at=None)
