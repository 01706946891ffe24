"""How many: asked for once, by a model's own count where it has one."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from generations import composer
from generations.catalogue import listings
from studio.providers.base import Choice, Option
from tests.generations.pages.conftest import LOCAL_MODEL, form
from tests.generations.pages.test_create import HTMX, PAGE, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

VIDEO = "local/0/studio-video"
OWN = Option(
    "num_images", "choice", "Images in one job", choices=tuple(Choice(n, str(n)) for n in (1, 2, 3, 4)), default=1
)


@pytest.fixture
def counting(monkeypatch):
    """The built-in picture model as one that makes several pictures in one job."""
    find, known = listings.find, {}

    def with_count(sources, offer_id):
        offer = find(sources, offer_id)
        if offer is None or offer.id != LOCAL_MODEL:
            return offer
        model = replace(offer.model, options=(*offer.model.options, OWN))
        return known.setdefault(offer.id, replace(offer, model=model))

    monkeypatch.setattr(listings, "find", with_count)


def filled(user, **fields) -> composer.Composer:
    return composer.filled(user, QueryDict(urlencode(form(**fields), doseq=True)))


def asked(html: str) -> list[str]:
    """The names under which a number of results is asked for."""
    return [name for name in ("count", "o-num_images") if f'name="{name}"' in html]


def checked(html: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="(\d)"[^>]* checked', html) + re.findall(
        rf'<input[^>]*value="(\d)"[^>]*name="{name}"[^>]*checked', html
    )


def test_a_model_without_a_count_of_its_own_is_asked_for_as_many_jobs(as_alice):
    html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}"))
    assert asked(html) == ["count"]
    assert html.count("How many") == 1


@pytest.mark.usefixtures("counting")
def test_a_models_own_count_is_the_only_one(as_alice):
    html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}"))
    assert asked(html) == ["o-num_images"]
    assert html.count("How many") == 1
    assert "<legend>Images in one job" not in html


@pytest.mark.usefixtures("counting")
def test_one_job_makes_them_and_the_button_says_how_many(alice):
    one = filled(alice, **{"o-num_images": "4"})
    assert (one.count, one.results) == (1, 4)
    assert [order.settings["num_images"] for order in one.orders()] == [4]


@pytest.mark.usefixtures("counting")
def test_what_was_chosen_otherwise_is_not_hidden(alice):
    both = filled(alice, count="2", **{"o-num_images": "3"})
    assert both.asks_count
    assert (both.count, both.results) == (2, 6)


@pytest.mark.usefixtures("counting")
def test_beside_a_model_without_one_it_is_the_models_own_affair(as_alice):
    html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}&model={VIDEO}"))
    assert asked(html) == ["count"]
    assert "Images in one job" in html


@pytest.mark.usefixtures("counting")
def test_how_many_goes_along_to_another_model_and_back(as_alice):
    data = form(model=VIDEO, count="3")
    html = text_of(as_alice.post(f"/create/fields/?only={LOCAL_MODEL}", data, headers=HTMX))
    assert asked(html) == ["o-num_images"]
    assert checked(html, "o-num_images") == ["3"]
    data = form(model=LOCAL_MODEL, **{"o-num_images": "2"})
    html = text_of(as_alice.post(f"/create/fields/?only={VIDEO}", data, headers=HTMX))
    assert asked(html) == ["count"]
    assert checked(html, "count") == ["2"]
