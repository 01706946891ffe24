"""The catalogue of all models: what it shows, how it is searched, and what opens in Create."""

import re
from html import unescape

import pytest
from django.utils import timezone

from accounts import offered
from accounts.models import ProviderKey
from generations.catalogue import browsing, listings, shelf
from generations.catalogue.browsing import Search
from generations.models import Favourite
from studio.providers.base import ModelInfo
from studio.providers.registry import dialect
from tests.generations.pages.conftest import (
    GPU,
    GPU_PAYLOADS,
    LOCAL_MODEL,
    form,
    make_job,
    make_paid_job,
    offer,
    queries,
    remember,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

HTMX = {"HX-Request": "true"}
PAGE, BY_ID, FAVOURITE, PICK = "/models/", "/models/by-id/", "/models/favourite/", "/models/pick/"
WAYS = "WAYSCloud GPU Studio"


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch):
    """What is told without a key is not asked for: the tests have no network."""
    monkeypatch.setattr(listings, "_is_open", lambda _: False)


@pytest.fixture
def can_type(monkeypatch):
    gpu = type(dialect(GPU))
    monkeypatch.setattr(gpu, "can_type_models", True)
    monkeypatch.setattr(gpu, "typed_model", lambda _, model_id, kind: ModelInfo(model_id, model_id, kind))


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def rows(html: str) -> list[str]:
    return re.findall(r'<li class="model[ "].*?</li>', html, re.DOTALL)


def words(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def names(html: str) -> list[str]:
    return [words(name) for name in re.findall(r'<h3 class="model-name">(.*?)</h3>', html, re.DOTALL)]


def headings(html: str) -> list[str]:
    return re.findall(r'<h2 class="models-heading">(.*?)</h2>', html)


def row(html: str, name: str) -> str:
    return next(row for row in rows(html) if f">{name}<" in row)


class TestThePage:
    def test_every_model_with_its_price_provider_and_key(self, as_alice, gpu):
        html = text_of(as_alice.get(PAGE))
        assert [name for name in names(html) if "banana" not in name.lower()][:6] == [
            "Studio Image", "Studio Video", "FLUX", "Kling", "New", "Pro Studio plan",
        ]  # fmt: skip
        said = words(row(html, "FLUX"))
        assert f"{WAYS} Work" in said
        assert "2.00 NOK per image" in said
        assert "price unknown" in words(row(html, "New"))
        assert "free" in words(row(html, "Studio Image"))

    def test_a_price_that_the_provider_names_later_is_not_unknown(self, as_alice, gpu, monkeypatch):
        monkeypatch.setattr(type(dialect(GPU)), "quotes", True)
        assert "priced when chosen" in words(row(text_of(as_alice.get(PAGE)), "New"))
        assert "priced when chosen" in text_of(as_alice.get(f"{PICK}?q=new", headers=HTMX))

    def test_a_click_opens_it_in_create(self, as_alice, gpu):
        html = text_of(as_alice.get(PAGE))
        link = re.search(r'href="([^"]+)">FLUX<', html)
        assert link
        assert f'name="model" value="{offer(gpu, "flux")}"' in text_of(as_alice.get(link[1]))

    def test_what_a_model_takes_in_short(self, as_alice, gpu):
        html = text_of(as_alice.get(PAGE))
        assert "9 shapes" in words(row(html, "Studio Image"))
        assert "1 preset" in words(row(html, "Studio Image"))
        assert "2–8 s · 720p, 1080p · sound" in words(row(html, "Studio Video"))

    def test_one_that_the_account_may_not_use_says_why_and_opens_nothing(self, as_alice, gpu):
        pro = next(one for one in rows(text_of(as_alice.get(PAGE))) if "Studio plan" in one)
        assert f"Needs the Studio plan at {WAYS}." in words(pro)
        assert "model-off" in pro
        assert "/create/" not in pro

    def test_a_plan_that_the_account_has_is_said_too(self, as_alice, alice, engine):
        key = ProviderKey.objects.create(owner=alice, provider=GPU, label="Pro")
        engines = [{"engine": "e", "name": "Paid", "type": "image", "available": True, "tier_required": "pro"}]
        remember(GPU, {"engines": engines}, key)
        said = words(rows(text_of(as_alice.get(f"{PAGE}?provider={GPU}")))[0])
        assert f"Needs the pro plan at {WAYS}. Its list says that this key may use it." in said

    @pytest.mark.parametrize(
        ("account", "said"), [({}, ""), ({"plan": "pro", "is_vip": True}, "has one."), ({"plan": ""}, "has none.")]
    )
    def test_a_subscription_is_told_by_what_the_account_said(self, as_alice, alice, account, said):
        held = {"left": "5", "unit": "credits", **account} if account else {}
        key = ProviderKey.objects.create(
            owner=alice, provider="nanobanana", label="NB", account=held, account_at=timezone.now()
        )
        remember("nanobanana", {"models": {"data": {"image_models": [{"id": "seedream4"}]}}}, key)
        [found] = rows(text_of(as_alice.get(f"{PAGE}?q=seedream4&provider=nanobanana")))
        assert "Needs a subscription at Nano Banana API." in words(found)
        assert ("This account" in words(found)) == bool(said)
        assert said in words(found)

    def test_several_keys_of_a_provider_make_one_row_with_a_link_for_each(self, as_alice, alice, gpu):
        other = ProviderKey.objects.create(owner=alice, provider=GPU, label="Other")
        engines = [{**one, "available": True} for one in GPU_PAYLOADS["engines"] if one["engine"] in {"flux", "pro"}]
        remember(GPU, {"engines": engines}, other)
        html = text_of(as_alice.get(f"{PAGE}?provider={GPU}"))
        assert len(rows(html)) == 4
        assert words(row(html, "FLUX")).count(": FLUX through this key") == 2
        pro = next(one for one in rows(html) if "Studio plan" in one)
        assert f"model={GPU}%2F{other.pk}%2Fpro" in pro  # the one that may use it
        assert f"model={GPU}%2F{gpu.pk}%2Fpro" not in pro

    def test_what_one_has_no_key_for_is_greyed_and_says_so(self, as_alice):
        html = text_of(as_alice.get(f"{PAGE}?provider=nanobanana"))
        pro = row(html, "Nano Banana Pro")
        assert "model-off" in pro
        assert "Needs a key for Nano Banana API." in words(pro)
        assert 'href="/keys/?provider=nanobanana"' in pro
        assert "/create/" not in pro

    def test_a_provider_that_tells_nothing_without_a_key_is_named(self, as_alice):
        html = words(text_of(as_alice.get(PAGE)))
        assert f"{WAYS} Needs a key for {WAYS}. With one, its models are listed here." in html

    def test_others_keys_show_nothing(self, as_bob, gpu):
        html = text_of(as_bob.get(PAGE))
        assert "FLUX" not in html
        assert "Work" not in html

    def test_a_withheld_provider_is_not_there(self, as_alice, gpu):
        offered.withhold(GPU)
        assert WAYS not in text_of(as_alice.get(PAGE)).partition('id="results"')[2]
        assert as_alice.post("/jobs/", form(model=offer(gpu, "flux"))).status_code == 422

    def test_a_key_whose_provider_is_in_trouble_says_so(self, as_alice, alice, engine):
        key = ProviderKey.objects.create(owner=alice, provider=GPU, label="Broken <1>")
        catalogue = remember(GPU, {"engines": []}, key)
        catalogue.last_error = "It is away."
        catalogue.save()
        html = text_of(as_alice.get(PAGE))
        assert "Broken &lt;1&gt;</strong> It is away." in html

    def test_without_any_provider_it_says_what_comes_here(self, as_alice, engine):
        for name in ("local", "nanobanana", "wavespeed"):
            offered.withhold(name)
        offered.withhold(GPU)
        assert "No models yet" in text_of(as_alice.get(PAGE))
        assert "Choose a model" in text_of(as_alice.get("/create/"))
        assert "No model matches." in text_of(as_alice.get(PICK, headers=HTMX))

    def test_a_stranger_is_sent_to_sign_in(self, client):
        for address in (PAGE, PICK, BY_ID):
            assert client.get(address).url.startswith("/account/login/")
        assert client.post(FAVOURITE).url.startswith("/account/login/")

    def test_the_number_of_queries_does_not_grow_with_models_and_keys(self, as_alice, alice, gpu):
        few = queries(as_alice, PAGE)
        engines = [{"engine": f"e{n}", "name": f"E{n}", "type": "image"} for n in range(300)]
        for n in range(3):
            remember(GPU, {"engines": engines}, ProviderKey.objects.create(owner=alice, provider=GPU, label=str(n)))
        assert len(queries(as_alice, PAGE)) == len(few)

    def test_it_stands_in_the_rail(self, as_alice):
        html = text_of(as_alice.get(PAGE))
        assert re.search(r'href="/models/" aria-current="page"', html)


class TestSearch:
    @pytest.fixture
    def page(self, as_alice, gpu):
        return lambda query: names(text_of(as_alice.get(f"{PAGE}?{query}", headers=HTMX)))

    def test_htmx_gets_the_models_alone(self, as_alice, gpu):
        html = text_of(as_alice.get(f"{PAGE}?q=flux", headers=HTMX))
        assert "<html" not in html
        assert 'id="results"' in html
        assert "<html" in text_of(as_alice.get(PAGE, headers={**HTMX, "HX-History-Restore-Request": "true"}))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=flux", ["FLUX"]),
            ("q=FL+UX", ["FLUX"]),
            ("q=wayscloud+kling", ["Kling"]),
            ("q=flux+kling", []),
            (f"provider={GPU}&kind=video", ["Kling"]),
            ("kind=video&only=available", ["Studio Video", "Kling"]),
            (f"provider={GPU}&only=available", ["FLUX", "Kling", "New"]),
            ("maker=nobody", []),
            ("maker=OpenAI", ["Sora 2", "Sora 2 Pro"]),
            ("unit=NOK/image", ["FLUX", "Pro Studio plan"]),
            ("unit=NOK/image&most=2", ["FLUX"]),
            ("unit=NOK/image&least=2.5", ["Pro Studio plan"]),
            ("unit=NOK/image&least=2,5&most=9", ["Pro Studio plan"]),
            ("unit=NOK/second", ["Kling"]),
            ("unit=EUR/image", []),
        ],
    )
    def test_by_words_and_properties(self, page, query, found):
        assert page(query) == found

    @pytest.mark.parametrize("query", ["kind=x&sort=x&only=x", "least=x&most=x", "most=1", "start=x", "q=%00"])
    def test_what_is_not_known_is_left_out(self, page, query):
        assert page(query) == page("")

    def test_names_come_before_descriptions(self, as_alice, alice):
        key = ProviderKey.objects.create(owner=alice, provider=GPU, label="W")
        engines = [
            {"engine": "a", "name": "Other", "type": "image", "description": "like flux"},
            {"engine": "b", "name": "Flux", "type": "image"},
        ]
        remember(GPU, {"engines": engines}, key)
        assert names(text_of(as_alice.get(f"{PAGE}?q=flux&provider={GPU}"))) == ["Flux", "Other"]

    def test_the_form_keeps_what_was_asked(self, as_alice, gpu):
        html = text_of(as_alice.get(f"{PAGE}?q=a%22b&kind=video&provider={GPU}&unit=NOK/image&most=3&sort=price"))
        assert 'value="a&quot;b"' in html
        assert re.search(r'value="video" checked', html)
        assert f'value="{GPU}" selected' in html
        assert 'value="NOK/image" selected>NOK per image<' in html
        assert 'value="price" selected' in html
        assert '<details class="models-filters" open>' in html

    def test_nothing_found_says_so(self, as_alice, gpu):
        html = text_of(as_alice.get(f"{PAGE}?q=xyzzy"))
        assert "Nothing matches" in html
        assert "by its id" not in html


class TestOrder:
    def test_favourites_then_recent_then_by_provider(self, as_alice, alice, gpu):
        Favourite.objects.create(owner=alice, provider=GPU, model="new")
        make_paid_job(gpu, model="kling")
        html = text_of(as_alice.get(PAGE))
        assert headings(html)[:4] == ["Favourites", "Recent", "Built-in engine", WAYS]
        assert names(html)[:5] == ["New", "Kling", "Studio Image", "Studio Video", "FLUX"]

    def test_a_recent_one_opens_with_the_key_it_was_made_with(self, alice, gpu):
        other = ProviderKey.objects.create(owner=alice, provider=GPU, label="Other")
        remember(GPU, GPU_PAYLOADS, other)
        make_paid_job(other, model="kling")
        [(heading, entry), *_] = shelf.usable(alice).usual(shelf.usable(alice).entries)
        assert (heading, entry.offer.key) == ("Recent", other)
        assert [one.key for one in entry.offers] == [other, gpu]

    def test_others_favourites_and_jobs_change_nothing(self, as_alice, bob, gpu):
        Favourite.objects.create(owner=bob, provider=GPU, model="new")
        make_job(bob)
        assert headings(text_of(as_alice.get(PAGE)))[0] == "Built-in engine"

    def test_by_name(self, as_alice, gpu):
        found = names(text_of(as_alice.get(f"{PAGE}?sort=name&only=available")))
        assert found == ["FLUX", "Kling", "New", "Studio Image", "Studio Video"]

    def test_prices_are_compared_within_one_unit_alone(self, alice, gpu):
        other = ProviderKey.objects.create(owner=alice, provider="nanobanana", label="NB")
        models = {"models": {"data": {"image_models": [{"id": "nano-banana-pro"}, {"id": "nano-banana"}]}}}
        remember("nanobanana", models, other)
        found = Search(sort="price", only="available").page(shelf.everything(alice))
        assert [(part.heading, [one.model.name for one in part.entries]) for part in found.sections] == [
            ("Free", ["Studio Image", "Studio Video"]),
            ("credits per image", ["Nano Banana", "Nano Banana Pro"]),
            ("NOK per image", ["FLUX"]),
            ("NOK per second", ["Kling"]),
            ("Price unknown", ["New"]),
        ]

    def test_a_bar_shows_each_price_beside_the_highest_of_its_unit(self, as_alice, gpu):
        html = text_of(as_alice.get(f"{PAGE}?sort=price&provider={GPU}"))
        assert 'max="9" value="2"' in row(html, "FLUX")
        assert "never converted" in html
        assert "<meter" not in text_of(as_alice.get(PAGE))


class TestPages:
    @pytest.fixture(autouse=True)
    def _many(self, alice):
        key = ProviderKey.objects.create(owner=alice, provider=GPU, label="Many")
        rows = [{"engine": f"e{n:03}", "name": f"E{n:03}", "type": "image"} for n in range(browsing.PAGE * 2 + 5)]
        remember(GPU, {"engines": rows}, key)

    def test_each_model_is_on_one_page(self, as_alice):
        seen, address = [], f"{PAGE}?provider={GPU}"
        for size in (browsing.PAGE, browsing.PAGE, 5):
            html = text_of(as_alice.get(address, headers=HTMX))
            assert len(rows(html)) == size
            seen += names(html)
            more = re.search(r'hx-get="([^"]+start=\d+)"', html)
            address = more[1].replace("&amp;", "&") if more else ""
        assert seen == [f"E{n:03}" for n in range(browsing.PAGE * 2 + 5)]
        assert not address

    def test_a_heading_is_not_said_again_on_the_next_page(self, as_alice):
        assert headings(text_of(as_alice.get(f"{PAGE}?provider={GPU}"))) == [WAYS]
        assert headings(text_of(as_alice.get(f"{PAGE}?provider={GPU}&start={browsing.PAGE}", headers=HTMX))) == []

    def test_a_page_beyond_the_end_is_empty(self, as_alice):
        assert rows(text_of(as_alice.get(f"{PAGE}?start=99999", headers=HTMX))) == []


class TestFavourites:
    def test_a_star_is_set_and_taken_off_and_twice_is_once(self, as_alice, alice):
        for _ in range(2):
            html = text_of(
                as_alice.post(FAVOURITE, {"on": LOCAL_MODEL.replace("/0", ""), "label": "S <1>"}, headers=HTMX)
            )
            assert 'aria-pressed="true"' in html
            assert 'name="off"' in html
            assert "S &lt;1&gt;" in html
        assert [str(one) for one in alice.favourites.all()] == ["local/studio-image"]
        for _ in range(2):
            html = text_of(as_alice.post(FAVOURITE, {"off": "local/studio-image"}, headers=HTMX))
            assert 'aria-pressed="false"' in html
        assert not alice.favourites.exists()

    def test_without_htmx_one_comes_back_to_where_one_was(self, as_alice):
        back = "http://testserver/models/?q=fox"
        post = {"on": "local/studio-image"}
        assert as_alice.post(FAVOURITE, post, headers={"Referer": back}).url == "/models/?q=fox"
        assert as_alice.post(FAVOURITE, post, headers={"Referer": "https://evil.example/"}).url == PAGE
        assert as_alice.post(FAVOURITE, post).url == PAGE

    @pytest.mark.parametrize("name", ["", "x", "nobody/x", "local/", "local/" + "x" * 201, "local/a\0b"])
    def test_what_is_no_model_is_not_there(self, as_alice, name):
        assert as_alice.post(FAVOURITE, {"on": name}).status_code == 404
        assert not Favourite.objects.exists()

    def test_it_is_ones_own(self, as_alice, as_bob, bob):
        as_alice.post(FAVOURITE, {"on": "local/studio-image"})
        assert not bob.favourites.exists()
        as_bob.post(FAVOURITE, {"off": "local/studio-image"})
        assert Favourite.objects.count() == 1

    def test_it_wants_a_post(self, as_alice):
        assert as_alice.get(FAVOURITE).status_code == 405


class TestPicker:
    def pick(self, client, query=""):
        return text_of(client.get(f"{PICK}?{query}", headers=HTMX))

    def test_it_shows_what_one_can_use_and_marks_what_is_chosen(self, as_alice, gpu):
        html = self.pick(as_alice, f"model={offer(gpu, 'flux')}")
        assert html.count('class="picker-row"') == 6
        assert re.search(r'%2Fflux"[^>]*aria-current="true"', html)
        assert html.count("aria-current") == 1
        assert "Nano Banana" not in html

    def test_each_can_be_chosen_or_added_and_one_that_may_not_be_used_neither(self, as_alice, gpu):
        html = self.pick(as_alice)
        assert f'href="/create/?model={GPU}%2F{gpu.pk}%2Fflux"' in html
        assert f'hx-post="/create/fields/?only={GPU}%2F{gpu.pk}%2Fflux"' in html
        assert f'data-add="{offer(gpu, "flux")}"' in html
        assert "%2Fpro" not in html
        assert f"{offer(gpu, 'pro')}" not in html
        assert "Needs the Studio plan" in html

    def test_it_is_searched(self, as_alice, gpu):
        assert self.pick(as_alice, "q=kli").count('class="picker-row"') == 1
        assert self.pick(as_alice, "kind=video").count('class="picker-row"') == 2
        assert "No model matches." in self.pick(as_alice, "q=xyzzy")

    def test_sound_is_to_be_found_where_there_is_a_key(self, as_alice, alice, engine):
        sound = '<input type="radio" name="kind" value="audio" form="pick">'
        assert sound not in text_of(as_alice.get("/create/"))
        ProviderKey.objects.create(owner=alice, provider=GPU, label="Work")
        assert sound in text_of(as_alice.get("/create/"))

    def test_one_of_several_keys_is_chosen(self, as_alice, alice, gpu):
        other = ProviderKey.objects.create(owner=alice, provider=GPU, label="Yet another")
        remember(GPU, {"engines": GPU_PAYLOADS["engines"][:2]}, other)
        assert 'id="picker-through"' in text_of(as_alice.get("/create/"))
        html = self.pick(as_alice, f"through={GPU}/{other.pk}")
        assert html.count('class="picker-row"') == 2
        assert f'data-add="{offer(other, "flux")}"' in html
        assert f'data-add="{offer(gpu, "flux")}"' in self.pick(as_alice)
        assert self.pick(as_alice, "through=local/0").count('class="picker-row"') == 2

    def test_favourites_and_recent_ones_come_first(self, as_alice, alice, gpu):
        Favourite.objects.create(owner=alice, provider=GPU, model="kling")
        make_paid_job(gpu)
        html = self.pick(as_alice)
        assert re.findall(r'picker-heading">(.*?)<', html) == ["Favourites", "Recent", "Built-in engine", WAYS]

    def test_a_long_list_comes_in_parts(self, as_alice, alice):
        key = ProviderKey.objects.create(owner=alice, provider=GPU, label="Many")
        remember(GPU, {"engines": [{"engine": f"e{n}", "name": f"E{n}", "type": "image"} for n in range(50)]}, key)
        html = self.pick(as_alice)
        assert html.count('class="picker-row"') == browsing.PAGE
        assert f'hx-get="{PICK}?start={browsing.PAGE}"' in html
        assert self.pick(as_alice, "start=40").count('class="picker-row"') == 12

    def test_without_htmx_there_is_the_catalogue(self, as_alice):
        assert as_alice.get(f"{PICK}?q=fox").url == f"{PAGE}?q=fox"


@pytest.mark.usefixtures("can_type")
class TestById:
    def test_it_is_offered_where_a_key_can(self, as_alice, gpu):
        html = text_of(as_alice.get(PAGE))
        assert "Use a model by its id" in html
        assert f'<option value="{GPU}/{gpu.pk}"' in html
        assert "Use one by its id" in text_of(as_alice.get(f"{PAGE}?q=xyzzy"))
        assert 'href="/models/#by-id">Use a model by its id' in text_of(as_alice.get(PICK, headers=HTMX))

    def test_it_is_not_where_no_key_can(self, as_alice, engine):
        offered.withhold("wavespeed")
        offered.withhold("local")
        assert "by its id" not in text_of(as_alice.get(PAGE))
        assert "by its id" not in text_of(as_alice.get(PICK, headers=HTMX))

    def test_it_opens_create_with_it(self, as_alice, gpu):
        sent = {"through": f"{GPU}/{gpu.pk}", "kind": "video", "id": " maker/model/fast/ "}
        response = as_alice.get(BY_ID, sent)
        assert response.url == f"/create/?model={GPU}%2F{gpu.pk}%2Ftyped%3Avideo%3Amaker%2Fmodel%2Ffast"
        html = text_of(as_alice.get(response.url))
        assert f'value="{offer(gpu, "typed:video:maker/model/fast")}"' in html

    def test_one_that_the_catalogue_has_is_that(self, as_alice, gpu):
        sent = {"through": f"{GPU}/{gpu.pk}", "kind": "video", "id": "flux"}
        assert as_alice.get(BY_ID, sent).url == f"/create/?model={GPU}%2F{gpu.pk}%2Fflux"

    @pytest.mark.parametrize("model_id", ["", "a b", "../x", "a//b", "https://x.example/a", "å", "a" * 201])
    def test_what_is_no_id_is_explained_and_kept(self, as_alice, gpu, model_id):
        response = as_alice.get(BY_ID, {"through": f"{GPU}/{gpu.pk}", "kind": "image", "id": model_id})
        html = text_of(response)
        assert response.status_code == 422
        assert 'class="field-error" id="by-id-help"' in html
        assert '<details class="models-by-id" open>' in html
        assert f'value="{model_id}"' in html

    def test_anothers_key_is_not_there(self, as_bob, gpu):
        sent = {"through": f"{GPU}/{gpu.pk}", "kind": "image", "id": "a/b"}
        assert as_bob.get(BY_ID, sent).status_code == 422
