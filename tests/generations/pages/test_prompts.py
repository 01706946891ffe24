"""Prompts to use again: variables, what one used, what one keeps."""

import re
from uuid import UUID

import pytest

from generations import prompts
from generations.models import Job, SavedPrompt
from tests.generations.pages.conftest import form, make_job, queries
from tests.generations.pages.test_create import HTMX, MAKE, PAGE, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

PROMPTS, MENU = "/prompts/", "/prompts/menu/"


def keep(owner, **fields) -> SavedPrompt:
    return SavedPrompt.objects.create(owner=owner, **{"title": "Portrait", "text": "a portrait of {subject}", **fields})


class TestVariables:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("a {fox} and a {hare}, the {fox}", ["fox", "hare"]),
            ("{main subject} {été}", ["main subject", "été"]),
            ("{{fox}} is the word", []),
            ('{"a": {"b": 1}} {} {1st} {a|b} { fox }', []),
            ("{{{fox}}}", []),
            ("{{fox}", ["fox"]),
        ],
    )
    def test_names_in_single_braces(self, text, names):
        assert prompts.variables(text) == names

    @pytest.mark.parametrize(
        ("text", "filled"),
        [
            ("a {fox} in {{fox}}", "a red {x} in {fox}"),
            ('{"style": {"fox": "{fox}"}}', '{"style": {"fox": "red {x}"}}'),
            ("{hare}", "{hare}"),
        ],
    )
    def test_filling_leaves_all_other_braces(self, text, filled):
        assert prompts.fill(text, {"fox": "red {x}"}) == filled

    @pytest.mark.parametrize("text", ["a {fox}", "{{fox}}", "{{{fox}}} {a|b}", '{"a": {"b": 1}}', "no braces"])
    def test_a_literal_comes_out_as_it_was(self, text):
        assert prompts.variables(prompts.literal(text)) == []
        assert prompts.fill(prompts.literal(text), {"fox": "x", "a": "x"}) == text


class TestInTheForm:
    def test_they_are_filled_in(self, as_alice):
        as_alice.post(MAKE, form(prompt="a {animal} in {{braces}}", **{"v-animal": " red fox "}))
        assert Job.objects.get().prompt == "a red fox in {braces}"

    @pytest.mark.parametrize("value", [{}, {"v-animal": "  "}])
    def test_one_without_a_value_is_said_beside_its_field(self, as_alice, value):
        response = as_alice.post(MAKE, form(prompt="a {animal} {{x}}", **value))
        html = text_of(response)
        assert response.status_code == 422
        assert re.search(r'name="v-animal".*?aria-invalid="true"', html, re.DOTALL)
        assert "Say what {animal} is" in html
        assert ">a {animal} {{x}}</textarea>" in html
        assert not Job.objects.exists()

    def test_the_fields_are_asked_of_the_server(self, as_alice):
        sent = form(prompt="a {animal} at {time}", **{"v-animal": "fox"})
        html = text_of(as_alice.post("/create/variables/", sent, headers=HTMX))
        assert re.findall(r'name="(v-[^"]+)" value="([^"]*)"', html) == [("v-animal", "fox"), ("v-time", "")]
        assert "field-error" not in html

    def test_a_prompt_that_grows_too_long_with_them_is_refused(self, as_alice):
        prompt = "{animal} " * 20
        response = as_alice.post(MAKE, form(prompt=prompt, **{"v-animal": "x" * 900}))
        assert response.status_code == 422
        assert "With its variables it is longer than 10000 characters." in text_of(response)

    def test_too_many_of_them_are_refused(self, as_alice):
        prompt = " ".join(f"{{word {number}}}" for number in range(41))
        values = {f"v-word {number}": "x" for number in range(41)}
        response = as_alice.post(MAKE, form(prompt=prompt, **values))
        assert response.status_code == 422
        assert "40 variables are the most." in text_of(response)

    def test_a_job_is_opened_with_its_words_as_they_are(self, as_alice, alice):
        job = make_job(alice, prompt="a {fox}")
        assert ">a {{fox}}</textarea>" in text_of(as_alice.get(f"{PAGE}?from={job.pk}"))


class TestWhatOneUsed:
    def test_each_prompt_once_the_last_used_first(self, alice, bob):
        for text in ("fox", "hare", "fox"):
            make_job(alice, prompt=text)
        make_job(alice, prompt="gone", deleted_at="2026-01-01T00:00Z")
        make_job(alice, prompt="")
        make_job(bob, prompt="bobs")
        used, following = prompts.history(alice)
        assert [prompt.text for prompt in used] == ["fox", "hare"]
        assert following is None

    def test_pages_go_on_without_repeating(self, alice):
        for number in range(14):
            make_job(alice, prompt=f"fox {number % 7}")
        pages, place = [], None
        while not pages or place:
            used, place = prompts.history(alice, before=place, limit=3)
            pages.append([prompt.text for prompt in used])
        assert pages == [["fox 6", "fox 5", "fox 4"], ["fox 3", "fox 2", "fox 1"], ["fox 0"]]

    def test_a_long_run_of_one_prompt_is_passed_over(self, alice, monkeypatch):
        monkeypatch.setattr(prompts, "_STRIDE", 3)
        make_job(alice, prompt="first")
        for _ in range(8):
            make_job(alice, prompt="again")
        assert [prompt.text for prompt in prompts.history(alice)[0]] == ["again", "first"]

    def test_the_search_finds_words(self, as_alice, alice):
        make_job(alice, prompt="a red fox")
        make_job(alice, prompt="a hare")
        html = text_of(as_alice.get(f"{PROMPTS}?q=FOX"))
        assert "a red fox" in html
        assert "a hare" not in html

    def test_more_of_them_come_by_htmx(self, as_alice, alice):
        for number in range(31):
            make_job(alice, prompt=f"fox number {number:02d}")
        html = text_of(as_alice.get(PROMPTS))
        assert html.count('class="prompts-item"') == 30
        following = re.search(r'hx-get="([^"]+before=[^"]+)"', html)[1].replace("&amp;", "&")
        more = text_of(as_alice.get(following, headers=HTMX))
        assert "fox number 00" in more
        assert "<html" not in more
        assert more.count('class="prompts-item"') == 1

    @pytest.mark.parametrize("query", ["q=%00", "before=x", f"before={UUID(int=7)}", "q=" + "x" * 400])
    def test_odd_links_open_the_page(self, as_alice, query):
        assert as_alice.get(f"{PROMPTS}?{query}").status_code == 200

    def test_the_page_asks_little(self, as_alice, alice):
        for number in range(3):
            keep(alice, title=f"Kept {number}")
            make_job(alice, prompt=f"fox {number}")
        few = len(queries(as_alice, PROMPTS))
        for number in range(20):
            keep(alice, title=f"More {number}")
            make_job(alice, prompt=f"hare {number}")
        assert len(queries(as_alice, PROMPTS)) == few


class TestWhatOneKeeps:
    def test_a_new_one(self, as_alice, alice):
        sent = {
            "title": "",
            "text": " a portrait of {subject}, soft light, an old photograph, seen from the left ",
            "negative": "hat",
        }
        assert as_alice.post(PROMPTS, sent)["Location"] == PROMPTS
        kept = SavedPrompt.objects.get(owner=alice)
        assert kept.text == sent["text"].strip()
        assert kept.negative == "hat"
        assert kept.title == "a portrait of {subject}, soft light, an old photograph,…"

    def test_one_without_words_is_refused(self, as_alice):
        response = as_alice.post(PROMPTS, {"title": "Mine", "text": " "})
        assert response.status_code == 422
        assert "Write the prompt." in text_of(response)
        assert 'value="Mine"' in text_of(response)

    def test_the_one_in_create_is_kept_as_it_is_written(self, as_alice, alice):
        sent = form(prompt="a {animal}", **{"o-negative_prompt": "hats", "v-animal": "fox"})
        assert "Saved as “a {animal}”." in text_of(as_alice.post(PROMPTS, sent, headers=HTMX))
        assert "It is saved already" in text_of(as_alice.post(PROMPTS, sent, headers=HTMX))
        kept = SavedPrompt.objects.get(owner=alice)
        assert (kept.text, kept.negative) == ("a {animal}", "hats")

    def test_an_empty_one_is_not_kept(self, as_alice):
        assert "Write a prompt first." in text_of(as_alice.post(PROMPTS, form(prompt=" "), headers=HTMX))
        assert not SavedPrompt.objects.exists()

    def test_it_can_be_changed(self, as_alice, alice):
        kept = keep(alice)
        assert ">a portrait of {subject}</textarea>" in text_of(as_alice.get(f"{PROMPTS}{kept.pk}/"))
        assert as_alice.post(f"{PROMPTS}{kept.pk}/", {"title": "B", "text": "b", "negative": ""}).status_code == 302
        assert as_alice.post(f"{PROMPTS}{kept.pk}/", {"title": "B", "text": ""}).status_code == 422
        kept.refresh_from_db()
        assert (kept.title, kept.text) == ("B", "b")

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_deleting_it_can_be_undone(self, as_alice, alice, headers):
        kept = keep(alice, text='a "portrait" of <subject>\nin two lines', negative="hats")
        html = text_of(as_alice.post(f"{PROMPTS}{kept.pk}/delete/", headers=headers))
        assert not SavedPrompt.objects.exists()
        again = {name: re.search(rf'name="{name}" value="([^"]*)"', html)[1] for name in ("title", "text", "negative")}
        assert again["text"] == "a &quot;portrait&quot; of &lt;subject&gt;\nin two lines"
        as_alice.post(PROMPTS, {"title": kept.title, "text": kept.text, "negative": kept.negative})
        assert SavedPrompt.objects.get(owner=alice).text == kept.text

    def test_using_it_fills_in_the_form(self, as_alice, alice):
        kept = keep(alice, negative="hats & ties")
        html = text_of(as_alice.get(f"{PAGE}?saved={kept.pk}"))
        assert ">a portrait of {subject}</textarea>" in html
        assert 'name="v-subject"' in html
        assert "hats &amp; ties</textarea>" in html

    def test_the_last_used_comes_first(self, as_alice, alice):
        used, new = keep(alice, title="Used"), keep(alice, title="New", text="b")
        assert list(prompts.saved(alice)) == [new, used]
        as_alice.post(MAKE, form(prompt=used.text, **{"v-subject": "a fox"}))
        assert list(prompts.saved(alice)) == [used, new]

    def test_the_menu_holds_both(self, as_alice, alice, bob):
        keep(alice, negative="hats")
        keep(bob, title="Bobs", text="bobs secret")
        make_job(alice, prompt="a {fox}")
        html = text_of(as_alice.get(MENU))
        assert 'data-prompt="a portrait of {subject}" data-negative="hats"' in html
        assert 'data-prompt="a {{fox}}"' in html
        assert "bobs secret" not in html

    def test_a_used_one_is_kept_with_its_words_as_they_are(self, as_alice, alice):
        job = make_job(alice, prompt="a {fox}", settings={"negative_prompt": "hats"})
        html = text_of(as_alice.get(f"{PROMPTS}new/?from={job.pk}"))
        assert ">a {{fox}}</textarea>" in html
        assert ">hats</textarea>" in html

    def test_somebody_elses_is_not_there(self, as_bob, alice):
        kept = keep(alice)
        job = make_job(alice, prompt="alices secret")
        assert as_bob.get(f"{PROMPTS}{kept.pk}/").status_code == 404
        assert as_bob.post(f"{PROMPTS}{kept.pk}/", {"text": "x"}).status_code == 404
        assert as_bob.post(f"{PROMPTS}{kept.pk}/delete/").status_code == 404
        assert "portrait" not in text_of(as_bob.get(f"{PAGE}?saved={kept.pk}"))
        assert "portrait" not in text_of(as_bob.get(PROMPTS))
        assert "alices secret" not in text_of(as_bob.get(f"{PROMPTS}new/?from={job.pk}"))
        assert SavedPrompt.objects.filter(pk=kept.pk).exists()

    @pytest.mark.parametrize("address", [PROMPTS, MENU, f"{PROMPTS}new/"])
    def test_it_is_for_the_signed_in(self, client, address):
        assert client.get(address).status_code == 302
