"""Writing down who did what, from where. Nothing secret goes in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import AuditEntry, Team, User


def note(
    request: HttpRequest | None, action: str, target: str = "", *, team: Team | None = None, **detail: Any
) -> None:
    """`action` as "key.added"; `target` in words that stay true when the thing is gone.

    Without a request it was Studio itself.
    """
    actor = request.user if request and isinstance(request.user, User) else None
    AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.email if actor else "",
        address=request.META.get("REMOTE_ADDR") or None if request else None,
        action=action,
        target=target[:200],
        team=team,
        detail=detail,
    )
