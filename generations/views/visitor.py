"""Who opened a stream, told by the cookies alone: it is answered in front of Django, which would know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http.cookies import SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.crypto import constant_time_compare

from accounts.models import User

_CSRF_COOKIE = re.compile(r"[A-Za-z0-9]{32}")


def cookies_of(headers: Iterable[tuple[bytes, bytes]]) -> SimpleCookie:
    raw = b"; ".join(value for name, value in headers if name == b"cookie")
    return SimpleCookie(raw.decode("latin-1"))


def user_id(cookies: SimpleCookie) -> int | None:
    """The signed-in person of a session cookie; None when the session has ended, or the password is another one.

    Django's own `get_user` would renew a session that an older secret signed, and a stream cannot send the new cookie.
    """
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value).load()
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if user is None:
        return None
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    given = session.get(HASH_SESSION_KEY, "")
    return user.pk if any(constant_time_compare(given, known) for known in hashes) else None


def csrf_token(cookies: SimpleCookie) -> str:
    """A token for forms that this browser may send; "" where it has no cookie to send with it."""
    morsel = cookies.get(settings.CSRF_COOKIE_NAME)
    if morsel is None or not _CSRF_COOKIE.fullmatch(morsel.value):
        return ""
    request = HttpRequest()
    request.META["CSRF_COOKIE"] = morsel.value
    return get_token(request)
