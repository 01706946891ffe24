"""A result as the input of the next: into the first field that takes it, or to the models that do."""

import re

import pytest
from django.http import QueryDict

from generations import composer
from generations.composer.placing import fitting
from studio.providers.base import ModelInfo, Option
from tests.generations.pages.conftest import LOCAL_MODEL, make_job, offer
from tests.generations.pages.test_create import PAGE, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def placed(html: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="o-\w+" value="(output:[^"]+)" checked', html)


@pytest.fixture
def picture(alice, keep):
    """The reference of one of alice's results."""
    job = make_job(alice)
    keep(job)
    return f"output:{job.pk}/0"


def test_it_is_put_into_the_first_fitting_field(as_alice, picture):
    assert placed(text_of(as_alice.get(f"{PAGE}?input={picture}"))) == [picture]


def test_the_model_of_the_link_is_the_one(as_alice, gpu, picture):
    html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}&input={picture}"))
    assert placed(html) == [picture]
    assert f'name="model" value="{LOCAL_MODEL}"' in html


def test_a_model_that_takes_none_says_so_and_names_those_that_do(as_alice, gpu, picture):
    html = text_of(as_alice.get(f"{PAGE}?model={offer(gpu, 'new')}&input={picture}"))
    assert "New takes no picture." in html
    assert (
        f"?model=local%2F0%2Fstudio-image&amp;input=output%3A{picture.removeprefix('output:').replace('/', '%2F')}"
        in html
    )
    assert placed(html) == []


def test_what_is_gone_or_anothers_is_said(as_alice, as_bob, picture):
    html = text_of(as_bob.get(f"{PAGE}?input={picture}"))
    assert "is not there any more" in html
    assert placed(html) == []
    assert "is not there any more" in text_of(as_alice.get(f"{PAGE}?input=output:x/0"))


def test_cards_and_the_page_of_a_job_link_to_it(as_alice, alice, picture):
    link = f"{PAGE}?input={picture.replace(':', '%3A').replace('/', '%2F')}"
    pk = picture.removeprefix("output:").removesuffix("/0")
    for address in (PAGE, "/gallery/", f"/jobs/{pk}/"):
        assert link in text_of(as_alice.get(address)), address


def test_a_job_is_opened_with_its_media(as_alice, alice, picture):
    option = next(option for option in _options(alice) if option.type == "media")
    value = [picture] if option.max_items > 1 else picture
    job = make_job(alice, settings={option.name: value})
    assert placed(text_of(as_alice.get(f"{PAGE}?from={job.pk}"))) == [picture]


def test_media_are_not_kept_for_the_next_visit(as_alice, alice, picture):
    option = next(option for option in _options(alice) if option.type == "media")
    sent = {"model": LOCAL_MODEL, "prompt": "fox", "count": "1", f"o-{option.name}": picture}
    assert as_alice.post("/jobs/", sent).status_code == 302
    assert placed(text_of(as_alice.get(PAGE))) == []


def test_its_fold_is_open(as_alice, gpu, picture):
    """Where only one of several models takes it."""
    html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}&model={offer(gpu, 'new')}&input={picture}"))
    fold = re.search(r'<details class="more fold"( open)?>.*?Only Studio Image.*?</details>', html, re.DOTALL)
    assert fold[1]
    assert f'value="{picture}" checked' in fold[0]


@pytest.mark.parametrize(("kind", "name"), [("image", "picture"), ("video", "clip"), ("audio", "anything")])
def test_the_first_field_for_such_media(kind, name):
    options = (
        Option("words", "text", "Words"),
        Option("clip", "media", "Clip", accept=("video",)),
        Option("picture", "media", "Picture", accept=("image",)),
        Option("anything", "media", "Anything"),
    )
    assert fitting(ModelInfo("m", "M", "image", options=options), kind).name == name


def test_no_field_for_it():
    assert fitting(ModelInfo("m", "M", "image"), "image") is None


def _options(user):
    return composer.blank(user, QueryDict(f"model={LOCAL_MODEL}")).offer.model.options
