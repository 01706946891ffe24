"""Fields of one value: how each is drawn, what it refuses, and in which words."""

import re

import pytest
from django.template.loader import render_to_string

from generations.forms import SEED_MAX, SettingsForm, seeds
from studio.providers.base import Choice, ModelInfo, Option
from tests.generations.pages.as_a_browser import drawn


def choices(*values) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(value)) for value in values)


def form_of(*options: Option, data=None, **kwargs) -> SettingsForm:
    return SettingsForm(ModelInfo("m", "M", "image", options=options), data, **kwargs)


def field_of(option: Option, **kwargs):
    return form_of(option, **kwargs)[option.name]


def refusal(option: Option, value: str) -> str:
    """What is said beside the field; "" where the value is taken."""
    form = form_of(option, data={f"o-{option.name}": value})
    form.is_valid()
    return form[option.name].error


def settings(*options: Option, **kwargs) -> dict:
    form = form_of(*options, **kwargs)
    assert form.is_valid(), form.errors
    return form.settings()


FEW, MANY = choices("1K", "2K", "4K"), choices(*range(9))
LONG = choices("a choice of many words", "another one, as long as that")
LOOKS = [
    (Option("x", "text", "X"), "text"),
    (Option("x", "text", "X", max=40), "line"),
    (Option("x", "integer", "X"), "number"),
    (Option("x", "integer", "X", min=1, max=4, default=1), "segments"),
    (Option("x", "integer", "X", min=1, max=7), "number"),
    (Option("x", "integer", "X", min=3, max=3), "number"),
    (Option("x", "number", "X"), "number"),
    (Option("x", "boolean", "X", default=True), "check"),
    (Option("x", "boolean", "X", required=True), "check"),
    (Option("x", "boolean", "X"), "segments"),
    (Option("x", "choice", "X", choices=FEW, default="1K"), "segments"),
    (Option("x", "choice", "X", choices=FEW), "segments"),
    (Option("x", "choice", "X", choices=MANY), "select"),
    (Option("x", "choice", "X", choices=LONG), "select"),
    (Option("x", "choice", "X"), "text"),
    (Option("x", "aspect_ratio", "X", choices=choices("1:1", "16:9")), "shapes"),
    (Option("x", "aspect_ratio", "X"), "line"),
    (Option("x", "seed", "X"), "seed"),
    (Option("x", "duration", "X", choices=choices(5, 10)), "segments"),
    (Option("x", "duration", "X", choices=MANY), "select"),
    (Option("x", "duration", "X", min=3, max=8), "segments"),
    (Option("x", "duration", "X", min=1, max=60), "number"),
    (Option("x", "duration", "X"), "number"),
    (Option("x", "media", "X"), "media"),
    (Option("x", "list", "X"), "list"),
    (Option("x", "json", "X"), "json"),
    (Option("x", "parameters", "X"), "parameters"),
    (Option("x", "hologram", "X"), "text"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("option", "look"), LOOKS)
def test_every_option_has_its_look(option, look):
    assert field_of(option).look == look
    assert 'name="o-x' in drawn(form_of(option))


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (Option("x", "integer", "X", min=1, max=50), "51", "A whole number from 1 to 50."),
        (Option("x", "integer", "X", min=1, max=50), "many", "A whole number from 1 to 50."),
        (Option("x", "integer", "X", min=0, max=64, step=8), "9", "A whole number from 0 to 64, in steps of 8."),
        (Option("x", "integer", "X", min=0.5), "0", "A whole number of at least 1."),
        (Option("x", "integer", "X"), "9" * 5000, "A whole number."),
        (Option("x", "number", "X", max=2.5), "3", "A number of at most 2.5."),
        (Option("x", "number", "X", min=0, max=1, step=0.05), "0.07", "A number from 0 to 1, in steps of 0.05."),
        (Option("x", "number", "X"), "1e999", "A number."),
        (Option("x", "seed", "X", min=-1, max=99), "100", "A whole number from 0 to 99."),
        (Option("x", "seed", "X"), "-1", f"A whole number from 0 to {SEED_MAX}."),
        (Option("x", "text", "X", max=3), "fox 🦊", "At most 3 characters."),
        (Option("x", "text", "X", min=5), "fox", "At least 5 characters."),
        (Option("x", "text", "X", required=True), "  ", "The model needs this."),
        (Option("x", "choice", "X", choices=FEW), "8K", "This is none of the choices."),
        (Option("x", "boolean", "X"), "perhaps", "This is none of the choices."),
        (Option("x", "media", "X", required=True), "", "The model needs this."),
        (Option("x", "list", "X", required=True), "", "The model needs this."),
        (Option("x", "json", "X", required=True), "", "The model needs this."),
        (Option("x", "parameters", "X", required=True), "", "The model needs this."),
    ],
)
def test_a_refusal_says_what_is_taken(option, value, said):
    assert refusal(option, value) == said
    html = drawn(form_of(option, data={"o-x": value}))
    assert f'<p class="field-error" id="id_o-x-error">{said}</p>' in html
    assert 'aria-describedby="id_o-x-error"' in html


@pytest.mark.parametrize("option", [option for option, _ in LOOKS])
@pytest.mark.parametrize(
    "hostile",
    ["\0", "<script>alert(1)</script>", '" autofocus onfocus="x', "9" * 100_000, "[" * 50_000, "../../etc", "٣"],
)
def test_hostile_input_is_refused_or_harmless(option, hostile):
    names = ("o-x", "o-x-0-name", "o-x-0-value", "o-x-0-path", "o-x-json", "o-x-view")
    form = form_of(option, data=dict.fromkeys(names, hostile))
    if form.is_valid():
        kept = form.settings().get("x")
        assert isinstance(kept, str | int | float | list | dict | None)
        assert "\0" not in str(kept)
    html = drawn(form)
    assert "<script>alert" not in html
    assert '" autofocus' not in html


@pytest.mark.parametrize("bound", [float("inf"), float("nan"), float("-inf"), "5", True, None, -1e300])
@pytest.mark.parametrize("kind", ["integer", "number", "seed", "duration", "text"])
def test_odd_bounds_bound_nothing_and_break_nothing(kind, bound):
    option = Option("x", kind, "X", min=bound, max=bound, step=bound)
    drawn(form_of(option))
    form_of(option, data={"o-x": "7"}).is_valid()


@pytest.mark.parametrize("name", ["a b", "x.y", "ü", '"><b>', "prompt", "o", "", "data", "clean", "-", "0", "__all__"])
def test_an_option_may_be_called_anything(name):
    option = Option(name, "integer", "", min=1)
    form = form_of(option, data={f"o-{name}": "5"})
    assert form.is_valid()
    assert form.settings() == {name: 5}
    assert '"><b>' not in drawn(form)
    assert " " not in form[name].id
    wrong = form_of(option, data={f"o-{name}": "0"})
    assert not wrong.is_valid()


class TestYesAndNo:
    def test_an_unticked_box_says_no(self):
        assert settings(Option("x", "boolean", "X", default=True), data={}) == {"x": False}

    def test_a_box_that_the_model_does_not_tick_says_no_too(self):
        assert settings(Option("x", "boolean", "X", default=False), data={}) == {"x": False}

    def test_without_a_default_one_may_leave_it_to_the_model(self):
        option = Option("x", "boolean", "X")
        assert [label for _, label in field_of(option).choices] == ["Default", "Yes", "No"]
        assert settings(option, data={"o-x": ""}) == {}
        assert settings(option, data={"o-x": "False"}) == {"x": False}


class TestChoices:
    def test_what_is_a_choice_no_longer_falls_back_to_the_default(self):
        option = Option("x", "choice", "X", choices=FEW, default="2K")
        assert field_of(option, initial={"x": "8K"}).chosen == "2K"
        assert field_of(option, initial={"x": "4K"}).chosen == "4K"

    def test_a_default_that_is_no_choice_leaves_it_to_the_model(self):
        option = Option("x", "choice", "X", choices=FEW, default="8K")
        assert (field_of(option).chosen, field_of(option).choices[0]) == ("", ("", "Default"))
        assert settings(option, data={"o-x": ""}) == {}

    def test_what_was_posted_is_not_replaced(self):
        option = Option("x", "choice", "X", choices=FEW, default="2K")
        assert refusal(option, "8K")

    def test_no_value_at_all_is_no_choice(self):
        option = Option("x", "choice", "X", choices=(Choice(None, "Null"), Choice("a", "A")))  # type: ignore[arg-type]
        assert [value for value, _ in field_of(option).choices] == ["", "a"]

    def test_ratios_are_drawn_and_words_are_not(self):
        option = Option("x", "aspect_ratio", "X", choices=choices("16:9", "1024*768", "2.35:1", "auto", "0:0"))
        assert [shape for _, _, shape in field_of(option).shapes] == [
            "",
            "16000:9000",
            "1024000:768000",
            "2350:1000",
            "",
            "",
        ]

    def test_a_short_range_can_be_left_alone_where_nothing_stands_for_it(self):
        assert field_of(Option("x", "integer", "X", min=1, max=3)).choices[0] == ("", "Default")
        assert field_of(Option("x", "integer", "X", min=1, max=3, default=1)).choices[0] == ("1", "1")


class TestSizes:
    def test_a_size_comes_in_other_shapes_of_as_many_pixels(self):
        sizes = dict(field_of(Option("size", "text", "Size", default="1024*1024", max=16)).sizes)
        assert (sizes["1:1"], sizes["16:9"], sizes["9:16"]) == ("1024*1024", "1344*768", "768*1344")

    def test_the_shape_that_is_chosen_is_lit(self):
        option = Option("size", "text", "Size", default="1024*1024", max=16)
        html = render_to_string("generations/_option_line.html", {"option": option, "field": field_of(option)})
        assert re.findall(r'data-text="([^"]+)" aria-pressed="true"', html) == ["1024*1024"]

    def test_another_text_has_none(self):
        assert field_of(Option("size", "text", "Size", default="large", max=16)).sizes == []
        assert field_of(Option("size", "text", "Size", max=16)).sizes == []


class TestSeeds:
    def test_minus_one_means_another_one_each_time(self):
        option = Option("seed", "seed", "Seed", min=-1, max=99, default=-1)
        assert settings(option, data={"o-seed": "-1"}) == {}
        assert field_of(option).chosen == ""

    def test_seeds_are_drawn_and_counted_within_the_models_bounds(self):
        option = Option("seed", "seed", "Seed", min=-1, max=9)
        assert seeds(8, 4, option) == [8, 9, 0, 1]
        assert set(seeds(None, 200, option)) <= set(range(10))
        assert seeds(7, 3, Option("seed", "seed", "Seed", min=5, max=8)) == [7, 8, 5]


class TestThePage:
    def test_only_the_named_options_have_a_field(self):
        form = form_of(Option("a", "text", "A"), Option("b", "text", "B"), names={"b"})
        assert list(form.fields) == ["b"]

    def test_two_forms_stand_beside_each_other(self):
        data = {"o-a": "one", "p-a": "two"}
        assert settings(Option("a", "text", "A"), data=data, prefix="p") == {"a": "two"}

    def test_the_browser_insists_only_where_it_can_show_what_it_misses(self):
        assert " required" in drawn(form_of(Option("a", "text", "A", required=True)))
        assert " required" not in drawn(form_of(Option("a", "text", "A", required=True, advanced=True)))

    def test_a_whole_number_is_written_without_a_fraction(self):
        assert field_of(Option("a", "number", "A", default=1.0)).chosen == "1"

    def test_a_slider_stands_beside_a_number_with_both_bounds(self):
        assert 'type="range"' in drawn(form_of(Option("a", "number", "A", min=0, max=1)))
        assert 'type="range"' not in drawn(form_of(Option("a", "number", "A", min=0)))
