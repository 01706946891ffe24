"""The composer and the feed of what it made."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import balances
from accounts.models import Team, User
from generations import composer, jobs, prompts
from generations.chats import making
from generations.chats.making import Brought
from generations.checks_lent import Check
from generations.composer import Composer
from generations.forms import PROMPT_MAX
from generations.groups import Group, groups
from generations.links import remixing
from generations.models import Job
from generations.together import visibility
from generations.views.access import jobs_of, person, signed_in, visible_jobs
from studio.lib.ids import uuid7
from studio.middleware import HtmxRequest

FEED = 36  # jobs, and the rest of the last one's click
SAMPLES = (
    "A serene mountain lake at sunset, mist over the water",
    "A city by night in the rain, neon light",
    "Snow falling on a quiet pine forest, blue hour",
    "A spiral nebula over a desert, stars",
)


@signed_in
@require_safe
def create(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking for the models' fields, only those (`#fields`)."""
    form = _remixed(request) or composer.blank(person(request), request.GET, _brought(request), _reused(request))
    form.patience = 0  # the button asks for its price by itself
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "generations/_fields.html", {"composer": form})
    return _page(request, form)


@signed_in
@require_POST
def create_fields(request: HtmxRequest) -> HttpResponse:
    """The fields with a model more (`add`) or less (`without`), or with it alone (`only`); what was given stays."""
    change = {"add": request.POST.get("add", "")} | {name: request.GET.get(name, "") for name in ("without", "only")}
    form = composer.reshaped(person(request), request.POST, **change)
    return render(request, "generations/_fields.html", {"composer": form}) if request.htmx else _page(request, form)


@signed_in
@require_POST
def create_batch(request: HtmxRequest) -> HttpResponse:
    """The batch with the values that its options have."""
    form = composer.filled(person(request), request.POST)
    return render(request, "generations/_batch.html", {"composer": form}) if request.htmx else _page(request, form)


@signed_in
@require_POST
def create_variables(request: HtmxRequest) -> HttpResponse:
    """A field for each variable of the prompt."""
    form = composer.filled(person(request), request.POST)
    return render(request, "generations/_variables.html", {"composer": form, "is_new": True})


@signed_in
@require_POST
def quote(request: HtmxRequest) -> HttpResponse:
    """The button with the price of the settings as they stand, and what speaks against it."""
    form = composer.filled(person(request), request.POST)
    balances.renew((account.key for account in form.accounts()), patience=1.0)
    return render(request, "generations/_quoted.html", {"composer": form})


@signed_in
@require_POST
def job_create(request: HtmxRequest) -> HttpResponse:
    """Makes the jobs of one click; the same click sent twice makes them once."""
    user = person(request)
    form = composer.filled(user, request.POST)
    if not form.is_valid() or form.stops(request.POST.get("price")):
        return _refusal(request, form)
    try:
        made = _make(user, form, _reused(request), _shared_with(request))
    except jobs.NotPossible as refusal:
        form.disagreed, form.refused = [Check("stop", str(refusal))], True
        return _refusal(request, form)
    if not request.htmx:
        return redirect(reverse("create"))
    return render(request, "generations/_made.html", {"group": Group(made), "composer": replace(form, group=uuid7())})


def _remixed(request: HtmxRequest) -> Composer | None:
    """What `?remix=<job>` brings along: see `shared.shared_remix`."""
    found = remixing.kept(request.session, person(request), request.GET.get("remix", ""))
    if found is None:
        return None
    job, notice = found
    return composer.remixed(person(request), job, notice)


def _brought(request: HtmxRequest) -> Brought | None:
    """What `?message=<id>` brings along: see `chat_inputs.message_make`."""
    if not (message := request.GET.get("message", "")):
        return None
    return making.brought(person(request), request.session, message, most=PROMPT_MAX)


def _reused(request: HtmxRequest) -> Job | None:
    """The job whose settings were taken up, by `?from=<id>` and by the form that was opened with it."""
    try:
        job_id = UUID(request.POST.get("from") or request.GET.get("from", ""))
    except ValueError:
        return None
    return visible_jobs(person(request)).filter(pk=job_id).first()


def _page(request: HtmxRequest, form: Composer, status: int = 200) -> HttpResponse:
    feed = _feed(person(request))
    context = {"composer": form, "groups": feed, "samples": SAMPLES, "reused": _reused(request)}
    return render(request, "generations/create.html", context, status=status)


def _refusal(request: HtmxRequest, form: Composer) -> HttpResponse:
    """The form again, with what is wrong beside each field."""
    if not request.htmx:
        return _page(request, form, status=422)
    headers = {"HX-Retarget": "#composer", "HX-Reswap": "outerHTML"}
    response = render(request, "generations/_composer.html", {"composer": form, "reused": _reused(request)}, status=422)
    for name, value in headers.items():
        response[name] = value
    return response


def _shared_with(request: HtmxRequest) -> Team | None:
    """Who is to see what is made. Raises NotPossible for a team that one may not share with (any more)."""
    user = person(request)
    try:
        team = visibility.chosen(user, request.POST.get("team", visibility.AS_USUAL))
    except ValueError:
        raise jobs.NotPossible("You cannot share with that team any more. Choose who is to see it.") from None
    if request.POST.get("team_usual") == "yes":
        visibility.make_usual(user, team)
    return team


def _make(user: User, form: Composer, reused: Job | None, team: Team | None) -> list[Job]:
    composer.remember(user, form)
    prompts.note_use(user, form.wording.text)
    return jobs.create(user, form.orders(), group=form.click(user), remixed=reused, team=team)


def _feed(user: User) -> list[Group]:
    """The last clicks on Generate, newest first."""
    recent = jobs_of(user).order_by("-pk").values_list("group", flat=True)[:FEED]
    clicks = list(dict.fromkeys(recent))
    return groups(jobs_of(user).filter(group__in=clicks).order_by("-pk").prefetch_related("outputs"))
