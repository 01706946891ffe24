"""The page of provider keys: a part for each provider, its keys, and at most one of them open for a change.

Every change is a form that works by itself; with htmx it renews only its provider's part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import addresses, audit, balances, teams
from accounts import keys as verbs
from accounts.access import get_key, person
from accounts.forms import KeyForm, LabelForm, LimitsForm, SecretForm
from accounts.models import ProviderKey, User
from studio.middleware import HtmxRequest
from studio.providers.dialect import Dialect
from studio.providers.registry import DIALECTS


@dataclass(frozen=True, slots=True)
class Opened:
    """What is open for a change: `form` of `key`, or of a new one."""

    provider: str
    verb: str
    key: ProviderKey | None = None
    form: forms.BaseForm | None = None
    refusal: str = ""
    unfinished: int = 0


@dataclass(slots=True)
class Section:
    dialect: Dialect
    opened: Opened | None = None
    keys: list[ProviderKey] = field(default_factory=list)
    withheld: bool = False  # the operator does not offer it


# What the providers do, as the page groups them.
GROUPS = {False: "Pictures, clips and sounds", True: "Chat"}


@login_required
@require_safe
def keys(request: HtmxRequest) -> HttpResponse:
    return _show(request, None, request.GET.get("provider", ""))


@login_required
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def key_add(request: HtmxRequest, provider: str) -> HttpResponse:
    if provider not in {dialect.name for dialect in verbs.providers()}:
        raise Http404
    has_keys = person(request).provider_keys.filter(provider=provider).exists()
    form = KeyForm(request.POST or None, provider=provider, owner=person(request), initial=_begun(request, has_keys))
    refusal = ""
    if form.is_valid():
        key, answer = verbs.add(person(request), provider=provider, **form.cleaned_data)
        if not answer.refused:
            audit.note(request, "key.added", _named(key))
            return _done(request, provider, _words(answer))
        refusal = answer.message
    return _show(request, Opened(provider, "add", form=form, refusal=refusal))


@login_required
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def key_replace(request: HtmxRequest, key_id: int) -> HttpResponse:
    key = get_key(request, key_id)
    initial = {"address": key.base_url}
    form = SecretForm(request.POST or None, provider=key.provider, owner=person(request), initial=initial)
    refusal = ""
    if form.is_valid():
        answer = verbs.replace(key, **form.cleaned_data)
        if not answer.refused:
            audit.note(request, "key.replaced", _named(key))
            return _done(request, key.provider, _words(answer))
        refusal = answer.message
    return _show(request, Opened(key.provider, "replace", key, form, refusal))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_rename(request: HtmxRequest, key_id: int) -> HttpResponse:
    key = get_key(request, key_id)
    form = LabelForm(request.POST or None, initial={"label": key.label})
    if form.is_valid():
        verbs.rename(key, form.cleaned_data["label"])
        return _done(request, key.provider, "Renamed.")
    return _show(request, Opened(key.provider, "rename", key, form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_limits(request: HtmxRequest, key_id: int) -> HttpResponse:
    key = get_key(request, key_id)
    form = LimitsForm(request.POST or None, instance=key)
    if form.is_valid():
        verbs.set_limits(key, **form.cleaned_data)
        given: dict[str, Any] = {name: str(value) for name, value in form.cleaned_data.items() if value is not None}
        audit.note(request, "key.limits", _named(key), **given)
        return _done(request, key.provider, f"The limits of {key.label} are set.")
    key.refresh_from_db()  # the form has written what is not valid on it
    return _show(request, Opened(key.provider, "limits", key, form))


@login_required
@require_POST
def key_balance(request: HtmxRequest, key_id: int) -> HttpResponse:
    """Asks what the account holds; with htmx the answer is that line alone."""
    key = get_key(request, key_id)
    trouble = balances.refresh(key)
    if not request.htmx:
        return _done(request, key.provider, trouble or "Asked anew.", messages.ERROR if trouble else messages.SUCCESS)
    return render(request, "accounts/_key_account.html", {"key": key, "trouble": trouble})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_delete(request: HtmxRequest, key_id: int) -> HttpResponse:
    key = get_key(request, key_id)
    if request.method == "POST":
        verbs.delete(key)
        audit.note(request, "key.removed", _named(key))
        return _done(request, key.provider, f"{key.label} is deleted.")
    return _show(request, Opened(key.provider, "delete", key, unfinished=verbs.unfinished_jobs(key)))


@login_required
@require_POST
def key_test(request: HtmxRequest, key_id: int) -> HttpResponse:
    key = get_key(request, key_id)
    answer = verbs.test(key)
    level = messages.ERROR if answer.refused else messages.SUCCESS
    return _done(request, key.provider, answer.message, level)


def _change(
    verb: Callable[[ProviderKey], object], action: str, said: str
) -> Callable[[HtmxRequest, int], HttpResponse]:
    @login_required
    @require_POST
    def change(request: HtmxRequest, key_id: int) -> HttpResponse:
        key = get_key(request, key_id)
        verb(key)
        audit.note(request, action, _named(key))
        return _done(request, key.provider, said.format(key.label))

    return change


key_default = _change(verbs.make_default, "key.default", "{} is used unless you choose another.")
key_enable = _change(verbs.enable, "key.enabled", "{} is on.")
key_disable = _change(verbs.disable, "key.disabled", "{} is off. Nothing new is sent with it.")


def _named(key: ProviderKey) -> str:
    """For the audit log: "Main (wayscloud_gpu_…x9f2), WAYSCloud GPU Studio"."""
    return f"{key}, {DIALECTS[key.provider].label}" if key.provider in DIALECTS else str(key)


def _begun(request: HtmxRequest, has_keys: bool) -> dict[str, str]:
    """What a form for a new key begins with: the example that was chosen, where there is one."""
    return {
        "label": request.GET.get("label", "")[:80] or ("" if has_keys else "Main"),
        "address": request.GET.get("address", "")[: addresses.LONGEST],
    }


def _words(answer: verbs.Answer) -> str:
    return answer.message if answer.status == verbs.Status.ACCEPTED else f"Saved untested. {answer.message}"


def _done(request: HtmxRequest, provider: str, said: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, said)
    if not request.htmx:
        return redirect("keys")
    return _show(request, None, provider)


def _show(request: HtmxRequest, opened: Opened | None, provider: str = "") -> HttpResponse:
    """The whole page, or with htmx the part of one provider."""
    provider = opened.provider if opened else provider
    found = _sections(person(request), opened)
    section = next((section for section in found if section.dialect.name == provider), None)
    if request.htmx and section:
        context = {"section": section, "part": True, "own_teams": teams.owned(person(request))}
        return render(request, "accounts/_provider.html", context)
    if request.htmx and provider in DIALECTS:
        return HttpResponse()  # it is withheld, and its last key is gone: so is its part
    groups = [(title, [one for one in found if one.dialect.chats is chats]) for chats, title in GROUPS.items()]
    return render(request, "accounts/keys.html", {"groups": groups, "own_teams": teams.owned(person(request))})


def _sections(user: User, opened: Opened | None) -> list[Section]:
    sections = {dialect.name: Section(dialect) for dialect in verbs.providers()}
    for key in user.provider_keys.filter(provider__in=DIALECTS).prefetch_related("team_uses__team"):
        withheld = Section(DIALECTS[key.provider], withheld=True)
        sections.setdefault(key.provider, withheld).keys.append(key)
    if opened:
        sections[opened.provider].opened = opened
    return list(sections.values())
