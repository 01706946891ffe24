"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "theme": user.theme if user is not None and user.is_authenticated else "system",
        "signup": settings.SIGNUP,
    }
