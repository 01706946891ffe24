"""The operator's choice of providers, and where it holds."""

import re

import pytest
from django.test import Client

from accounts import keys, offered
from accounts.models import ProviderKey
from studio.providers.registry import DIALECTS
from tests.accounts.conftest import GPU, OTHER_SECRET, SECRET, make_key

PAGE = "/providers/"
WITHHOLD, OFFER = f"/providers/{GPU}/withhold/", f"/providers/{GPU}/offer/"
HTMX = {"HX-Request": "true"}


def switch(page: str, provider: str) -> str:
    """What its switch says: "true" or "false"."""
    found = re.search(rf'aria-checked="(\w+)" aria-labelledby="offered-{provider} ', page)
    assert found
    return found[1]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", [PAGE, WITHHOLD, OFFER])
def test_for_others_it_does_not_exist(as_alice, address, method):
    assert getattr(as_alice, method)(address).status_code == 404
    assert getattr(Client(), method)(address).url == f"/account/login/?next={address}"


def test_the_operators_pages_link_to_it(as_operator, as_alice):
    assert f'href="{PAGE}"' in as_operator.get("/people/").text
    assert f'href="{PAGE}"' not in as_alice.get("/settings/").text


def test_each_provider_has_its_switch_and_the_number_of_its_keys(as_operator, alice, bob):
    make_key(alice)
    make_key(bob, secret=OTHER_SECRET)
    page = as_operator.get(PAGE).text
    assert {name: switch(page, name) for name in DIALECTS} == dict.fromkeys(DIALECTS, "true")
    assert "2 keys in this Studio" in page
    assert "Work" not in page


def test_it_is_switched_off_and_on_again_and_twice_is_once(as_operator):
    for _ in range(2):
        page = as_operator.post(WITHHOLD, follow=True).text
        assert switch(page, GPU) == "false"
        assert "WAYSCloud GPU Studio is not offered any more" in page
        assert not offered.is_offered(GPU)
        assert GPU not in {provider.name for provider in offered.offered()}
    for _ in range(2):
        assert switch(as_operator.post(OFFER, follow=True).text, GPU) == "true"
        assert offered.is_offered(GPU)


def test_it_wants_a_provider_that_there_is_and_a_post(as_operator):
    assert as_operator.post("/providers/nobody/withhold/").status_code == 404
    assert as_operator.get(WITHHOLD).status_code == 405
    assert not offered.is_offered("nobody")


def test_a_withheld_one_takes_no_new_key(as_alice, gpu):
    offered.withhold(GPU)
    assert GPU not in {provider.name for provider in keys.providers()}
    assert f"/keys/add/{GPU}/" not in as_alice.get("/keys/").text
    assert as_alice.post(f"/keys/add/{GPU}/", {"label": "Main", "secret": SECRET}).status_code == 404
    assert not ProviderKey.objects.exists()


def test_a_key_that_one_has_stays_and_says_why_it_makes_nothing(as_alice, alice, gpu):
    key = make_key(alice)
    offered.withhold(GPU)
    page = as_alice.get("/keys/").text
    assert "Not offered by the operator of this Studio" in page
    assert 'Add a key<span class="visually-hidden"> for WAYSCloud GPU' not in page
    assert "Add a key" not in as_alice.post(f"/keys/{key.pk}/test/", headers=HTMX).text
    as_alice.post(f"/keys/{key.pk}/replace/", {"secret": OTHER_SECRET})
    key.refresh_from_db()
    assert key.reveal() == OTHER_SECRET


def test_when_its_last_key_is_deleted_its_part_of_the_page_goes(as_alice, alice):
    key = make_key(alice)
    offered.withhold(GPU)
    assert as_alice.post(f"/keys/{key.pk}/delete/", headers=HTMX).content == b""
    assert DIALECTS[GPU].label not in as_alice.get("/keys/").text.partition('class="toasts"')[0]
