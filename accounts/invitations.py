"""Inviting people: a link for one mail address, good once and for a week."""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User
from studio.lib.crypto import fingerprint, token

VALID = dt.timedelta(days=7)
SESSION_KEY = "invitation"


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at__isnull=True, expires_at__gt=timezone.now())


def invite(email: str, *, by: User) -> tuple[Invitation, str]:
    """The invitation and its token, which is known now and never again. An earlier one for this address ends."""
    email, word = email.strip().lower(), token()
    with transaction.atomic():
        Invitation.objects.filter(email=email, accepted_at__isnull=True).delete()
        invitation = Invitation.objects.create(
            email=email, token_hash=fingerprint(word), invited_by=by, expires_at=timezone.now() + VALID
        )
    return invitation, word


def link(word: str, request: HttpRequest | None = None) -> str:
    path = reverse("invitation", args=[word])
    if request and not settings.PUBLIC_URL:
        return request.build_absolute_uri(path)
    return (settings.PUBLIC_URL or f"http://{settings.HOST}:{settings.PORT}") + path


def send(invitation: Invitation, address: str) -> bool:
    """Mails the link. Returns whether the mail server took it."""
    text = render_to_string("accounts/mail/invitation.txt", {"invitation": invitation, "link": address})
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}you are invited"
    try:
        return send_mail(subject, text, None, [invitation.email]) == 1
    except (SMTPException, OSError):
        return False


def revoke(invitation: Invitation) -> bool:
    """Ends an invitation that nobody has used. Returns whether it was still open."""
    return bool(Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).delete()[0])


def open_with(request: HttpRequest, word: str) -> Invitation | None:
    """Takes the invitation of that token into the visitor's session."""
    invitation = _open().filter(token_hash=fingerprint(word)).first()
    if invitation:
        request.session[SESSION_KEY] = invitation.pk
    return invitation


def of(request: HttpRequest) -> Invitation | None:
    """The open invitation that this visitor came with."""
    key = request.session.get(SESSION_KEY)
    return _open().filter(pk=key).first() if key else None


def accept(request: HttpRequest, email: str) -> bool:
    """Uses the visitor's invitation up. Returns whether it was open and for this address."""
    key = request.session.get(SESSION_KEY)
    if key is None:
        return False
    return _open().filter(pk=key, email=email.lower()).update(accepted_at=timezone.now()) == 1
