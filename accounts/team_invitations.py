"""Inviting into a team: a link for one mail address, or for whoever has it, so many times.

Only a token's hash is kept, so its address is shown once; "again" means a new link. An invitation for an address lets
that address sign up while sign-up is by invitation. One for many lets people in who have an account; it makes accounts
only where anyone may sign up, or where the operator made it.
"""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import audit, teams
from accounts.models import Team, TeamInvitation, TeamRole, User
from studio.lib.crypto import fingerprint, token

VALID = {1: "A day", 7: "A week", 30: "A month"}  # days
USUAL = 7
MOST_USES = 100
ROLES = (TeamRole.MEMBER, TeamRole.VIEWER)
SESSION_KEY = "team_invitation"


def _open() -> QuerySet[TeamInvitation]:
    return TeamInvitation.open().select_related("team", "invited_by")


def state(invitation: TeamInvitation) -> str:
    """ "open", "revoked", "used" (as often as it may be) or "expired"."""
    if invitation.revoked_at is not None:
        return "revoked"
    if invitation.uses >= invitation.most_uses:
        return "used"
    return "open" if invitation.expires_at > timezone.now() else "expired"


# -- By the team's owners --------------------------------------------------------------------------------------------
def invite(
    request: HttpRequest, team: Team, *, email: str = "", role: str, days: int, most_uses: int = 1
) -> tuple[TeamInvitation, str]:
    """The invitation and its token, which is known now and never again. For an address it is good once."""
    assert isinstance(request.user, User)
    word = token()
    invitation = TeamInvitation.objects.create(
        team=team,
        email=email.strip().lower(),
        role=role,
        token_hash=fingerprint(word),
        invited_by=request.user,
        expires_at=timezone.now() + dt.timedelta(days=days),
        most_uses=1 if email else most_uses,
    )
    audit.note(request, "invitation.made", _target(invitation), team=team, role=role, uses=invitation.most_uses)
    return invitation, word


def renew(request: HttpRequest, invitation: TeamInvitation) -> str | None:
    """A new link in the place of the old one, as long from now on. None: it was used up or withdrawn."""
    word, valid = token(), invitation.expires_at - invitation.created_at
    same = TeamInvitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True, uses__lt=F("most_uses"))
    now = timezone.now()
    if not same.update(token_hash=fingerprint(word), created_at=now, expires_at=now + valid):
        return None
    invitation.refresh_from_db()
    audit.note(request, "invitation.renewed", _target(invitation), team=invitation.team)
    return word


def revoke(request: HttpRequest, invitation: TeamInvitation) -> bool:
    same = TeamInvitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True)
    if not same.update(revoked_at=timezone.now()):
        return False
    audit.note(request, "invitation.revoked", _target(invitation), team=invitation.team)
    return True


def link(word: str, request: HttpRequest) -> str:
    path = reverse("team-invitation", args=[word])
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def send(invitation: TeamInvitation, address: str) -> bool:
    """Mails the link. Returns whether the mail server took it."""
    text = render_to_string("accounts/mail/team_invitation.txt", {"invitation": invitation, "link": address})
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}you are invited to a team"
    try:
        return send_mail(subject, text, None, [invitation.email]) == 1
    except (SMTPException, OSError):
        return False


# -- By those who come with a link -----------------------------------------------------------------------------------
def find(word: str) -> TeamInvitation | None:
    return _open().filter(token_hash=fingerprint(word)).first()


def joined(word: str, user: User) -> Team | None:
    """The team of an invitation, ended or not, that this person is in by now: they may come back by the link."""
    return Team.objects.filter(invitations__token_hash=fingerprint(word), memberships__user=user).first()


def carry(request: HttpRequest, invitation: TeamInvitation) -> None:
    """Keeps it in the visitor's session, for when they have signed up."""
    request.session[SESSION_KEY] = invitation.pk


def of(request: HttpRequest) -> TeamInvitation | None:
    """The open invitation that this visitor came with."""
    key = request.session.get(SESSION_KEY)
    return _open().filter(pk=key).first() if key else None


def is_for(invitation: TeamInvitation, email: str) -> bool:
    return invitation.email in ("", email.lower())


def admits(request: HttpRequest, email: str = "") -> bool:
    """May its holder make an account by it, while sign-up is by invitation? `email`: with that address."""
    invitation = of(request)
    if invitation is None or (email and not is_for(invitation, email)):
        return False
    return bool(invitation.email) or invitation.invited_by.is_superuser


def accept(request: HttpRequest, invitation: TeamInvitation, user: User) -> bool:
    """Takes the person into the team, and one use from the invitation: of two at once, the last use goes to one.

    Who is in the team already uses nothing. False: it is not for them, or has ended meanwhile.
    """
    if not is_for(invitation, user.email):
        return False
    if not teams.role(user, invitation.team):
        with transaction.atomic():
            if not _open().filter(pk=invitation.pk).update(uses=F("uses") + 1):
                return False
            if not teams.join(request, invitation.team, user, invitation.role):
                TeamInvitation.objects.filter(pk=invitation.pk).update(uses=F("uses") - 1)
    teams.enter(user, invitation.team)
    request.session.pop(SESSION_KEY, None)
    return True


def _target(invitation: TeamInvitation) -> str:
    return invitation.email or f"a link for {invitation.most_uses}"
