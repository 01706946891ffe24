"""What every request passes through, besides what the libraries bring."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

SEEN_FOR = 60  # seconds
_SAFE = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class HtmxRequest(HttpRequest):
    """A request as django-htmx hands it on."""

    htmx: HtmxDetails


class RequestId:
    """Names each request, so that its log lines can be found together; a proxy's own name is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _SAFE.match(given) else uuid.uuid4().hex[:16]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class Seen:
    """Notes when a session was last in use: once a minute, since each time is a write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.noted = UserSessionsMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key is None or not cache.add(f"seen:{key}", True, SEEN_FOR):
            return self.get_response(request)
        response: HttpResponse = self.noted(request)
        return response


class SignInAnew:
    """Sends the whole page to sign-in when a part of it is asked for after the session has ended, and back then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        response = self.get_response(request)
        sign_in = resolve_url(settings.LOGIN_URL)
        if not request.htmx or response.headers.get("Location", "").partition("?")[0] != sign_in:
            return response
        return HttpResponseClientRedirect(redirect_to_login(request.htmx.current_url_abs_path or "/").url)
