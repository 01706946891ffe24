"""Many jobs of one click: prompts by the line, a range of seeds, a grid over two options."""

import re
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from generations import batch, composer
from generations.batch import Wrong
from generations.groups import Group
from generations.models import Job
from tests.generations.pages.conftest import form, make_job, offer
from tests.generations.pages.test_create import HTMX, MAKE, PAGE, QUOTE, button, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def grid(**fields):
    chosen = {"batch": "grid", "x": "aspect_ratio", "x_value.aspect_ratio": ["1:1", "16:9"]}
    return form(**{**chosen, **fields})


def settings_of(jobs, *names):
    return [tuple(job.settings.get(name) for name in names) for job in jobs]


def made():
    return list(Job.objects.order_by("position"))


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("1, 2,5", ["1", "2", "5"]),
            ("0.5;0", ["0.5", "0"]),
            ("1 to 9 step 4", ["1", "5", "9"]),
            ("1..3", ["1", "2", "3"]),
            ("0 – 1 / 0.25", ["0", "0.25", "0.50", "0.75", "1.00"]),
            ("-2 to 0", ["-2", "-1", "0"]),
            ("7, 7, 7", ["7"]),
            ("", []),
        ],
    )
    def test_lists_and_ranges(self, text, meant):
        assert batch.numbers("x", text) == meant

    @pytest.mark.parametrize("text", ["many", "1 to", "9 to 1", "1 to 9 step 0", "1e9", "1 to 1000000", "٣"])
    def test_what_makes_no_sense_is_said(self, text):
        with pytest.raises(Wrong):
            batch.numbers("x", text)

    @pytest.mark.parametrize("text", [f"1{'0' * 40} to 1{'0' * 39}9", f"1 to 2 step 0.{'0' * 40}1"])
    def test_a_range_whose_steps_lead_nowhere_ends(self, text):
        """Forty digits and one more are the same forty digits to a decimal of twenty-eight."""
        with pytest.raises(Wrong):
            batch.numbers("x", text)

    def test_cells_go_row_by_row(self):
        cells = batch.cells({"across": [1, 2], "down": ["a", "b"]})
        assert [(cell["across"], cell["down"]) for cell in cells] == [(1, "a"), (2, "a"), (1, "b"), (2, "b")]


class TestLines:
    def test_each_line_is_a_job(self, as_alice):
        as_alice.post(MAKE, form(prompt="a fox\n\n  a hare \r\nan owl\n", batch="lines"))
        assert [job.prompt for job in made()] == ["a fox", "a hare", "an owl"]
        assert len({job.group for job in made()}) == 1

    def test_how_many_are_of_each(self, as_alice):
        as_alice.post(MAKE, form(prompt="a fox\na hare", batch="lines", count="2"))
        assert [job.prompt for job in made()] == ["a fox", "a fox", "a hare", "a hare"]
        assert len({job.settings["seed"] for job in made()}) == 4

    def test_without_it_lines_are_one_prompt(self, as_alice):
        as_alice.post(MAKE, form(prompt="a fox\na hare"))
        assert [job.prompt.split() for job in made()] == [["a", "fox", "a", "hare"]]

    def test_the_number_and_the_price_are_in_the_button(self, as_alice, gpu):
        response = as_alice.post(QUOTE, form(model=offer(gpu, "flux"), prompt="a\nb\nc", batch="lines", count="4"))
        assert button(response) == "Generate 12 · 24.00 NOK"

    def test_variables_are_filled_in_each(self, as_alice):
        prompt = "a {animal} by day\na {animal} by night"
        as_alice.post(MAKE, form(prompt=prompt, batch="lines", **{"v-animal": "fox"}))
        assert [job.prompt for job in made()] == ["a fox by day", "a fox by night"]


class TestSeeds:
    @pytest.mark.parametrize("address", [QUOTE, MAKE])
    def test_without_any_model_there_are_none(self, as_alice, address):
        response = as_alice.post(address, form(model="", batch="seeds", seed_from="0", seed_to="4"), headers=HTMX)
        assert response.status_code == (200 if address == QUOTE else 422)
        assert not made()

    def test_one_job_for_each(self, as_alice):
        as_alice.post(MAKE, form(batch="seeds", seed_from="0", seed_to="4"))
        assert [job.settings["seed"] for job in made()] == [0, 1, 2, 3, 4]

    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            ("", "3", "from which seed to which"),
            ("3", "", "from which seed to which"),
            ("5", "3", "From the smaller to the greater"),
            ("x", "3", "whole number"),
            ("-1", "3", "whole number"),
            ("0", "64", "65 seeds"),
            ("0", str(2**31), "From the smaller"),
        ],
    )
    def test_a_range_that_is_none(self, as_alice, first, last, said):
        response = as_alice.post(MAKE, form(batch="seeds", seed_from=first, seed_to=last))
        assert response.status_code == 422
        assert said in text_of(response)
        assert not Job.objects.exists()


class TestGrid:
    def test_every_cell_is_a_job_with_the_same_seed(self, as_alice):
        as_alice.post(MAKE, grid(y="size", **{"y_value.size": ["512 to 640 step 64"]}))
        assert settings_of(made(), "size", "aspect_ratio") == [
            (512, "1:1"),
            (512, "16:9"),
            (576, "1:1"),
            (576, "16:9"),
            (640, "1:1"),
            (640, "16:9"),
        ]
        assert len({job.settings["seed"] for job in made()}) == 1

    def test_one_option_is_enough(self, as_alice):
        as_alice.post(MAKE, grid(count="2"))
        assert [job.settings["aspect_ratio"] for job in made()] == ["1:1", "1:1", "16:9", "16:9"]

    def test_prices_are_of_each_cell(self, as_alice, gpu):
        cells = grid(model=offer(gpu, "kling"), x="duration_sec", **{"x_value.duration_sec": ["4, 6"]})
        assert button(as_alice.post(QUOTE, cells)) == "Generate 2 · 5.00 NOK"
        as_alice.post(MAKE, cells)
        assert [job.quoted_amount for job in made()] == [2, 3]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"x": ""}, "Choose what the grid goes over."),
            ({"x": "gone"}, "Choose what the grid goes over."),
            ({"y": "aspect_ratio", "y_value.aspect_ratio": ["1:1"]}, "Choose another option than across."),
            ({"x_value.aspect_ratio": []}, "which values?"),
            ({"x_value.aspect_ratio": ["7:3"]}, "Aspect ratio 7:3"),
            ({"y": "size", "y_value.size": ["513"]}, "Long side 513"),
            ({"y": "size", "y_value.size": ["big"]}, "is no number"),
        ],
    )
    def test_what_is_wrong_stands_beside_it(self, as_alice, fields, said):
        response = as_alice.post(MAKE, grid(**fields))
        assert response.status_code == 422
        assert said in text_of(response)
        assert 'id="batch" open' in text_of(response)
        assert not Job.objects.exists()

    def test_what_was_given_stays_when_something_else_is_wrong(self, as_alice):
        html = text_of(as_alice.post(MAKE, grid(prompt="")))
        ticks = re.findall(r'name="x_value.aspect_ratio" value="([^"]+)" checked', html)
        assert ticks == ["1:1", "16:9"]

    def test_the_values_of_an_option_are_asked_of_the_server(self, as_alice):
        choices = text_of(as_alice.post("/create/batch/", form(batch="grid", x="format"), headers=HTMX))
        assert 'type="checkbox" name="x_value.format" value="webp"' in choices
        assert "field-error" not in choices
        numbers = text_of(as_alice.post("/create/batch/", form(batch="grid", x="size"), headers=HTMX))
        assert 'name="x_value.size" value=""' in numbers

    def test_the_same_click_twice_makes_it_once(self, as_alice):
        data = grid(count="2")
        as_alice.post(MAKE, data)
        as_alice.post(MAKE, data)
        assert Job.objects.count() == 4


class TestTheMost:
    def test_more_than_sixty_four_are_refused_with_a_sentence(self, as_alice):
        data = form(prompt="\n".join(f"fox {n}" for n in range(33)), batch="lines", count="2")
        response = as_alice.post(MAKE, data)
        assert response.status_code == 422
        assert "That makes 66 jobs; 64 at a time are the most." in text_of(response)
        assert not Job.objects.exists()
        assert "That makes 66 jobs" in text_of(as_alice.post(QUOTE, data))

    def test_sixty_four_are_made(self, as_alice):
        as_alice.post(MAKE, form(prompt="\n".join(f"fox {n}" for n in range(32)), batch="lines", count="2"))
        assert Job.objects.count() == 64

    def test_the_last_click_is_shown_whole(self, as_alice, alice):
        as_alice.post(MAKE, form(prompt="\n".join(f"fox {n}" for n in range(40)), batch="lines"))
        assert text_of(as_alice.get(PAGE)).count('class="card ') == 40


class TestItsResults:
    def test_a_grid_has_headings(self, as_alice):
        as_alice.post(MAKE, grid(y="size", **{"y_value.size": ["512, 576"]}))
        html = text_of(as_alice.get(PAGE))
        assert re.findall(r'<th scope="col"[^>]*>\s*([^<]+?)\s*</th>', html) == ["1:1", "16:9"]
        assert re.findall(r'<th scope="row"[^>]*>\s*([^<]+?)\s*</th>', html) == ["512", "576"]
        assert html.count('class="card ') == 4

    def test_a_cell_whose_job_was_deleted_is_empty(self, alice):
        jobs = [
            make_job(alice, position=place, settings={"ratio": ratio, "size": size})
            for place, (ratio, size) in enumerate([("1:1", 1), ("2:1", 1), ("1:1", 2), ("2:1", 2)])
        ]
        [found] = Group(jobs[:3]).grids
        assert [[len(cell) for cell in row.cells] for row in found.rows] == [[1, 1], [1, 0]]

    def test_several_of_the_same_are_no_grid(self, alice):
        jobs = [make_job(alice, settings={"seed": seed}) for seed in range(3)]
        assert Group(jobs).grids == []
        assert [words for _, words in Group(jobs).captioned] == [[], [], []]

    def test_seeds_are_named(self, alice):
        jobs = [make_job(alice, settings={"seed": seed}) for seed in range(6)]
        assert Group(jobs).captioned[5][1] == ["seed 5"]

    def test_reuse_brings_all_of_its_prompts_back(self, as_alice):
        as_alice.post(MAKE, form(prompt="a {{fox}}\na hare", batch="lines"))
        group = made()[0].group
        assert f"?group={group}" in text_of(as_alice.get(PAGE))
        html = text_of(as_alice.get(f"{PAGE}?group={group}"))
        assert ">a {{fox}}\na hare</textarea>" in html
        assert re.search(r'name="batch" value="lines" checked', html)

    def test_models_that_did_the_same_stand_beside_one_another(self, alice):
        jobs = [
            make_job(alice, position=place, model=model, settings={"seed": seed})
            for place, (model, seed) in enumerate([("one", 1), ("one", 2), ("other", 1), ("other", 2)])
        ]
        order = [(job.model, job.settings["seed"]) for job, _ in Group(jobs).captioned]
        assert order == [("one", 1), ("other", 1), ("one", 2), ("other", 2)]

    def test_prompts_are_named(self, alice):
        jobs = [make_job(alice, prompt=prompt) for prompt in ("fox", "hare")]
        assert [words for _, words in Group(jobs).captioned] == [["fox"], ["hare"]]
        assert Group(jobs).others == 1


def test_a_model_that_takes_no_seed_is_named(alice):
    filled = composer.filled(alice, QueryDict(urlencode(form(batch="seeds", seed_from="1", seed_to="2"))))
    plain = [type(model)(model.id, model.name, model.kind) for model in filled.batch.models]
    filled.batch.models = plain
    assert filled.batch.trouble() == "Studio Image takes no seed."
