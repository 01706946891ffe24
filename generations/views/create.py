"""The composer and the feed of what it made."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from generations import composer, jobs
from generations.composer import Composer
from generations.forms import seeds
from generations.jobs import Order
from generations.models import Job
from generations.views.access import jobs_of, person, signed_in
from studio.lib.ids import uuid7
from studio.middleware import HtmxRequest

FEED = 36  # jobs
SAMPLES = (
    "A serene mountain lake at sunset, mist over the water",
    "A city by night in the rain, neon light",
    "Snow falling on a quiet pine forest, blue hour",
    "A spiral nebula over a desert, stars",
)


@signed_in
@require_safe
def create(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking for the model's fields, only those (`#fields`)."""
    form = composer.blank(person(request), request.GET)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "generations/_fields.html", {"composer": form})
    return _page(request, form)


@signed_in
@require_POST
def quote(request: HtmxRequest) -> HttpResponse:
    """The button with the price of the settings as they stand."""
    return render(request, "generations/_generate.html", {"composer": composer.filled(person(request), request.POST)})


@signed_in
@require_POST
def job_create(request: HtmxRequest) -> HttpResponse:
    """Makes the jobs of one click; the same click sent twice makes them once."""
    user = person(request)
    form = composer.filled(user, request.POST)
    if not form.is_valid():
        return _refusal(request, form)
    made = _make(user, form)
    if not request.htmx:
        return redirect(reverse("create"))
    return render(request, "generations/_made.html", {"group": made, "composer": replace(form, group=uuid7())})


def _page(request: HtmxRequest, form: Composer, status: int = 200) -> HttpResponse:
    context = {"composer": form, "groups": _feed(person(request)), "samples": SAMPLES}
    return render(request, "generations/create.html", context, status=status)


def _refusal(request: HtmxRequest, form: Composer) -> HttpResponse:
    """The form again, with what is wrong beside each field."""
    if not request.htmx:
        return _page(request, form, status=422)
    headers = {"HX-Retarget": "#composer", "HX-Reswap": "outerHTML"}
    response = render(request, "generations/_composer.html", {"composer": form}, status=422)
    for name, value in headers.items():
        response[name] = value
    return response


def _make(user: User, form: Composer) -> list[Job]:
    assert form.offer is not None
    assert form.settings_form is not None
    settings = form.settings_form.settings()
    composer.remember(user, form.offer, settings)
    count = form.prompt_form.cleaned_data["count"]
    per_job = [settings] * count
    if form.offer.model.option("seed"):
        per_job = [{**settings, "seed": seed} for seed in seeds(settings.get("seed"), count)]
    offer, prompt, quote = form.offer, form.prompt_form.cleaned_data["prompt"], form.quote()
    orders = [Order(offer.provider.name, offer.key, offer.model, prompt, own, quote) for own in per_job]
    return jobs.create(user, orders, group=form.click(user))


def _feed(user: User) -> list[list[Job]]:
    """The last jobs, newest first, one list for each click on Generate."""
    recent = jobs_of(user).order_by("-pk").prefetch_related("outputs")[:FEED]
    return [sorted(group, key=attrgetter("position")) for _, group in groupby(recent, key=attrgetter("group"))]
