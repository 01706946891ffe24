"""Settings that are drawn and sent again are the same settings, and what is refused comes back as it was typed."""

from __future__ import annotations

import pytest

from accounts.models import User
from generations.forms import SettingsForm
from studio.providers.base import Choice, ModelInfo, Option
from tests.generations.pages.as_a_browser import drawn, submitted


def choices(*values) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(value)) for value in values)


RATIOS = choices("1:1", "16:9", "9:16", "4:5", "1024*768", "auto")
LORA = (Option("path", "text", "Path", required=True), Option("scale", "number", "Scale", min=0, max=4, default=1))
DEEP = {"b": [1, 2.5, None, {"ü": "</textarea><script>"}], "c": {}, "d": 'x "y"\n\tz', "e": 10**30, "f": -0.5}

# Every type, each with values that it has to keep.
KEPT: list[tuple[Option, list]] = [
    (Option("o", "text", "O"), ["a", "two\nlines", "<b>\"'&amp;", "\N{HEBREW LETTER ALEF} 🦊", "\\", "0", "None"]),
    (Option("o", "text", "O", max=40), ["a line", "1024*1024"]),
    (Option("o", "text", "O", required=True, default="x"), ["y"]),
    (Option("o", "integer", "O"), [0, 1, -7, 10**18]),
    (Option("o", "integer", "O", min=0, max=50, default=28), [0, 28, 50]),
    (Option("o", "integer", "O", min=512, max=1024, step=64), [512, 576, 1024]),
    (Option("o", "integer", "O", min=1, max=4, default=1), [1, 4]),
    (Option("o", "integer", "O", min=1, max=4), [1, 4]),
    (Option("o", "number", "O"), [0.0, -1.5, 1e-07, 123456.789]),
    (Option("o", "number", "O", min=0, max=1, step=0.05, default=0.5), [0.0, 0.15, 0.35, 1.0]),
    (Option("o", "boolean", "O"), [True, False]),
    (Option("o", "boolean", "O", default=True), [True, False]),
    (Option("o", "boolean", "O", default=False), [True, False]),
    (Option("o", "boolean", "O", required=True), [True, False]),
    (Option("o", "choice", "O", choices=choices("a", "b c", '"<', "9")), ["a", "b c", '"<', "9"]),
    (Option("o", "choice", "O", choices=choices(1, 2, 1024), default=2), [1, 2, 1024]),
    (Option("o", "choice", "O", choices=choices(0.5, 1.0, 2.25), required=True), [0.5, 1.0, 2.25]),
    (Option("o", "choice", "O", choices=choices(True, False)), [True, False]),
    (Option("o", "choice", "O", choices=choices(*range(12)), default=3), [0, 3, 11]),
    (Option("o", "choice", "O", choices=choices("1", 2, 0)), ["1", 2, 0]),
    (Option("o", "aspect_ratio", "O", choices=RATIOS, default="16:9"), [choice.value for choice in RATIOS]),
    (Option("o", "aspect_ratio", "O", choices=RATIOS), ["1:1", "auto"]),
    (Option("o", "aspect_ratio", "O"), ["16:9"]),
    (Option("o", "seed", "O"), [0, 1, 2**31 - 1]),
    (Option("o", "seed", "O", min=-1, max=2**53), [0, 2**53]),
    (Option("o", "duration", "O", choices=choices(5, 10), default=5), [5, 10]),
    (Option("o", "duration", "O", min=3, max=8, default=4), [3, 8]),
    (Option("o", "duration", "O", min=1, max=600), [1, 599]),
    (Option("o", "json", "O"), [DEEP, [], {}, 0, False, "text", "", [[]], 1.5, "null"]),
    (
        Option("o", "parameters", "O"),
        [{"a": "x", "b": 1, "c": 2.5, "d": True, "e": False, "f": None, "g": DEEP, "h": ""}],
    ),
    (
        Option("o", "list", "O", max_items=4, fields=LORA),
        [[{"path": "a/b", "scale": 0.5}], [{"path": "x", "scale": 1.0}] * 4],
    ),
    (Option("o", "list", "O", max_items=4, fields=(Option("", "text", ""),)), [["a"], ["a", "b", "a", "<"]]),
    (Option("o", "list", "O", max_items=9, fields=(Option("", "integer", "", required=True),)), [[0], [3, 1, 2]]),
    (
        Option(
            "o", "list", "O", max_items=3, fields=(Option("x", "number", "X", default=0), Option("y", "boolean", "Y"))
        ),
        [[{"x": 0.0}], [{"x": 0.0}, {"x": 0.0, "y": False}, {"x": 2.0, "y": True}]],
    ),
    (
        Option(
            "o",
            "list",
            "O",
            max_items=3,
            fields=(Option("inner", "list", "In", max_items=3, fields=LORA), Option("n", "integer", "N")),
        ),
        [[{"inner": [{"path": "a", "scale": 1.0}, {"path": "b", "scale": 2.0}], "n": 1}, {"n": 2}]],
    ),
    (Option("o", "media", "O", accept=("image",)), ["https://example.com/a.png?x=1&y=2"]),
    (
        Option("o", "media", "O", max_items=3),
        [["https://example.com/a"], ["https://example.com/b", "https://example.com/a"]],
    ),
]
EVERY = [
    pytest.param(option, value, id=f"{option.type}-{place}-{nth}")
    for place, (option, values) in enumerate(KEPT)
    for nth, value in enumerate(values)
]
ROWS = {"o-o": ["4", "2"], "o-o-4-path": "a", "o-o-4-scale": "9", "o-o-2-path": "b", "o-o-2-scale": "1"}
PARAMETERS = {"o-o": ["0", "1"], "o-o-0-name": "a", "o-o-0-type": "number", "o-o-0-value": "x"}
PARAMETERS |= {"o-o-1-name": "a", "o-o-1-type": "text", "o-o-1-value": " y"}
WRONG = [
    (Option("o", "text", "O", max=3), {"o-o": "f<ü>\n\nr"}),
    (Option("o", "integer", "O", min=1, max=50), {"o-o": "99"}),
    (Option("o", "number", "O"), {"o-o": "much"}),
    (Option("o", "seed", "O"), {"o-o": "-4"}),
    (Option("o", "json", "O"), {"o-o": '{"a": <1}'}),
    (Option("o", "media", "O"), {"o-o": ["https://example.com/a", "https://example.com/b"]}),
    (Option("o", "media", "O", max_items=2), {"o-o": ["asset:gone", "https://example.com/b", "no link"]}),
    (Option("o", "parameters", "O"), PARAMETERS),
    (Option("o", "parameters", "O"), {"o-o-view": "json", "o-o-json": "{]"}),
    (Option("o", "list", "O", max_items=3, fields=LORA), ROWS),
]


def form_of(option: Option, data=None, owner: User | None = None, **kwargs) -> SettingsForm:
    return SettingsForm(ModelInfo("m", "M", "image", options=(option,)), data, owner=owner or User(pk=1), **kwargs)


@pytest.mark.parametrize(("option", "value"), EVERY)
def test_settings_are_the_same_when_they_come_back(option, value):
    sent = submitted(drawn(form_of(option, initial={"o": value})))
    form = form_of(option, sent)
    assert form.is_valid(), form.errors
    assert form.settings() == {"o": value}
    assert repr(form.settings()) == repr({"o": value}), "1 is not 1.0, nor True"


@pytest.mark.parametrize(("option", "value"), EVERY)
def test_a_form_that_is_drawn_anew_keeps_what_was_sent(option, value):
    first = form_of(option, submitted(drawn(form_of(option, initial={"o": value}))))
    again = form_of(option, submitted(drawn(first)))
    assert again.is_valid()
    assert again.settings() == {"o": value}


@pytest.mark.parametrize(("option", "data"), WRONG)
def test_what_is_refused_comes_back_as_it_was_typed(option, data):
    refused = form_of(option, data)
    assert not refused.is_valid()
    html = drawn(refused)
    assert 'class="field-error"' in html
    sent = submitted(html)
    rows = [value for value in sent.getlist("o-o") if not value.startswith("+")]
    for name, value in data.items():
        typed = value if isinstance(value, list) else [value]
        if name == "o-o" and option.type in ("parameters", "list"):
            assert len(rows) >= len(typed)
        elif option.type == "media":
            assert [one for one in sent.getlist(name) if one] == typed
        elif option.type == "parameters" and name.endswith(("-name", "-value")):
            assert value in sent.values()
        else:
            assert sent[name] == value


@pytest.mark.parametrize("option", [option for option, _ in KEPT])
def test_what_is_left_alone_has_only_its_default(option):
    form = form_of(option, submitted(drawn(form_of(option))))
    expected = {} if option.default is None else {"o": option.default}
    if option.type == "boolean" and option.required:
        expected = {"o": False}
    if form.is_valid():
        assert form.settings() == expected
    else:
        assert option.required
        assert option.default is None


ODD = [None, "", "x", 0, -1, True, [], [None], [[]], {}, {"a": {}}, [{"path": {}}], [1, "x"], "asset:x", {"0": 1}]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("option", [option for option, _ in KEPT])
def test_settings_of_another_days_model_are_drawn_without_a_crash(option, odd):
    form = form_of(option, submitted(drawn(form_of(option, initial={"o": odd}))))
    form.is_valid()
    drawn(form)
