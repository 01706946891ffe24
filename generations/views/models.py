"""The catalogue of all models, the list in Create's picker, favourites, and a model by its id."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations.catalogue import browsing, favourites, shelf
from generations.catalogue.browsing import Search
from generations.forms.by_id import ByIdForm
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest, came_from


@signed_in
@require_safe
def models(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking for another search or the next page, only its models."""
    search = Search.read(request.GET)
    everything = shelf.everything(person(request))
    context = {"search": search, "shelf": everything, "found": search.page(everything)}
    if request.htmx and not request.htmx.history_restore_request:
        template = "generations/_model_rows.html" if search.start else "generations/models.html#results"
        return render(request, template, context)
    context |= {"facets": browsing.facets(everything), "by_id": ByIdForm(sources=everything.sources)}
    return render(request, "generations/models.html", context)


@signed_in
@require_safe
def models_pick(request: HtmxRequest) -> HttpResponse:
    """What the picker in Create shows. By itself it is no page: there is the catalogue."""
    search = Search.read(request.GET)
    if not request.htmx:
        return redirect(f"{reverse('models')}{search.query()}")
    mine = shelf.usable(person(request))
    found = search.page(mine)
    context = {"search": search, "shelf": mine, "found": found, "chosen": request.GET.getlist("model")}
    return render(request, "generations/_picker_list.html", context)


@signed_in
@require_safe
def model_by_id(request: HtmxRequest) -> HttpResponse:
    """Opens Create with a model that the catalogue may not have."""
    everything = shelf.everything(person(request))
    form = ByIdForm(request.GET, sources=everything.sources)
    if form.is_valid():
        return redirect(f"{reverse('create')}?{urlencode({'model': form.offer_id()})}")
    search = Search()
    context = {"search": search, "shelf": everything, "found": search.page(everything), "by_id": form}
    context["facets"] = browsing.facets(everything)
    return render(request, "generations/models.html", context, status=422)


@signed_in
@require_POST
def model_favourite(request: HtmxRequest) -> HttpResponse:
    """`on` or `off` names the model; with htmx the answer is its star."""
    turned_on = "on" in request.POST
    name = favourites.read(request.POST.get("on" if turned_on else "off", ""))
    if name is None:
        raise Http404
    (favourites.add if turned_on else favourites.remove)(person(request), name)
    if request.htmx:
        label = request.POST.get("label", "")[:200]
        star = {"name": "/".join(name), "is_favourite": turned_on, "label": label, "star": request.path}
        return render(request, "generations/_star.html", star)
    return redirect(came_from(request) or reverse("models"))
