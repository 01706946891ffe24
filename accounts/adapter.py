"""Who may sign up, who becomes the operator, and how allauth's own secrets are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import render

from accounts import invitations
from accounts.keyring import keyring
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGNUP == "open" or not User.objects.exists():
            return True
        return settings.SIGNUP == "invite" and invitations.of(request) is not None

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Saves the account that a sign-up asks for. What `is_open_for_signup` saw may have changed since, so it is
        settled here: of all who sign up first at once one is the operator, and an invitation is good for one."""
        super().save_user(request, user, form, commit=False)
        with transaction.atomic():
            if self._save_first(user):
                return user
            invited = settings.SIGNUP != "closed" and invitations.accept(request, user.email)
            if settings.SIGNUP != "open" and not invited:
                raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))
            if invited:
                self.stash_verified_email(request, user.email)
            user.save()
        return user

    def _save_first(self, user: User) -> bool:
        """Saves the account as the operator's, if it is the first."""
        if User.objects.exists():
            return False
        user.is_first = user.is_staff = user.is_superuser = True
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:  # another was quicker
            user.is_first, user.is_staff, user.is_superuser = None, False, False
            return False
        return True


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps the secrets of authenticator apps and recovery codes as provider keys are kept: encrypted."""

    def encrypt(self, text: str) -> str:
        return keyring().encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keyring().decrypt(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # the parent names it so
        count = user.authenticator_set.filter(type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Studio"}
