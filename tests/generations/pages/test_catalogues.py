"""Whose models one can choose from, and what a provider that does not answer does to the page."""

from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.utils import timezone

from accounts import offered
from accounts.models import ProviderKey
from generations.catalogue import listings, renewal
from generations.models import Catalogue, Payload
from generations.money import quotes
from studio.lib.crypto import Undecryptable
from studio.providers.base import Cost, ModelInfo, ProviderError
from studio.providers.registry import dialect
from tests.generations.pages.conftest import GPU, GPU_PAYLOADS, LOCAL_MODEL, make_job, make_paid_job, offer, remember

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
    monkeypatch.setattr(renewal, "connect", provider)
    yield provider
    provider.may_answer.set()
    renewal._asking.clear()


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
    assert [source.key for source in listings.sources(alice)] == [None, gpu]


def test_an_offer_is_found_by_its_own_id_alone(alice, gpu):
    sources = listings.sources(alice)
    assert listings.find(sources, LOCAL_MODEL).model.name == "Studio Image"
    assert listings.find(sources, offer(gpu, "flux")).key == gpu
    assert listings.find(sources, f"{GPU}/0/flux") is None


def test_a_provider_is_asked_once(alice, key, provider):
    for _ in range(3):
        assert names(listings.sources(alice)[1]) == ["FLUX", "Kling", "New", "Pro"]
    assert provider.asked == 1


@pytest.mark.parametrize(
    "trouble", [ProviderError("invalid_key", "The key was refused.", sent=False), Undecryptable("The key was refused.")]
)
def test_one_that_refuses_says_why_and_is_left_alone_for_a_while(alice, key, provider, trouble):
    provider.trouble = trouble
    for _ in range(3):
        local, refused = listings.sources(alice)
        assert names(local)
        assert (refused.offers, refused.trouble) == ((), "The key was refused.")
    assert provider.asked == 1
    long_since()
    provider.trouble = None
    assert names(listings.sources(alice)[1])


def test_one_that_hangs_holds_up_nobody_and_its_late_answer_is_taken(alice, key, provider, monkeypatch):
    monkeypatch.setattr(renewal, "PATIENCE", 0.01)
    provider.may_answer.clear()
    for _ in range(3):
        local, hung = listings.sources(alice)
        assert names(local)
        assert "is slow to answer" in hung.trouble
        long_since()
    assert provider.asked == 1
    asked = renewal._asking[GPU, key.pk]
    Catalogue.objects.update(fetched_at=timezone.now())
    provider.may_answer.set()
    asked.result(10)
    assert names(listings.sources(alice)[1]) == ["FLUX", "Kling", "New", "Pro"]
    assert provider.asked == 1


def test_an_empty_catalogue_says_so(alice, key, provider):
    provider.answer = {"engines": []}
    assert "names no models for this key" in listings.sources(alice)[1].trouble


def test_a_failed_renewal_leaves_the_old_one(alice, gpu, provider):
    provider.trouble = ProviderError("unavailable", "Not now.", sent=False)
    renewal.refresh(GPU, gpu)
    assert names(listings.sources(alice)[1])
    assert Catalogue.objects.get(key=gpu).last_error == "Not now."


def test_todays_price_is_by_the_catalogue(alice, gpu):
    assert quotes.today(make_paid_job(gpu, quoted_amount=1)).cost == Cost(2, "NOK")
    assert quotes.today(make_job(alice)).cost.amount == 0
    assert quotes.today(make_paid_job(gpu, model="gone")) is None


def test_keys_without_models_are_asked_at_once_and_wait_together(alice, key, provider, monkeypatch):
    ProviderKey.objects.create(owner=alice, provider=GPU, label="Other")
    monkeypatch.setattr(renewal, "PATIENCE", 5)
    together = Barrier(2)
    monkeypatch.setattr(provider, "catalogue", lambda: (together.wait(4), GPU_PAYLOADS)[1])
    assert all(names(source) for source in listings.sources(alice)[1:])


def test_models_are_read_when_they_are_needed_and_once_for_all_keys(alice, gpu, django_assert_num_queries):
    other = ProviderKey.objects.create(owner=alice, provider=GPU, label="Other")
    remember(GPU, GPU_PAYLOADS, other)
    listings._listing.cache_clear()
    with django_assert_num_queries(3):  # who offers, which keys, what is known
        sources = listings.sources(alice)
    with django_assert_num_queries(1):
        assert listings.find(sources, offer(gpu, "flux"))
        assert listings.find(sources, offer(other, "kling"))
    assert Payload.objects.count() == 2


def test_a_withheld_provider_has_no_models_and_is_not_asked(alice, gpu, provider):
    offered.withhold(GPU)
    assert [source.provider.name for source in listings.sources(alice)] == ["local"]
    assert GPU not in {source.provider.name for source in listings.keyless(alice)}
    long_since()
    assert renewal.refresh_stale() == 1
    assert listings.find(listings.sources(alice), offer(gpu, "flux")) is None


class TestStale:
    def test_ones_are_renewed_for_keys_in_use(self, alice, gpu, provider):
        long_since()
        assert renewal.refresh_stale() == 2
        assert renewal.refresh_stale() == 0
        long_since()
        ProviderKey.objects.update(is_enabled=False)
        assert renewal.refresh_stale() == 1

    def test_large_ones_wait_longer(self, alice, gpu, provider, monkeypatch):
        Catalogue.objects.update(fetched_at=timezone.now() - timedelta(minutes=20))
        monkeypatch.setattr(renewal, "LARGE", 400)
        assert renewal.refresh_stale() == 1  # the built-in engine's is smaller
        long_since()
        assert renewal.refresh_stale() == 2

    def test_a_round_comes_to_its_end_where_providers_hang(self, alice, gpu, provider, monkeypatch):
        monkeypatch.setattr(renewal, "ROUND", 0.05)
        monkeypatch.setattr(renewal, "AT_ONCE", 1)
        provider.may_answer.clear()
        long_since()
        assert renewal.refresh_stale() == 1
        assert names(listings.sources(alice)[1])  # the old ones stand

    def test_the_oldest_come_first(self, alice, gpu, provider, monkeypatch):
        long_since()
        Catalogue.objects.filter(key=gpu).update(fetched_at=timezone.now() - timedelta(days=1))
        monkeypatch.setattr(renewal, "_take_up", lambda name, *_: asked.append(name))
        asked = []
        renewal.refresh_stale()
        assert asked == [GPU, "local"]

    def test_answers_that_nobody_was_given_last_are_removed(self, alice, gpu, provider):
        old = Catalogue.objects.get(key=gpu).payload_id
        provider.answer = {"engines": [{"engine": "next", "type": "image"}]}
        long_since()
        assert renewal.refresh_stale() == 2
        assert not Payload.objects.filter(pk=old).exists()
        assert names(listings.sources(alice)[1]) == ["next"]
        assert Payload.objects.count() == 1  # both were told the same

    def test_a_page_that_was_about_to_read_them_reads_the_new_ones(self, alice, gpu, provider):
        [_, source] = listings.sources(alice)
        listings._listing.cache_clear()
        provider.answer = {"engines": [{"engine": "next", "type": "image"}]}
        long_since()
        renewal.refresh_stale()
        assert names(source) == ["next"]

    @pytest.mark.django_db(transaction=True)
    def test_a_key_that_is_deleted_meanwhile_holds_up_nobody(self, alice, gpu, provider):
        stale = ProviderKey.objects.get(pk=gpu.pk)
        gpu.delete()
        renewal.refresh_all([(GPU, stale), ("local", None)], None)
        assert Catalogue.objects.filter(provider="local").exists()


class TestTyped:
    @pytest.fixture(autouse=True)
    def _can(self, monkeypatch):
        gpu = dialect(GPU)
        monkeypatch.setattr(type(gpu), "can_type_models", True)
        monkeypatch.setattr(type(gpu), "typed_model", lambda _, model_id, kind: ModelInfo(model_id, model_id, kind))

    def found(self, alice, gpu, name):
        return listings.find(listings.sources(alice), offer(gpu, name))

    def test_one_that_the_catalogue_does_not_name_keeps_its_id(self, alice, gpu):
        typed = self.found(alice, gpu, "typed:video:maker/model-v1.5/fast")
        assert (typed.model.id, typed.model.kind, typed.key) == ("maker/model-v1.5/fast", "video", gpu)
        assert typed.id == offer(gpu, "typed:video:maker/model-v1.5/fast")
        assert self.found(alice, gpu, "maker/model-v1.5/fast") is None

    def test_one_that_it_names_is_the_catalogues(self, alice, gpu):
        known = self.found(alice, gpu, "typed:video:flux")
        assert (known.id, known.model.kind, known.model.price.cost) == (offer(gpu, "flux"), "image", Cost(2, "NOK"))

    @pytest.mark.parametrize(
        "name",
        [
            "typed:image:",
            "typed:image:../x",
            "typed:image:a/../b",
            "typed:image:a/./b",
            "typed:image:/a",
            "typed:image:a/",
            "typed:image:a//b",
            "typed:image:a b",
            "typed:image:a?b",
            "typed:image:a\n",
            "typed:image:%2e%2e",
            "typed:image:" + "a" * 201,
            "typed:music:a",
        ],
    )
    def test_what_is_no_id_is_refused(self, alice, gpu, name):
        assert self.found(alice, gpu, name) is None

    def test_only_where_the_provider_allows_it(self, alice, gpu):
        assert listings.find(listings.sources(alice), "local/0/typed:image:a/b") is not None  # by inheritance
        assert listings.find(listings.sources(alice), f"{GPU}/0/typed:image:a/b") is None


class TestWithoutAKey:
    def of(self, alice, name=GPU):
        return next((source for source in listings.keyless(alice) if source.provider.name == name), None)

    def test_what_its_provider_tells_anyone_is_shown_and_locked(self, alice, engine, provider):
        source = self.of(alice)
        assert names(source) == ["FLUX", "Kling", "New", "Pro"]
        assert (source.locked, source.trouble) == ("Needs a key for WAYSCloud GPU Studio.", "")
        self.of(alice)
        assert provider.asked == 1

    def test_it_is_asked_again_when_somebody_looks_an_hour_later_and_not_before(self, alice, engine, provider):
        provider.trouble = ProviderError("unavailable", "Not now.", sent=False)
        for _ in range(2):
            assert names(self.of(alice)) == []
        assert provider.asked == 1
        provider.trouble = None
        long_since()
        assert renewal.refresh_stale() == 1  # the built-in engine's
        assert names(self.of(alice))
        assert provider.asked == 3

    def test_others_keys_tell_nothing(self, alice, bob, engine, provider, monkeypatch):
        monkeypatch.setattr(listings, "_is_open", lambda _: False)
        key = ProviderKey.objects.create(owner=bob, provider=GPU, label="Bobs")
        remember(GPU, GPU_PAYLOADS, key)
        assert names(self.of(alice)) == []
        assert provider.asked == 0

    def test_a_key_that_is_off_says_so_and_one_that_is_on_needs_no_such_list(self, alice, gpu, provider):
        assert self.of(alice) is None
        ProviderKey.objects.create(owner=alice, provider=GPU, label="Off", is_enabled=False)
        assert self.of(alice) is None
        ProviderKey.objects.update(is_enabled=False)
        assert self.of(alice).locked == "Your key for WAYSCloud GPU Studio is off."

    def test_one_that_tells_nobody_is_known_by_its_dialect(self, alice, engine, provider, monkeypatch):
        monkeypatch.setattr(listings, "_is_open", lambda _: False)
        assert names(self.of(alice)) == []
        assert "Nano Banana Pro" in names(self.of(alice, "nanobanana"))
