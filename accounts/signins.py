"""What only the libraries know of, for the audit log: sign-ins, and changes of what one signs in with.

They tell of it by signals; nothing else here goes by them.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit
from accounts.models import User


@receiver(account.user_logged_in, dispatch_uid="audit")
def signed_in(request: HttpRequest, user: User, **more: Any) -> None:
    by = {"by": "identity provider"} if "sociallogin" in more else {}
    audit.note_of(user, request, "signed_in", **by)


@receiver(user_logged_out, dispatch_uid="audit")
def signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        audit.note_of(user, request, "signed_out")


@receiver(user_login_failed, dispatch_uid="audit")
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """What was typed is kept only where it is an account's address: it may be a password in the wrong field."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    known = User.objects.filter(email__iexact=typed).first()
    audit.note(request, "sign_in.failed", known.email if known else "")


@receiver(mfa.authentication_failed, dispatch_uid="audit")
def second_step_failed(request: HttpRequest, user: User, **_: Any) -> None:
    audit.note(request, "sign_in.failed", user.email, step="second")


@receiver(account.user_signed_up, dispatch_uid="audit")
def signed_up(request: HttpRequest, user: User, **_: Any) -> None:
    audit.note_of(user, request, "signed_up")


def _password(action: str) -> Any:
    def changed(request: HttpRequest, user: User, **_: Any) -> None:
        audit.note_of(user, request, action)

    return changed


password_changed = receiver(account.password_changed, dispatch_uid="audit")(_password("password.changed"))
password_set = receiver(account.password_set, dispatch_uid="audit")(_password("password.set"))
password_reset = receiver(account.password_reset, dispatch_uid="audit")(_password("password.reset"))
email_changed = receiver(account.email_changed, dispatch_uid="audit")(_password("email.changed"))


def _factor(action: str) -> Any:
    def changed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
        audit.note_of(user, request, action, authenticator.get_type_display())

    return changed


factor_added = receiver(mfa.authenticator_added, dispatch_uid="audit")(_factor("second_factor.added"))
factor_removed = receiver(mfa.authenticator_removed, dispatch_uid="audit")(_factor("second_factor.removed"))
factor_reset = receiver(mfa.authenticator_reset, dispatch_uid="audit")(_factor("second_factor.reset"))
