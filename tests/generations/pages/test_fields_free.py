"""Lists, JSON and parameters: what is typed freely is checked, and says where it is wrong."""

import pytest

from accounts.models import User
from generations.forms import SettingsForm
from studio.providers.base import ModelInfo, Option
from tests.generations.pages.as_a_browser import drawn, submitted

SCALE = Option("scale", "number", "Scale", min=0, max=4, default=1)
PATH = Option("path", "text", "Path", required=True)
LORAS = Option("loras", "list", "LoRAs", max_items=2, fields=(PATH, SCALE))
TAGS = Option("tags", "list", "Tags", max_items=3, fields=(Option("", "text", ""),))
JSON = Option("json", "json", "JSON")
PARAMETERS = Option("more", "parameters", "Parameters")


def form_of(*options: Option, data=None, **kwargs) -> SettingsForm:
    model = ModelInfo("m", "M", "image", options=options)
    return SettingsForm(model, data, owner=User(pk=1), **kwargs)


def settings(option: Option, **data) -> dict:
    form = form_of(option, data=posted(**data))
    assert form.is_valid(), form.errors
    return form.settings()


def refusal(option: Option, **data) -> str:
    form = form_of(option, data=posted(**data))
    assert not form.is_valid()
    return form[option.name].error


def posted(**data) -> dict:
    """`loras_0_path` is "o-loras-0-path"."""
    return {"o-" + name.replace("_", "-"): value for name, value in data.items()}


class TestLists:
    def test_rows_come_in_the_order_of_their_markers(self):
        rows = {"tags": ["7", "2"], "tags_7_value": "first", "tags_2_value": "second"}
        assert settings(TAGS, **rows) == {"tags": ["first", "second"]}

    def test_a_row_without_its_marker_is_none(self):
        assert settings(TAGS, tags=["0"], tags_0_value="a", tags_1_value="b") == {"tags": ["a"]}

    def test_a_row_that_was_never_filled_in_is_left_out(self):
        rows = {
            "loras": ["0", "1"],
            "loras_0_path": "a",
            "loras_0_scale": "2",
            "loras_1_path": "",
            "loras_1_scale": "1",
        }
        assert settings(LORAS, **rows) == {"loras": [{"path": "a", "scale": 2.0}]}

    def test_spare_rows_can_be_filled_in_without_a_script(self):
        sent = submitted(drawn(form_of(LORAS)))
        assert sent.getlist("o-loras") == ["+0", "+1"]
        sent["o-loras-1-path"] = "a"
        form = form_of(LORAS, data=sent)
        assert form.is_valid()
        assert form.settings() == {"loras": [{"path": "a", "scale": 1.0}]}

    def test_a_spare_row_counts_only_once_touched(self):
        points = Option("points", "list", "Points", max_items=4, fields=(Option("x", "number", "X", default=0),))
        assert settings(points, points=["+0"], points_0_x="0") == {}
        assert settings(points, points=["0"], points_0_x="0") == {"points": [{"x": 0.0}]}

    def test_what_is_wrong_stands_beside_its_own_field(self):
        rows = {"loras": ["0", "1"], "loras_0_path": "a", "loras_1_path": "", "loras_1_scale": "9"}
        form = form_of(LORAS, data=posted(**rows))
        assert not form.is_valid()
        assert form["loras"].error == "Look at row 2."
        html = drawn(form)
        assert 'id="id_o-loras-1-path-error">The model needs this.' in html
        assert 'id="id_o-loras-1-scale-error">A number from 0 to 4.' in html
        assert 'id="id_o-loras-0-path-error"' not in html

    def test_no_more_than_fit(self):
        rows = {"loras": ["0", "1", "2"], **{f"loras_{n}_path": "a" for n in range(3)}}
        assert refusal(LORAS, **rows) == "At most 2 fit here."

    def test_a_full_list_has_no_spare_row(self):
        html = drawn(form_of(LORAS, initial={"loras": [{"path": "a"}, {"path": "b"}]}))
        assert "data-spare" not in html.partition("<template")[0]

    @pytest.mark.parametrize("markers", [["x"], [""], ["-1"], ["99999"], ["0"] * 5000, list(map(str, range(9000)))])
    def test_odd_markers_are_no_rows(self, markers):
        form = form_of(TAGS, data=posted(tags=markers))
        assert form.is_valid()
        assert form.settings() == {}

    def test_a_list_within_a_list_has_names_of_its_own(self):
        outer = Option("a", "list", "A", max_items=3, fields=(Option("b", "list", "B", max_items=3, fields=(PATH,)),))
        html = drawn(form_of(outer))
        assert "o-a-__row0__-b-__row1__-path" in html

    def test_a_list_of_media_takes_links(self):
        clips = Option("clips", "list", "Clips", max_items=3, fields=(Option("url", "media", "Clip"), SCALE))
        data = {"clips": ["0"], "clips_0_url": "https://example.com/a", "clips_0_scale": "1"}
        assert settings(clips, **data) == {"clips": [{"url": "https://example.com/a", "scale": 1.0}]}


class TestJson:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"a": 1,\n "b" 2}', "This is not JSON: expecting ':' delimiter at line 2, column 6."),
            ("{", "line 1, column 2."),
            ("[1, 2,]", "line 1, column"),
            ("{'a': 1}", "at line 1, column 2."),
            ("NaN", "This is not JSON: NaN is no value."),
            ("[-Infinity]", "-Infinity is no value."),
            ("1e999", "This is not JSON: 1e999 is too large."),
            ('{"a": 1, "a": 2}', "the name “a” stands twice."),
            ("9" * 5000, "It holds a number with too many digits."),
            ("[" * 90_000, "This is nested too deeply."),
            ("[" * 800 + "]" * 800, "This is nested too deeply."),
            ('{"a":' * 60 + "1" + "}" * 60, "This is nested too deeply."),
            ('"\\u0000"', "It holds the character NUL, which cannot be kept."),
            ('{"\\u0000": 1}', "It holds the character NUL, which cannot be kept."),
            ('["\\ud800"]', "It holds half of a character"),
            ("1" * 100_001, "At most 100,000 characters."),
        ],
    )
    def test_it_says_what_is_wrong_and_where(self, text, said):
        assert said in refusal(JSON, json=text)

    def test_what_is_kept_is_drawn_readable(self):
        assert form_of(JSON, initial={"json": {"a": [1, "ü"]}})["json"].text == '{\n  "a": [\n    1,\n    "ü"\n  ]\n}'

    def test_null_and_nothing_leave_it_alone(self):
        assert settings(JSON, json=" ") == settings(JSON, json="null") == {}

    def test_a_backslash_before_u0000_is_only_text(self):
        assert settings(JSON, json=r'"\\u0000"') == {"json": r"\u0000"}


def rows(*given: tuple[str, str, str]) -> dict:
    data: dict = {"more": [str(place) for place in range(len(given))]}
    for place, parts in enumerate(given):
        data |= {f"more_{place}_{name}": value for name, value in zip(("name", "type", "value"), parts, strict=True)}
    return data


class TestParameters:
    @pytest.mark.parametrize(
        ("kind", "text", "value"),
        [
            ("text", " a ", " a "),
            ("text", "", ""),
            ("number", "5", 5),
            ("number", " -0.5 ", -0.5),
            ("number", "1e3", 1000.0),
            ("boolean", "Yes", True),
            ("boolean", "false", False),
            ("json", '{"a": null}', {"a": None}),
            ("json", "null", None),
            ("odd", "x", "x"),
        ],
    )
    def test_a_value_has_its_type(self, kind, text, value):
        found = settings(PARAMETERS, **rows(("a", kind, text)))["more"]["a"]
        assert (found, type(found)) == (value, type(value))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (("", "text", "x"), "Give it a name."),
            (("prompt", "text", "x"), "“prompt” has a field of its own."),
            (("steps", "text", "x"), "“steps” has a field of its own."),
            (("more", "text", "x"), "“more” has a field of its own."),
            (("a b", "text", "x"), "“a b” is no name"),
            (("9a", "text", "x"), "“9a” is no name"),
            (("a" * 65, "text", "x"), "is no name"),
            (("a", "number", "x"), "This is no number."),
            (("a", "number", "nan"), "This is no number."),
            (("a", "number", "1e999"), "This is no number."),
            (("a", "number", "9" * 5000), "This is no number."),
            (("a", "boolean", "perhaps"), "Say yes or no."),
            (("a", "json", "{"), "This is not JSON"),
            (("a", "json", ""), "This is not JSON"),
            (("a", "text", "\0"), "the character NUL"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_row(self, given, said):
        form = form_of(Option("steps", "integer", "Steps"), PARAMETERS, data=posted(**rows(("ok", "text", ""), given)))
        assert not form.is_valid()
        assert form["more"].error == "Look at what is marked."
        fine, wrong = form["more"].data.rows
        assert fine.error == ""
        assert said in wrong.error
        assert 'id="id_o-more-1-error"' in drawn(form)

    def test_a_name_stands_once(self):
        form = form_of(PARAMETERS, data=posted(**rows(("a", "text", "1"), ("a", "text", "2"))))
        assert not form.is_valid()
        assert form["more"].data.rows[1].error == "“a” stands twice."

    def test_a_row_that_was_never_filled_in_is_left_out(self):
        assert settings(PARAMETERS, **rows(("", "number", ""), ("a", "number", "1"))) == {"more": {"a": 1}}

    def test_the_whole_can_be_given_as_json(self):
        data = {**rows(("a", "text", "not this")), "more_view": "json", "more_json": '{"a": 1, "b": [true]}'}
        assert settings(PARAMETERS, **data) == {"more": {"a": 1, "b": [True]}}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[1]", "The whole is to be an object"),
            ('"a"', "The whole is to be an object"),
            ('{"prompt": "x"}', "“prompt” has a field of its own."),
            ('{"": 1}', "Give it a name."),
            ('{"a": 1', "line 1, column"),
            ("{" + ",".join(f'"a{n}": 1' for n in range(61)) + "}", "At most 60 parameters."),
        ],
    )
    def test_json_is_checked_as_the_rows_are(self, text, said):
        assert said in refusal(PARAMETERS, more_view="json", more_json=text)

    def test_nothing_given_is_nothing(self):
        assert settings(PARAMETERS) == {}
        assert settings(PARAMETERS, more_view="json", more_json=" ") == {}
