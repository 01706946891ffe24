"""Create: the composer, its price, and the click that makes jobs once."""

import re
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import ProviderKey
from generations.models import Job
from generations.models.states import State
from studio.lib.ids import uuid7
from tests.generations.pages.conftest import GPU, LOCAL_MODEL, form, make_job, make_paid_job, offer, queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

HTMX = {"HX-Request": "true"}
PAGE, MAKE, QUOTE = "/create/", "/jobs/", "/create/quote/"
NBSP = "\u00a0"


def text_of(response) -> str:
    return response.content.decode().replace(NBSP, " ")


def button(response) -> str:
    """The words on Generate."""
    found = re.search(r'<button[^>]*id="submit".*?</button>', text_of(response), re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def checked(html: str, name: str) -> str | None:
    found = re.search(rf'name="{name}" value="([^"]*)" checked', html)
    return found and found[1]


class TestThePage:
    def test_a_link_to_a_model_that_is_gone_says_so(self, as_alice, engine):
        gone = f"{GPU}/7/gone"
        assert "The link&#x27;s model is not among yours now" in text_of(as_alice.get(f"{PAGE}?model={gone}"))
        html = text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}&model={gone}"))
        assert "1 of the link&#x27;s models is not among yours now" in html
        assert "not among yours now" not in text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}"))

    def test_a_first_visitor_can_begin_at_once(self, as_alice):
        response = as_alice.get(PAGE)
        assert "Your pictures come here" in text_of(response)
        assert button(response) == "Generate · free"
        assert f'name="model" value="{LOCAL_MODEL}"' in text_of(response)

    def test_only_the_fields_that_the_model_has(self, as_alice):
        image = text_of(as_alice.get(PAGE))
        video = text_of(as_alice.get(f"{PAGE}?model=local/0/studio-video"))
        assert 'name="o-size"' in image
        assert 'name="o-duration_sec"' not in image
        assert 'name="o-duration_sec"' in video
        assert 'name="o-size"' not in video

    def test_htmx_asks_for_the_fields_alone(self, as_alice):
        html = text_of(as_alice.get(f"{PAGE}?model=local/0/studio-video", headers=HTMX))
        assert html.lstrip().startswith('<div class="composer-fields')
        assert "<html" not in html

    def test_coming_back_to_it_needs_the_whole_page(self, as_alice):
        headers = {**HTMX, "HX-History-Restore-Request": "true"}
        assert "<html" in text_of(as_alice.get(PAGE, headers=headers))

    def test_a_model_that_one_may_not_use_says_why_before_the_click(self, as_alice, gpu):
        response = as_alice.get(f"{PAGE}?model={offer(gpu, 'pro')}")
        assert "Needs the Studio plan at WAYSCloud GPU Studio." in text_of(response)
        assert re.search(r'id="submit" type="submit" disabled', text_of(response))

    def test_a_model_that_is_not_known_leaves_one_that_is(self, as_alice):
        assert f'name="model" value="{LOCAL_MODEL}"' in text_of(as_alice.get(f"{PAGE}?model=gone/0/gone"))

    def test_a_sample_fills_in_the_prompt(self, as_alice):
        assert ">fox &amp; hare</textarea>" in text_of(as_alice.get(f"{PAGE}?prompt=fox+%26+hare"))

    def test_a_browser_does_not_fill_in_the_name_of_an_old_click(self, as_alice):
        html = text_of(as_alice.get(PAGE))
        assert re.search(r'name="group" id="group" value="[0-9a-f-]{36}" autocomplete="off"', html)

    def test_the_feed_groups_by_click_in_the_order_of_making(self, as_alice, alice):
        group = uuid7()
        made = [make_job(alice, group=group, position=position) for position in range(3)]
        other = make_job(alice)
        html = text_of(as_alice.get(PAGE))
        assert html.count('class="group"') == 2
        places = [html.index(f'id="job-{job.pk}"') for job in (other, *made)]
        assert places == sorted(places)

    @pytest.mark.parametrize("address", [PAGE, "/gallery/"])
    def test_the_number_of_queries_does_not_grow_with_the_jobs(self, as_alice, alice, keep, address):
        for _ in range(5):
            keep(make_job(alice))
        few = queries(as_alice, address)
        for _ in range(45):
            keep(make_job(alice))
        assert len(queries(as_alice, address)) == len(few)

    def test_others_are_not_in_the_feed(self, as_alice, bob):
        assert str(make_job(bob, prompt="bobs secret").pk) not in text_of(as_alice.get(PAGE))


class TestThePrice:
    def test_it_stands_in_the_button(self, as_alice, gpu):
        sent = form(model=offer(gpu, "flux"))
        assert button(as_alice.post(QUOTE, sent)) == "Generate · 2.00 NOK"

    def test_it_is_times_the_count(self, as_alice, gpu):
        assert button(as_alice.post(QUOTE, form(model=offer(gpu, "flux"), count="4"))) == "Generate 4 · 8.00 NOK"

    def test_it_follows_the_settings(self, as_alice, gpu):
        sent = form(model=offer(gpu, "kling"), **{"o-duration_sec": "6"})
        assert button(as_alice.post(QUOTE, sent)) == "Generate · 3.00 NOK"

    def test_free_is_said_to_be_free(self, as_alice):
        assert button(as_alice.post(QUOTE, form(count="3"))) == "Generate 3 · free"

    def test_an_unknown_one_is_said_in_plain_sight(self, as_alice, gpu):
        response = as_alice.post(QUOTE, form(model=offer(gpu, "new")))
        assert button(response) == "Generate · price unknown"
        assert "lists none for this engine" in text_of(response)

    def test_a_price_by_the_second_wants_a_duration(self, as_alice, gpu):
        response = as_alice.post(QUOTE, form(model=offer(gpu, "kling")))
        assert button(response) == "Generate · price unknown"
        assert "without a duration" in text_of(response)

    @pytest.mark.parametrize("field", [{"count": "9"}, {"count": "x"}, {"o-seed": "x"}, {"model": "x"}, {"prompt": ""}])
    def test_a_form_that_is_not_right_yet_has_one_too(self, as_alice, field):
        assert button(as_alice.post(QUOTE, form(**field))).startswith("Generate")

    def test_it_makes_nothing(self, as_alice):
        as_alice.post(QUOTE, form())
        assert not Job.objects.exists()


class TestTheClick:
    def test_it_makes_a_job_as_it_was_asked_for(self, as_alice, alice, gpu):
        sent = form(model=offer(gpu, "flux"), prompt="  a red fox ", **{"o-aspect_ratio": "4:5", "o-seed": "0"})
        assert as_alice.post(MAKE, sent)["Location"] == PAGE
        job = Job.objects.get()
        assert (job.owner, job.key, job.provider, job.model, job.kind) == (alice, gpu, GPU, "flux", "image")
        assert (job.prompt, job.settings) == ("a red fox", {"aspect_ratio": "4:5", "seed": 0})
        assert (job.quoted_amount, job.quoted_unit, job.state) == (2, "NOK", State.QUEUED)

    def test_several_have_seeds_of_their_own(self, as_alice):
        as_alice.post(MAKE, form(count="4"))
        drawn = [job.settings["seed"] for job in Job.objects.all()]
        assert len(set(drawn)) == 4
        assert Job.objects.values("group").distinct().count() == 1

    def test_a_given_seed_is_counted_up(self, as_alice):
        as_alice.post(MAKE, form(count="3", **{"o-seed": str(2**31 - 2)}))
        seeds = [job.settings["seed"] for job in Job.objects.order_by("position")]
        assert seeds == [2**31 - 2, 2**31 - 1, 0]

    def test_each_is_quoted_for_itself(self, as_alice, gpu):
        as_alice.post(MAKE, form(model=offer(gpu, "flux"), count="2"))
        assert [job.quoted_amount for job in Job.objects.all()] == [2, 2]

    def test_htmx_gets_the_cards_and_a_new_name_for_the_next_click(self, as_alice):
        group = uuid7()
        html = text_of(as_alice.post(MAKE, form(group, count="2"), headers=HTMX))
        assert html.count('class="card ') == 2
        following = re.search(r'name="group" id="group" value="([^"]+)"', html)
        assert following
        assert following[1] != str(group)

    def test_somebody_elses_key_is_not_used(self, as_bob, gpu):
        assert as_bob.post(MAKE, form(model=offer(gpu, "flux"))).status_code == 422
        assert not Job.objects.exists()

    def test_a_disabled_key_is_not_used(self, as_alice, gpu):
        ProviderKey.objects.update(is_enabled=False)
        assert as_alice.post(MAKE, form(model=offer(gpu, "flux"))).status_code == 422


class TestTheSameClickTwice:
    def test_it_makes_its_jobs_once(self, as_alice):
        sent = form(count="2")
        first = as_alice.post(MAKE, sent, headers=HTMX)
        second = as_alice.post(MAKE, sent, headers=HTMX)
        assert Job.objects.count() == 2
        cards = [re.findall(r'id="job-([^"]+)"', text_of(answer)) for answer in (first, second)]
        assert cards[0] == cards[1]

    def test_a_page_that_came_back_with_something_else_in_it_is_another_click(self, as_alice, gpu):
        group = uuid7()
        changes = (
            {},
            {"prompt": "a blue fox"},
            {"o-aspect_ratio": "1:1"},
            {"count": "2"},
            {"model": offer(gpu, "flux")},
        )
        for made, change in enumerate(changes, start=1):
            as_alice.post(MAKE, form(group, **change))
            assert Job.objects.values("group").distinct().count() == made

    def test_what_was_deleted_meanwhile_is_made_anew(self, as_alice):
        sent = form()
        as_alice.post(MAKE, sent)
        as_alice.post(reverse("job-delete", args=[Job.objects.get().pk]))
        as_alice.post(MAKE, sent)
        assert Job.objects.filter(deleted_at=None).count() == 1

    def test_nothing_is_made_under_anothers_name(self, as_alice, as_bob, alice, bob):
        sent = form()
        as_alice.post(MAKE, sent)
        html = text_of(as_bob.post(MAKE, sent, headers=HTMX))
        theirs = Job.objects.get(owner=bob)
        assert theirs.group != Job.objects.get(owner=alice).group
        assert str(Job.objects.get(owner=alice).pk) not in html

    @pytest.mark.parametrize("group", ["", "x", "00000000-0000-5000-8000-000000000000"])
    def test_a_name_that_a_page_was_not_given_is_not_taken_up(self, as_alice, group):
        as_alice.post(MAKE, form(**{"group": group} if group else {}))
        assert Job.objects.get().group.version == 7


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_their_jobs_once(alice, engine):
    sent, together, answers = form(count="2"), Barrier(2), []

    def click() -> None:
        client = Client()
        client.force_login(alice)
        together.wait(10)
        answers.append(client.post(MAKE, sent).status_code)
        connection.close()

    clicks = [Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(20)
    assert answers == [302, 302]
    assert sorted(Job.objects.values_list("position", flat=True)) == [0, 1]


class TestARefusal:
    def test_it_is_said_beside_the_field_and_what_was_typed_is_kept(self, as_alice):
        sent = form(prompt="a <b>fox</b>", count="3", **{"o-size": "513", "o-negative_prompt": "hare", "o-seed": "-1"})
        response = as_alice.post(MAKE, sent)
        html = text_of(response)
        assert response.status_code == 422
        assert html.count('class="field-error"') == 2
        assert '<details class="more" open>' in html
        assert ">a &lt;b&gt;fox&lt;/b&gt;</textarea>" in html
        assert 'value="513"' in html
        assert "\nhare</textarea>" in html
        assert checked(html, "count") == "3"
        assert not Job.objects.exists()

    def test_htmx_gets_the_composer_alone(self, as_alice):
        response = as_alice.post(MAKE, form(prompt=" "), headers=HTMX)
        assert response.status_code == 422
        assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#composer", "outerHTML")
        assert "Say what to make." in text_of(response)
        assert "<html" not in text_of(response)

    @pytest.mark.parametrize(
        ("model", "said"),
        [
            ("", "Choose a model."),
            *(
                (model, "The model is not there any more: its key may have been taken back.")
                for model in ("gone/0/gone", "local/0/gone", "local/1/studio-image", "wayscloud-gpu/0/flux")
            ),
        ],
    )
    def test_a_model_that_there_is_not(self, as_alice, model, said):
        response = as_alice.post(MAKE, form(model=model))
        assert response.status_code == 422
        assert said in text_of(response)
        assert ">a red fox</textarea>" in text_of(response)

    def test_a_model_that_one_may_not_use(self, as_alice, gpu):
        response = as_alice.post(MAKE, form(model=offer(gpu, "pro")))
        assert response.status_code == 422
        assert "Needs the Studio plan" in text_of(response)

    @pytest.mark.parametrize("count", ["0", "5", "-1", "many"])
    def test_a_count_that_is_not_offered(self, as_alice, count):
        response = as_alice.post(MAKE, form(count=count))
        assert response.status_code == 422
        assert 'class="field-error"' in text_of(response)

    @pytest.mark.parametrize("prompt", ["x" * 10_001, "a\0b"])
    def test_a_prompt_that_cannot_be_kept(self, as_alice, prompt):
        assert as_alice.post(MAKE, form(prompt=prompt)).status_code == 422

    def test_a_choice_that_the_model_does_not_have(self, as_alice):
        assert as_alice.post(MAKE, form(**{"o-aspect_ratio": "7:3"})).status_code == 422


class TestTheNextVisit:
    def test_the_last_settings_are_there_but_not_the_seed(self, as_alice):
        as_alice.post(MAKE, form(model="local/0/studio-video", **{"o-aspect_ratio": "1:1", "o-seed": "77"}))
        html = text_of(as_alice.get(PAGE))
        assert 'name="model" value="local/0/studio-video"' in html
        assert checked(html, "o-aspect_ratio") == "1:1"
        assert 'value="77"' not in html

    def test_each_model_has_its_own(self, as_alice):
        as_alice.post(MAKE, form(**{"o-aspect_ratio": "9:16"}))
        as_alice.post(MAKE, form(model="local/0/studio-video", **{"o-aspect_ratio": "1:1"}))
        assert checked(text_of(as_alice.get(f"{PAGE}?model={LOCAL_MODEL}")), "o-aspect_ratio") == "9:16"

    def test_a_refused_form_is_not_remembered(self, as_alice, alice):
        as_alice.post(MAKE, form(prompt=""))
        alice.refresh_from_db()
        assert alice.last_settings == {}


class TestReuse:
    def test_a_link_opens_a_jobs_prompt_and_settings(self, as_alice, alice):
        settings = {"aspect_ratio": "3:2", "seed": 42, "size": 768, "negative_prompt": "<hare>"}
        job = make_job(alice, prompt="the same again", settings=settings)
        html = text_of(as_alice.get(f"{PAGE}?from={job.pk}"))
        assert ">the same again</textarea>" in html
        assert checked(html, "o-aspect_ratio") == "3:2"
        assert 'value="42"' in html
        assert 'value="768"' in html
        assert "\n&lt;hare&gt;</textarea>" in html

    def test_the_key_that_it_was_made_with_is_chosen(self, as_alice, gpu):
        job = make_paid_job(gpu)
        assert f'name="model" value="{offer(gpu, "flux")}"' in text_of(as_alice.get(f"{PAGE}?from={job.pk}"))

    def test_a_model_that_is_gone_leaves_another_one_and_says_so(self, as_alice, alice):
        job = make_job(alice, model="gone", model_name="Gone <1>", prompt="the same again")
        html = text_of(as_alice.get(f"{PAGE}?from={job.pk}"))
        assert "Gone &lt;1&gt; is not among your models now" in html
        assert ">the same again</textarea>" in html
        assert f'name="model" value="{LOCAL_MODEL}"' in html

    def test_anothers_job_says_nothing(self, as_alice, bob):
        job = make_job(bob, prompt="bobs secret")
        assert "bobs secret" not in text_of(as_alice.get(f"{PAGE}?from={job.pk}"))

    @pytest.mark.parametrize("value", ["", "x", "0", "%00"])
    def test_an_odd_link_opens_the_page(self, as_alice, value):
        assert as_alice.get(f"{PAGE}?from={value}&prompt={value}&model={value}").status_code == 200
