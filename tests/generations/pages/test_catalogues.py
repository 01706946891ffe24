"""Whose models one can choose from, and what a provider that does not answer does to the page."""

from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations import catalogues
from generations.models import Catalogue
from studio.lib.crypto import Undecryptable
from studio.providers.base import Cost, ProviderError
from tests.generations.pages.conftest import GPU, GPU_PAYLOADS, LOCAL_MODEL, make_job, make_paid_job, offer

pytestmark = pytest.mark.django_db


class Provider:
    """Stands for every provider: counts how often its catalogue is asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = dict(GPU_PAYLOADS)
        self.trouble: Exception | None = None
        self.may_answer = Event()
        self.may_answer.set()

    def __call__(self, provider, key, transports):
        return self

    def catalogue(self):
        self.asked += 1
        assert self.may_answer.wait(10)
        if self.trouble:
            raise self.trouble
        return self.answer


@pytest.fixture
def provider(monkeypatch) -> Provider:
    provider = Provider()
    monkeypatch.setattr(catalogues, "connect", provider)
    yield provider
    provider.may_answer.set()


@pytest.fixture
def key(alice, engine) -> ProviderKey:
    return ProviderKey.objects.create(owner=alice, provider=GPU, label="Work")


def names(source) -> list[str]:
    return [offer.model.name for offer in source.offers]


def long_since() -> None:
    Catalogue.objects.update(fetched_at=timezone.now() - timedelta(hours=1))


def test_the_built_in_engine_comes_first_then_ones_own_keys(alice, bob, gpu):
    ProviderKey.objects.create(owner=bob, provider=GPU, label="Bobs")
    ProviderKey.objects.create(owner=alice, provider=GPU, label="Off", is_enabled=False)
    ProviderKey.objects.create(owner=alice, provider="closed", label="No longer spoken to")
    assert [source.key for source in catalogues.sources(alice)] == [None, gpu]


def test_an_offer_is_found_by_its_own_id_alone(alice, gpu):
    sources = catalogues.sources(alice)
    assert catalogues.find(sources, LOCAL_MODEL).model.name == "Studio Image"
    assert catalogues.find(sources, offer(gpu, "flux")).key == gpu
    assert catalogues.find(sources, f"{GPU}/0/flux") is None


def test_a_provider_is_asked_once(alice, key, provider):
    for _ in range(3):
        assert names(catalogues.sources(alice)[1]) == ["FLUX", "Kling", "New", "Pro"]
    assert provider.asked == 1


@pytest.mark.parametrize(
    "trouble", [ProviderError("invalid_key", "The key was refused.", sent=False), Undecryptable("The key was refused.")]
)
def test_one_that_refuses_says_why_and_is_left_alone_for_a_while(alice, key, provider, trouble):
    provider.trouble = trouble
    for _ in range(3):
        local, refused = catalogues.sources(alice)
        assert names(local)
        assert (refused.offers, refused.trouble) == ((), "The key was refused.")
    assert provider.asked == 1
    long_since()
    provider.trouble = None
    assert names(catalogues.sources(alice)[1])


def test_one_that_hangs_holds_up_nobody_and_its_late_answer_is_taken(alice, key, provider, monkeypatch):
    monkeypatch.setattr(catalogues, "PATIENCE", 0.01)
    provider.may_answer.clear()
    for _ in range(3):
        local, hung = catalogues.sources(alice)
        assert names(local)
        assert "is slow to answer" in hung.trouble
        long_since()
    assert provider.asked == 1
    asked = catalogues._asking[GPU, key.pk]
    Catalogue.objects.update(fetched_at=timezone.now())
    provider.may_answer.set()
    asked.result(10)
    assert names(catalogues.sources(alice)[1]) == ["FLUX", "Kling", "New", "Pro"]
    assert provider.asked == 1


def test_an_empty_catalogue_says_so(alice, key, provider):
    provider.answer = {"engines": []}
    assert "names no models for this key" in catalogues.sources(alice)[1].trouble


def test_a_failed_renewal_leaves_the_old_one(alice, gpu, provider):
    provider.trouble = ProviderError("unavailable", "Not now.", sent=False)
    catalogues.refresh(GPU, gpu)
    assert names(catalogues.sources(alice)[1])
    assert Catalogue.objects.get(key=gpu).last_error == "Not now."


def test_stale_ones_are_renewed_for_keys_in_use(alice, gpu, provider):
    long_since()
    assert catalogues.refresh_stale() == 2
    assert catalogues.refresh_stale() == 0
    long_since()
    ProviderKey.objects.update(is_enabled=False)
    assert catalogues.refresh_stale() == 1


def test_todays_price_is_by_the_catalogue(alice, gpu):
    assert catalogues.quote_today(make_paid_job(gpu, quoted_amount=1)).cost == Cost(2, "NOK")
    assert catalogues.quote_today(make_job(alice)).cost.amount == 0
    assert catalogues.quote_today(make_paid_job(gpu, model="gone")) is None
