"""Who may sign up, who becomes the operator, and how allauth's own secrets are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import invitations, team_invitations
from accounts.keyring import keyring
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By form. Where the identity provider alone lets people in, only the first account is made by one."""
        if settings.OIDC_ONLY and User.objects.exists():
            return False
        return self.admits(request)

    def admits(self, request: HttpRequest) -> bool:
        """Whether this visitor may make an account, by whatever way."""
        if settings.SIGNUP == "open" or not User.objects.exists():
            return True
        return settings.SIGNUP == "invite" and (invitations.of(request) is not None or team_invitations.admits(request))

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        super().save_user(request, user, form, commit=False)
        self.admit(request, user)
        return user

    def admit(self, request: HttpRequest, user: User) -> None:
        """Saves the account that a sign-up asks for. What `is_open_for_signup` saw may have changed since, so it is
        settled here: of all who sign up first at once one is the operator, and an invitation is good for one."""
        with transaction.atomic():
            if self._save_first(user):
                return
            invited = settings.SIGNUP != "closed" and invitations.accept(request, user.email)
            admitted = settings.SIGNUP == "invite" and team_invitations.admits(request, user.email)
            if invited:
                self.stash_verified_email(request, user.email)
            user.save()
            # A team's invitation proves no address: its owner may be anybody. And it is used up here, or it is no use.
            joined = self._join(request, user)
            if not (settings.SIGNUP == "open" or invited or (admitted and joined)):
                raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Where the identity provider alone lets people in, passwords and passkeys are the operator's."""
        by_provider = "sociallogin" in (kwargs.get("signal_kwargs") or {})
        if settings.OIDC_ONLY and not (by_provider or user.is_superuser):
            return render(request, "account/provider_only.html", status=403)
        refusal: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return refusal

    def _join(self, request: HttpRequest, user: User) -> bool:
        """Takes who came with a team's invitation into the team."""
        invitation = team_invitations.of(request) if settings.SIGNUP != "closed" else None
        return invitation is not None and team_invitations.accept(request, invitation, user)

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
