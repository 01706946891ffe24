"""The operator's list of people and invitations, and the link that an invited person opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, invitations
from accounts import people as verbs
from accounts.access import get_invitation, get_person, operator_only, person
from accounts.forms import InviteForm
from accounts.models import Invitation, User
from accounts.operator_forms import PersonLimitsForm
from studio.middleware import came_from


@operator_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    text, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    return _show(request, InviteForm(), text, int(after) if after.isdecimal() and len(after) < 19 else 0)


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
    audit.note(request, "invitation.made", invitation.email)
    return _show(request, InviteForm(), invited=invitation, link=link, mailed=mailed)


@operator_only
@require_POST
def invitation_revoke(request: HttpRequest, invitation_id: int) -> HttpResponse:
    invitation = get_invitation(request, invitation_id)
    if invitations.revoke(invitation):
        audit.note(request, "invitation.revoked", invitation.email)
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


@operator_only
@require_POST
def person_limits(request: HttpRequest, user_id: int) -> HttpResponse:
    """An account that is refused stays as it was; what is wrong is said beside its fields."""
    about = get_person(request, user_id)
    form = PersonLimitsForm(request.POST, prefix=str(about.pk))
    if not form.is_valid():
        return _show(request, InviteForm(), about.email, refused=form, status=422)
    verbs.set_limits(about, **form.cleaned_data)
    audit.note(request, "person.limits", about.email, **form.cleaned_data)
    messages.success(request, f"The limits of {about.display_name} are set.")
    return redirect(_back(request))


def _change(verb: Callable[[User], bool], action: str, said: str) -> Callable[[HttpRequest, int], HttpResponse]:
    @operator_only
    @require_POST
    def change(request: HttpRequest, user_id: int) -> HttpResponse:
        """Nobody shuts themselves out: so there is always an operator."""
        about = get_person(request, user_id)
        if about == request.user:
            messages.error(request, "Your own account is another operator’s to change.")
        elif verb(about):
            audit.note(request, action, about.email)
            messages.success(request, said.format(about.display_name))
        return redirect(_back(request))

    return change


person_switch_off = _change(verbs.switch_off, "person.switched_off", "{} is signed out and cannot sign in any more.")
person_switch_on = _change(verbs.switch_on, "person.switched_on", "{} may sign in again.")
person_promote = _change(verbs.promote, "role.operator", "{} is an operator now.")
person_demote = _change(verbs.demote, "role.person", "{} is not an operator any more.")


def _back(request: HttpRequest) -> str:
    """The part of the list that one came from."""
    listed, before = reverse("people"), came_from(request)
    return before if urlsplit(before).path == listed else listed


def _show(
    request: HttpRequest,
    form: InviteForm,
    text: str = "",
    after: int = 0,
    *,
    refused: PersonLimitsForm | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    people, following = verbs.page(text, after)
    context |= {
        "form": form,
        "text": text,
        "is_long": bool(text or after or following),
        "rows": [(one, _limits(one, refused)) for one in people],
        "following": urlencode({"q": text, "after": following}) if following else "",
        "invitations": Invitation.objects.filter(accepted_at__isnull=True),
    }
    return render(request, "accounts/people.html", context, status=status)


def _limits(about: User, refused: PersonLimitsForm | None) -> PersonLimitsForm:
    if refused is not None and refused.prefix == str(about.pk):
        return refused
    return PersonLimitsForm.of(about)
