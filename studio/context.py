"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.notices.inbox import unread_counts
from generations.views.live import running_counts


def site(request: HttpRequest) -> dict[str, Any]:
    """Theme and sign-up mode for everybody; for a signed-in person also the live stream's start and the count."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "system", "signup": settings.SIGNUP}
    return {
        "theme": user.theme,
        "signup": settings.SIGNUP,
        "live_cursor": timezone.now().isoformat(),
        "unread": SimpleLazyObject(lambda: unread_counts([user.pk]).get(user.pk, 0)),
        "running": SimpleLazyObject(lambda: running_counts([user.pk]).get(user.pk, 0)),
    }
