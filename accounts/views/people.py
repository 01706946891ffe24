"""The operator's list of people and invitations, and the link that an invited person opens."""

from __future__ import annotations

from typing import Any

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import invitations
from accounts.access import get_invitation, operator_only, person
from accounts.forms import InviteForm
from accounts.models import Invitation, User


@operator_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    return _show(request, InviteForm())


@operator_only
@require_POST
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself: the link is shown once and kept nowhere."""
    form = InviteForm(request.POST)
    if settings.SIGNUP == "closed" or not form.is_valid():
        return _show(request, form)
    invitation, word = invitations.invite(form.cleaned_data["email"], by=person(request))
    link = invitations.link(word, request)
    mailed = settings.HAS_MAIL and invitations.send(invitation, link)
    return _show(request, InviteForm(), invited=invitation, link=link, mailed=mailed)


@operator_only
@require_POST
def invitation_revoke(request: HttpRequest, invitation_id: int) -> HttpResponse:
    invitation = get_invitation(request, invitation_id)
    if invitations.revoke(invitation):
        messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    else:
        messages.error(request, f"{invitation.email} has signed up already.")
    return redirect("people")


@require_safe
@never_cache
@rate_limit(action="signup")  # type: ignore[untyped-decorator]  # allauth has no types
def invitation(request: HttpRequest, word: str) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("create")
    if settings.SIGNUP == "closed" or not invitations.open_with(request, word):
        return render(request, "accounts/invitation_ended.html", status=404)
    return redirect("account_signup")


def _show(request: HttpRequest, form: InviteForm, **context: Any) -> HttpResponse:
    context |= {
        "form": form,
        "people": User.objects.order_by("pk"),
        "invitations": Invitation.objects.filter(accepted_at__isnull=True),
    }
    return render(request, "accounts/people.html", context)
