"""The composer's state, apart from its page."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from generations import composer
from generations.catalogue import listings
from generations.composer import opening
from generations.composer.wording import Wording
from generations.forms import COUNTS
from studio.providers.base import Cost
from tests.generations.pages.conftest import GPU, form, make_paid_job, offer

pytestmark = pytest.mark.django_db


def filled(user, **fields) -> composer.Composer:
    data = QueryDict(mutable=True)
    data.update(form(**fields))
    return composer.filled(user, data)


def test_nothing_to_choose_from_is_said(alice, monkeypatch):
    monkeypatch.setattr(listings, "sources", lambda user: [])
    blank = composer.blank(alice, QueryDict())
    assert (blank.offer, blank.trouble, blank.quote().cost) == (None, "Choose a model.", None)
    assert not filled(alice).is_valid()


def test_the_first_model_that_one_may_use_is_chosen(alice, gpu):
    assert composer.blank(alice, QueryDict()).offer.provider.name == "local"


def test_one_that_was_used_last_and_is_gone_leaves_the_first(alice, engine):
    alice.last_settings = {"model": "gone/0/gone", "settings": {"gone/gone": {"seed": 1}}}
    assert composer.blank(alice, QueryDict()).offer.model.id == "studio-image"


def test_settings_are_remembered_whichever_key_they_were_used_with(alice, gpu):
    composer.remember(alice, filled(alice, model=offer(gpu, "flux"), **{"o-aspect_ratio": "4:5", "o-seed": "3"}))
    assert alice.last_settings == {"model": offer(gpu, "flux"), "settings": {f"{GPU}/flux": {"aspect_ratio": "4:5"}}}


def test_the_total_is_the_quote_times_the_count(alice, gpu):
    for count in COUNTS:
        form = filled(alice, model=offer(gpu, "flux"), count=str(count))
        assert form.total().costs == (Cost(Decimal(2 * count), "NOK"),)
        assert form.quote().cost.amount == 2


def test_a_quote_that_is_an_estimate_stays_one(alice, gpu):
    total = filled(alice, model=offer(gpu, "kling"), count="3", **{"o-duration_sec": "4"}).total()
    assert total.notes
    assert total.costs == (Cost(Decimal(6), "NOK"),)


def test_a_job_is_opened_with_another_key_where_its_own_is_gone(alice, gpu):
    job = make_paid_job(gpu)
    job.key = None
    job.save()
    opened = composer.blank(alice, QueryDict(), reused=job)
    assert opened.offer.key == gpu
    assert opened.notice == ""


def test_a_price_before_anything_is_typed_is_by_the_defaults(alice, gpu):
    blank = composer.blank(alice, QueryDict(f"model={offer(gpu, 'flux')}"))
    assert str(blank.total()) == "2.00\u00a0NOK"


def test_what_is_too_long_is_not_multiplied_before_it_is_refused():
    """A prompt may name a variable thousands of times."""
    sent = QueryDict(urlencode({"prompt": "{a}" * 5_000, "v-a": "x" * 20_000}))
    wording = Wording.sent(sent, needed=True, one_a_line=False)
    assert sum(map(len, wording.prompts())) < 5_000_000
    assert not wording.is_valid()


def test_the_settings_of_so_many_models_are_kept_and_no_more(alice, gpu):
    known = {f"maker/{number}": {"steps": number} for number in range(opening.REMEMBERED)}
    alice.last_settings = {"model": "", "settings": known}
    form = filled(alice, model=offer(gpu, "flux"))
    assert form.is_valid()
    composer.remember(alice, form)
    alice.refresh_from_db()
    assert list(alice.last_settings["settings"]) == [f"{GPU}/flux"]
