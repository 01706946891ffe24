"""A large catalogue that comes slowly: no page waits for it long, and what is there is shown meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from accounts.models import ProviderKey
from generations.catalogue import listings, renewal
from generations.models import Catalogue
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.generations.conftest import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

WAVE = "wavespeed"
PAGE, PICK, CREATE = "/models/?provider=wavespeed", "/models/pick/", "/create/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def wave(settings) -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(wire=WAVE, models=800)) as fake:
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, WAVE: fake.url}
        yield fake
        renewal._asking.clear()


@pytest.fixture
def key(alice) -> ProviderKey:
    key = ProviderKey(owner=alice, provider=WAVE, label="Wave")
    key.conceal("ws_0123456789abcdef0123456789abcdef")
    key.save()
    return key


@pytest.fixture(autouse=True)
def _nobody_else_is_asked(monkeypatch):
    monkeypatch.setattr(listings, "_is_open", lambda _: False)


def count(client) -> int:
    return client.get(PAGE, headers=HTMX).text.count('class="model"')


def test_all_of_it_comes_when_it_has_answered(as_alice, key, wave, monkeypatch):
    monkeypatch.setattr(renewal, "PATIENCE", 0.05)
    wave.latency = 1.0
    page = as_alice.get(PAGE).text
    assert "WaveSpeedAI is slow to answer." in page
    assert "Studio Image" in as_alice.get(PICK, headers=HTMX).text
    assert as_alice.get(CREATE).status_code == 200
    until(lambda: renewal._asking[WAVE, key.pk].done())
    assert count(as_alice) > 0
    [_, source] = listings.sources(key.owner)
    assert len(source.models) > 750


def test_the_old_list_stands_while_the_new_one_is_on_its_way(as_alice, key, wave, monkeypatch):
    assert count(as_alice) > 0
    Catalogue.objects.update(fetched_at=timezone.now() - timedelta(days=1))
    wave.latency = 1.0
    with monkeypatch.context() as hurried:
        hurried.setattr(renewal, "ROUND", 0.05)
        renewal.refresh_stale()
    assert "slow to answer" in Catalogue.objects.get(key=key).last_error
    page = as_alice.get(PAGE).text
    assert "slow to answer" not in page
    assert page.count('class="model"') > 0
    until(lambda: renewal._asking[WAVE, key.pk].done())
    Catalogue.objects.update(fetched_at=timezone.now() - timedelta(days=1))
    wave.latency = 0
    renewal.refresh_stale()
    assert Catalogue.objects.get(key=key).last_error == ""
