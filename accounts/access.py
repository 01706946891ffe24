"""Every rule of who may see which account's things. What is not yours does not exist: 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import (
    Invitation,
    Notice,
    OutgoingWebhook,
    ProviderKey,
    PushSubscription,
    Team,
    TeamInvitation,
    TeamKey,
    TeamRole,
    User,
)

View = Callable[..., Any]


def person(request: HttpRequest) -> User:
    """The signed-in person of a view behind `login_required`."""
    assert isinstance(request.user, User)
    return request.user


def get_key(request: HttpRequest, key_id: int) -> ProviderKey:
    return get_object_or_404(ProviderKey, pk=key_id, owner=person(request))


def get_session(request: HttpRequest, session_id: int) -> UserSession:
    return get_object_or_404(UserSession, pk=session_id, user=person(request))


def get_team(request: HttpRequest, team_id: int) -> Team:
    """For whoever is in it, in any role."""
    return get_object_or_404(Team, pk=team_id, memberships__user=person(request))


def get_own_team(request: HttpRequest, team_id: int) -> Team:
    """For its owners."""
    mine = {"memberships__user": person(request), "memberships__role": TeamRole.OWNER}
    return get_object_or_404(Team, pk=team_id, **mine)


def get_member(team: Team, user_id: int) -> User:
    """Of a team that was got by one of the two above."""
    return get_object_or_404(User, pk=user_id, memberships__team=team)


def get_team_invitation(team: Team, invitation_id: int) -> TeamInvitation:
    return get_object_or_404(team.invitations, pk=invitation_id)


def get_team_key(request: HttpRequest, team: Team, use_id: int) -> TeamKey:
    """For the key's owner: nobody else sets what is spent with it."""
    return get_object_or_404(team.keys.select_related("key"), pk=use_id, key__owner=person(request))


def get_invitation(request: HttpRequest, invitation_id: int) -> Invitation:
    """For views behind `operator_only`."""
    return get_object_or_404(Invitation, pk=invitation_id)


def operator_only(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> Any:
        if not person(request).is_superuser:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def get_notice(request: HttpRequest, notice_id: int) -> Notice:
    return get_object_or_404(Notice, pk=notice_id, user=person(request), in_app=True)


def get_webhook(request: HttpRequest, webhook_id: int) -> OutgoingWebhook:
    return get_object_or_404(OutgoingWebhook, pk=webhook_id, user=person(request))


def get_browser(request: HttpRequest, subscription_id: int) -> PushSubscription:
    return get_object_or_404(PushSubscription, pk=subscription_id, user=person(request))


def get_person(request: HttpRequest, user_id: int) -> User:
    """For views behind `operator_only`."""
    return get_object_or_404(User, pk=user_id)
