"""Notices by mail: all that are unread at once, at most once an hour or once a day, as each person chooses."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, User

SALT = "accounts.notices.digest"
LINES = 40  # of one mail; the page has the others
SLACK = timedelta(minutes=4)  # the task comes every five minutes

log = structlog.get_logger(__name__)


def can_reach(user: User) -> bool:
    """Mail goes only to an address that is known to be theirs."""
    return settings.HAS_MAIL and EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def send_all() -> None:
    if not settings.HAS_MAIL:
        return
    waiting = _waiting().order_by().values("user").distinct()
    for user in User.objects.filter(pk__in=waiting, is_active=True):
        if _is_time(user) and can_reach(user):
            send(user)


def send(user: User) -> bool:
    """False: there was nothing to mail, another process does it, or the mail server did not take it."""
    _waiting().filter(user=user, read_at__isnull=False).update(wants_mail=False)  # it was seen already
    waiting = _waiting().filter(user=user).order_by("-pk")
    ids, now = [notice.pk for notice in waiting.only("pk")], timezone.now()
    taken = Notice.objects.filter(pk__in=ids, mailed_at=None)
    if not ids or taken.update(mailed_at=now) == 0:
        return False
    mine = Notice.objects.filter(pk__in=ids, mailed_at=now)
    if _mail(user, list(mine.select_related("by").order_by("-pk"))):
        return True
    mine.update(mailed_at=None)
    return False


def stop_link(user: User) -> str:
    return _base() + reverse("notice-mail-stop", args=[signing.dumps(user.pk, salt=SALT)])


def stopper(word: str) -> User | None:
    """Whose link it is; None where it is none of ours."""
    try:
        return User.objects.filter(pk=signing.loads(word, salt=SALT)).first()
    except signing.BadSignature:
        return None


def _waiting() -> QuerySet[Notice]:
    return Notice.objects.filter(wants_mail=True, mailed_at=None)


def _is_time(user: User) -> bool:
    last = user.notices.aggregate(last=Max("mailed_at"))["last"]
    return last is None or last <= timezone.now() - timedelta(hours=user.mail_every) + SLACK


def _mail(user: User, notices: list[Notice]) -> bool:
    context: dict[str, Any] = {
        "user": user,
        "notices": notices[:LINES],
        "more": max(0, len(notices) - LINES),
        "base": _base(),
        "stop": stop_link(user),
    }
    subject = notices[0].text if len(notices) == 1 else f"{len(notices)} notices"
    message = EmailMultiAlternatives(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{' '.join(subject.split())}",
        render_to_string("accounts/mail/notices.txt", context),
        to=[user.email],
        headers={"List-Unsubscribe": f"<{context['stop']}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    message.attach_alternative(render_to_string("accounts/mail/notices.html", context), "text/html")
    try:
        return message.send() == 1
    except (SMTPException, OSError) as error:
        log.warning("digest.failed", user=user.pk, reason=type(error).__name__)
        return False


def _base() -> str:
    return settings.PUBLIC_URL or f"http://{settings.HOST}:{settings.PORT}"
