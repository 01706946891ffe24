"""Sign-in by the team's identity provider (OpenID Connect): who may come in by it, and whose account it opens.

This module is only there where the settings name a provider.
"""

from __future__ import annotations

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import render

from accounts.adapter import AccountAdapter
from accounts.models import User


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """An address counts only where the provider says that it is verified; then it joins the account that has it."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Without a verified address nobody comes in for the first time: it could be anybody's."""
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        if not any(address.verified for address in sociallogin.email_addresses):
            raise _refused(request, "unverified")

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


def _refused(request: HttpRequest, why: str) -> ImmediateHttpResponse:
    page = render(request, "socialaccount/authentication_error.html", {"why": why}, status=403)
    return ImmediateHttpResponse(page)
