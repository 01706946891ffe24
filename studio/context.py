"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from studio import frame


def site(request: HttpRequest) -> dict[str, Any]:
    """Theme and sign-up mode for everybody; for a signed-in person also the live stream's start and the frame."""
    user, doors = getattr(request, "user", None), _doors()
    if user is None or not user.is_authenticated:
        return {"theme": "system", **doors}
    return {
        "theme": user.theme,
        **doors,
        "live_cursor": timezone.now().isoformat(),
        "frame": SimpleLazyObject(lambda: frame.read(user)),
    }


def _doors() -> dict[str, Any]:
    """How people come in: who may sign up, and the identity provider where there is one."""
    doors = {"signup": settings.SIGNUP}
    if app := settings.OIDC_APP:
        url = reverse("openid_connect_login", args=[app["provider_id"]])
        doors |= {"oidc_name": app["name"], "oidc_url": url, "oidc_only": settings.OIDC_ONLY}
    return doors
