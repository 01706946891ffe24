"""Sign-in by the team's identity provider (OpenID Connect): who may come in by it, and whose account it opens.

This module is only there where the settings name a provider.
"""

from __future__ import annotations

from typing import Any

import requests
import structlog
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import render

from accounts.adapter import AccountAdapter
from accounts.models import User

PATIENCE = 10.0  # seconds for each of its answers

log = structlog.get_logger(__name__)


class Session(requests.Session):
    """Says on a page that the provider is away, where the library would let the page fall over."""

    def __init__(self, visit: HttpRequest) -> None:
        super().__init__()
        self._visit = visit

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            answer = super().request(method, url, *args, **{"timeout": PATIENCE, **kwargs})
            if method.upper() == "GET":
                answer.raise_for_status()
        except requests.RequestException as error:
            log.warning("oidc.away", reason=type(error).__name__)
            raise _refused(self._visit, "") from error
        return answer


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """An address counts only where the provider says that it is verified. It joins the account that has it if that
    one has proven it as well: another person may have made that account first, and keeps their passkeys in it."""

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        for address in sociallogin.email_addresses:
            address.verified = address.verified in (True, "true")  # some providers say it in words; "false" is no yes
        found: tuple[User, str] | None = super().authenticate_by_email(sociallogin)
        return found if found and _has_proven(*found) else None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Without a verified address nobody comes in for the first time: it could be anybody's."""
        if _speaks_of_two(sociallogin.account.extra_data):
            raise _refused(request, "")
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        verified = [address.email for address in sociallogin.email_addresses if address.verified]
        if not verified:
            raise _refused(request, "unverified")
        if any(filter_users_by_email(email) for email in verified):
            raise _refused(request, "taken")

    def get_requests_session(self) -> requests.Session:
        return Session(self.request)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return AccountAdapter(request).admits(request)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: BaseForm | None = None) -> User:
        """As for a sign-up by form: the first account is the operator's, and an invitation is good for one."""
        user: User = sociallogin.user
        user.email = user.email.lower()
        user.set_unusable_password()
        with transaction.atomic():
            AccountAdapter(request).admit(request, user)
            sociallogin.save(request)
        return user

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, str]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = (data.get("name") or "")[:120]
        return user


def _has_proven(user: User, email: str) -> bool:
    is_proven: bool = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()
    return is_proven


def _speaks_of_two(said: dict[str, dict[str, str]]) -> bool:
    """What the provider tells of a person has to be of the one whom its token names."""
    subjects = {part["sub"] for part in said.values() if isinstance(part, dict) and "sub" in part}
    return len(subjects) > 1


def _refused(request: HttpRequest, why: str) -> ImmediateHttpResponse:
    page = render(request, "socialaccount/authentication_error.html", {"why": why}, status=403)
    return ImmediateHttpResponse(page)
