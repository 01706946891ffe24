"""One form over several models: what is asked once, what of each, and what it all costs."""

import re
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from generations import composer
from generations.composer import opening
from generations.composer.parts import short_id
from generations.models import Job
from studio.lib.ids import uuid7
from tests.generations.pages.conftest import LOCAL_MODEL, form, make_job, make_paid_job, offer
from tests.generations.pages.test_create import HTMX, MAKE, PAGE, QUOTE, button, checked, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

VIDEO = "local/0/studio-video"
FIELDS = "/create/fields/"


def filled(user, **fields) -> composer.Composer:
    return composer.filled(user, QueryDict(urlencode(form(**fields), doseq=True)))


def own(user, model: str, name: str) -> str:
    """The name of a field that only this model has."""
    return f"{short_id(composer.filled(user, QueryDict(urlencode({'model': model}))).offer)}-{name}"


def chosen(html: str) -> list[str]:
    return re.findall(r'type="hidden" name="model" value="([^"]+)" autocomplete="off">\s*<svg', html)


def made() -> list[Job]:
    return list(Job.objects.order_by("position"))


class TestTheForm:
    def test_what_all_have_is_asked_once(self, as_alice):
        html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}&model={VIDEO}"))
        assert chosen(html) == [LOCAL_MODEL, VIDEO]
        ratios = re.findall(r'name="o-aspect_ratio" value="([^"]+)"', html)
        assert ratios == ["1:1", "16:9", "9:16"]  # what the video can, too
        assert html.count('name="o-seed"') == 1

    def test_what_one_alone_has_is_in_its_own_fold(self, as_alice, alice):
        html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}&model={VIDEO}"))
        assert "Only Studio Image" in html
        assert f'name="{own(alice, LOCAL_MODEL, "size")}"' in html
        assert f'name="{own(alice, VIDEO, "duration_sec")}"' in html
        assert 'name="o-size"' not in html

    def test_one_model_has_no_folds(self, as_alice):
        html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}"))
        assert "Only Studio Image" not in html
        assert 'name="o-size"' in html

    def test_each_is_there_once_and_eight_are_the_most(self, alice, gpu):
        models = [LOCAL_MODEL, VIDEO, LOCAL_MODEL, *(offer(gpu, name) for name in ("flux", "kling", "new"))]
        assert len(filled(alice, model=models).parts) == 5
        assert composer.MODELS_MAX == 8

    def test_one_that_is_gone_is_said(self, as_alice):
        response = as_alice.post(MAKE, form(model=[LOCAL_MODEL, "gone/0/gone"]))
        assert response.status_code == 422
        assert "One of the models is not there any more: its key may have been taken back." in text_of(response)
        assert not Job.objects.exists()

    def test_one_that_cannot_be_used_is_said_and_can_be_removed(self, as_alice, gpu):
        pro = offer(gpu, "pro")
        response = as_alice.post(MAKE, form(model=[LOCAL_MODEL, pro]))
        html = text_of(response)
        assert response.status_code == 422
        assert "Needs the Studio plan" in html
        assert f'href="{PAGE}?model=local%2F0%2Fstudio-image"' in html
        assert not Job.objects.exists()


class TestOneMoreAndOneLess:
    def test_a_model_more_keeps_what_was_given(self, as_alice, alice):
        sent = form(add=VIDEO, count="3", **{"o-aspect_ratio": "9:16", "o-size": "768", "o-seed": "0"})
        html = text_of(as_alice.post(FIELDS, sent, headers=HTMX))
        assert chosen(html) == [LOCAL_MODEL, VIDEO]
        assert checked(html, "o-aspect_ratio") == "9:16"
        assert re.search(rf'name="{own(alice, LOCAL_MODEL, "size")}"[^>]*value="768"', html)
        assert re.search(r'name="o-seed"[^>]*value="0"', html)
        assert checked(html, "count") == "3"

    def test_a_value_that_the_other_cannot_take_gives_way(self, as_alice):
        html = text_of(as_alice.post(FIELDS, form(add=VIDEO, **{"o-aspect_ratio": "4:5"}), headers=HTMX))
        assert checked(html, "o-aspect_ratio") == "16:9"

    def test_a_model_less_leaves_the_values_of_the_others(self, as_alice, alice, gpu):
        length = own(alice, VIDEO, "duration_sec")
        models = [LOCAL_MODEL, VIDEO, offer(gpu, "flux")]
        sent = form(model=models, **{length: "7", "o-aspect_ratio": "1:1"})
        without = urlencode({"without": LOCAL_MODEL})
        html = text_of(as_alice.post(f"{FIELDS}?{without}", sent, headers=HTMX))
        assert chosen(html) == models[1:]
        assert checked(html, length) == "7"
        assert checked(html, "o-aspect_ratio") == "1:1"

    def test_the_last_one_left_has_all_its_values_too(self, as_alice, alice):
        sent = form(model=[LOCAL_MODEL, VIDEO], **{own(alice, VIDEO, "duration_sec"): "7"})
        html = text_of(as_alice.post(f"{FIELDS}?{urlencode({'without': LOCAL_MODEL})}", sent, headers=HTMX))
        assert checked(html, "o-duration_sec") == "7"

    def test_a_new_one_comes_with_its_last_settings(self, as_alice, alice):
        as_alice.post(MAKE, form(model=VIDEO, **{"o-duration_sec": "8"}))
        html = text_of(as_alice.post(FIELDS, form(add=VIDEO), headers=HTMX))
        assert checked(html, own(alice, VIDEO, "duration_sec")) == "8"

    def test_one_instead_of_all_comes_with_its_last_settings(self, as_alice):
        as_alice.post(MAKE, form(model=VIDEO, **{"o-duration_sec": "8"}))
        sent = form(model=[LOCAL_MODEL, VIDEO], count="3", batch="lines")
        html = text_of(as_alice.post(f"{FIELDS}?{urlencode({'only': VIDEO})}", sent, headers=HTMX))
        assert f'name="model" value="{VIDEO}"' in html
        assert "Only Studio" not in html
        assert (checked(html, "count"), checked(html, "batch")) == ("3", "lines")

    @pytest.mark.parametrize("change", ["add", "only"])
    def test_media_go_along_to_a_model_that_takes_them(self, as_alice, alice, keep, change):
        result = make_job(alice)
        keep(result)
        reference = f"output:{result.pk}/0"
        sent = form(model=VIDEO, **{"o-image": reference, "o-sound": "on"})
        address, sent = (
            (f"{FIELDS}?only={LOCAL_MODEL}", sent) if change == "only" else (FIELDS, {**sent, "add": LOCAL_MODEL})
        )
        html = text_of(as_alice.post(address, sent, headers=HTMX))
        assert f'value="{reference}" checked' in html

    def test_what_is_wrong_stays_as_it_was_typed(self, as_alice, alice):
        sent = form(add=VIDEO, **{"o-size": "513", "o-image": "output:x/0"})
        html = text_of(as_alice.post(FIELDS, sent, headers=HTMX))
        assert re.search(rf'name="{own(alice, LOCAL_MODEL, "size")}"[^>]*value="513"', html)
        assert "output:x/0" in html
        assert "field-error" not in html

    def test_a_refused_number_is_no_reason_for_a_price(self, as_alice, gpu):
        sent = form(model=offer(gpu, "kling"), add=LOCAL_MODEL, **{"o-duration_sec": "long"})
        html = text_of(as_alice.post(FIELDS, sent, headers=HTMX))
        assert 'value="long"' in html
        assert "price unknown" in html

    def test_one_too_many_is_refused_with_a_sentence(self, as_alice, gpu, monkeypatch):
        monkeypatch.setattr(opening, "MODELS_MAX", 2)
        sent = form(model=[LOCAL_MODEL, VIDEO], add=offer(gpu, "flux"))
        html = text_of(as_alice.post(FIELDS, sent, headers=HTMX))
        assert chosen(html) == [LOCAL_MODEL, VIDEO]
        assert "models at a time are the most." in html

    def test_nothing_is_called_wrong_before_the_click(self, as_alice):
        html = text_of(as_alice.post(FIELDS, form(add=VIDEO, prompt="", **{"o-size": "9"}), headers=HTMX))
        assert "field-error" not in html

    @pytest.mark.parametrize("odd", ["", "gone/0/gone", LOCAL_MODEL])
    def test_what_cannot_be_added_changes_nothing(self, as_alice, odd):
        html = text_of(as_alice.post(FIELDS, form(add=odd), headers=HTMX))
        assert f'name="model" value="{LOCAL_MODEL}"' in html

    def test_a_batch_stays(self, as_alice):
        html = text_of(as_alice.post(FIELDS, form(add=VIDEO, batch="seeds", seed_from="3", seed_to="5"), headers=HTMX))
        assert 'name="seed_from" inputmode="numeric" value="3"' in html
        assert checked(html, "batch") == "seeds"

    def test_without_htmx_it_is_the_page(self, as_alice):
        assert "<html" in text_of(as_alice.post(FIELDS, form(add=VIDEO)))


class TestThePrice:
    def test_it_is_summed_by_unit(self, as_alice, alice, gpu):
        models = [offer(gpu, "flux"), LOCAL_MODEL, offer(gpu, "kling")]
        sent = form(model=models, count="2", **{own(alice, models[2], "duration_sec"): "4"})
        assert button(as_alice.post(QUOTE, sent)) == "Generate 6 · 8.00 NOK"

    def test_one_of_unknown_price_is_not_hidden(self, as_alice, gpu):
        sent = form(model=[offer(gpu, "flux"), offer(gpu, "new")])
        assert button(as_alice.post(QUOTE, sent)) == "Generate 2 · 2.00 NOK + 1 price unknown"

    def test_each_model_says_its_own(self, as_alice, gpu):
        html = text_of(as_alice.post(QUOTE, form(model=[offer(gpu, "flux"), LOCAL_MODEL])))
        assert re.findall(r'hx-target="#price-\w+"[^>]*>([^<]+)<', html) == ["2.00 NOK", "free"]


class TestTheClick:
    def test_each_model_makes_its_own(self, as_alice, alice, gpu):
        flux = offer(gpu, "flux")
        sent = form(model=[LOCAL_MODEL, flux], count="2", **{own(alice, LOCAL_MODEL, "size"): "768"})
        as_alice.post(MAKE, sent)
        assert [job.model for job in made()] == ["studio-image", "studio-image", "flux", "flux"]
        assert [job.settings.get("size") for job in made()] == [768, 768, None, None]
        assert [job.quoted_amount for job in made()] == [0, 0, 2, 2]
        assert [job.key for job in made()] == [None, None, gpu, gpu]
        assert len({job.group for job in made()}) == 1

    def test_their_seeds_are_the_same(self, as_alice):
        as_alice.post(MAKE, form(model=[LOCAL_MODEL, VIDEO], count="2"))
        seeds = [job.settings["seed"] for job in made()]
        assert seeds[:2] == seeds[2:]
        assert seeds[0] != seeds[1]

    def test_what_is_wrong_with_one_stands_in_its_fold(self, as_alice, alice):
        size = own(alice, LOCAL_MODEL, "size")
        response = as_alice.post(MAKE, form(model=[LOCAL_MODEL, VIDEO], **{size: "513"}))
        html = text_of(response)
        assert response.status_code == 422
        assert re.search(r'<details class="more fold" open>\s*<summary[^>]*>.*?Only Studio Image', html)
        assert f'name="{size}"' in html
        assert 'value="513"' in html
        assert not Job.objects.exists()

    def test_sent_twice_it_makes_them_once(self, as_alice):
        sent = form(model=[LOCAL_MODEL, VIDEO], count="2")
        as_alice.post(MAKE, sent)
        as_alice.post(MAKE, sent)
        assert Job.objects.count() == 4

    def test_with_another_model_it_is_another_click(self, as_alice):
        group = uuid7()
        as_alice.post(MAKE, form(group, model=[LOCAL_MODEL, VIDEO]))
        as_alice.post(MAKE, form(group, model=[VIDEO, LOCAL_MODEL]))
        assert Job.objects.values("group").distinct().count() == 2

    def test_the_next_visit_has_them_all_again(self, as_alice):
        as_alice.post(MAKE, form(model=[LOCAL_MODEL, VIDEO]))
        assert chosen(text_of(as_alice.get(PAGE))) == [LOCAL_MODEL, VIDEO]
        as_alice.post(MAKE, form(model=VIDEO))
        assert f'name="model" value="{VIDEO}"' in text_of(as_alice.get(PAGE))


class TestItsResults:
    def test_models_stand_side_by_side_with_their_prices(self, as_alice, gpu):
        as_alice.post(MAKE, form(model=[LOCAL_MODEL, offer(gpu, "flux")]))
        html = text_of(as_alice.get(PAGE))
        assert "Studio Image and FLUX" in html
        words = re.findall(r'class="cell-words[^>]*>([^<]+)<', html)
        assert [" ".join(word.split()) for word in words] == ["Studio Image · free", "FLUX · 2.00 NOK"]

    def test_reuse_brings_all_of_its_models_back(self, as_alice, alice, gpu):
        group = uuid7()
        first = make_job(alice, group=group, settings={"aspect_ratio": "1:1", "size": 640})
        make_paid_job(gpu, group=group, position=1)
        html = text_of(as_alice.get(PAGE))
        assert f"?group={group}" in html
        opened = text_of(as_alice.get(f"{PAGE}?group={group}"))
        assert chosen(opened) == [LOCAL_MODEL, offer(gpu, "flux")]
        assert f">{first.prompt}</textarea>" in opened
        assert re.search(r'name="m\w+-size"[^>]*value="640"', opened)

    def test_somebody_elses_group_is_nothing(self, as_alice, bob):
        job = make_job(bob, prompt="bobs secret")
        assert "bobs secret" not in text_of(as_alice.get(f"{PAGE}?group={job.group}"))
