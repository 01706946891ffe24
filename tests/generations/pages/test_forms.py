"""Fields built from a model's options: what they take, what they refuse, and what is then known."""

import pytest

from generations.forms import SEED_MAX, PromptForm, SettingsForm, defaults, seeds
from studio.providers.base import Choice, ModelInfo, Option

RATIO = Option("ratio", "aspect_ratio", "Ratio", choices=(Choice("1:1", "1:1"), Choice("16:9", "16:9")), default="16:9")
STYLE = Option("style", "choice", "Style", choices=(Choice("oil", "Oil"),))
LENGTH = Option("length", "duration", "Length", choices=(Choice(5, "5 s"), Choice(10, "10 s")), default=5)
SIZE = Option("size", "integer", "Size", min=512, max=1024, step=64)
LEVEL = Option("level", "integer", "Level")
SCALE = Option("scale", "number", "Scale", min=0, max=2.5)
SOUND = Option("sound", "boolean", "Sound", default=True, required=True)
SEED = Option("seed", "seed", "Seed", advanced=True)
NEGATIVE = Option("negative", "text", "Negative", max=10, advanced=True)
NAME = Option("name", "text", "Name", required=True)


def settings(option: Option, value: str | None) -> dict | None:
    """What the form makes of it; None where it refuses it."""
    form = SettingsForm(
        ModelInfo("m", "M", "image", options=(option,)), {} if value is None else {f"o-{option.name}": value}
    )
    return form.settings() if form.is_valid() else None


@pytest.mark.parametrize(
    ("option", "value", "meant"),
    [
        (RATIO, "1:1", {"ratio": "1:1"}),
        (RATIO, "7:3", None),
        (RATIO, None, {}),
        (STYLE, "", {}),
        (STYLE, "oil", {"style": "oil"}),
        (LENGTH, "10", {"length": 10}),
        (LENGTH, "7", None),
        (SIZE, "512", {"size": 512}),
        (SIZE, "576", {"size": 576}),
        (SIZE, "513", None),
        (SIZE, "448", None),
        (SIZE, "1088", None),
        (SIZE, "", {}),
        (LEVEL, "0", {"level": 0}),
        (LEVEL, "-7", {"level": -7}),
        (LEVEL, "1.5", None),
        (SCALE, "0", {"scale": 0.0}),
        (SCALE, "2.5", {"scale": 2.5}),
        (SCALE, "2.6", None),
        (SCALE, "nan", None),
        (SCALE, "inf", None),
        (SOUND, "on", {"sound": True}),
        (SOUND, None, {"sound": False}),
        (SEED, "0", {"seed": 0}),
        (SEED, str(SEED_MAX), {"seed": SEED_MAX}),
        (SEED, str(SEED_MAX + 1), None),
        (SEED, "-1", None),
        (SEED, "", {}),
        (NEGATIVE, "x" * 10, {"negative": "x" * 10}),
        (NEGATIVE, "x" * 11, None),
        (NAME, "", None),
        (NAME, "fox", {"name": "fox"}),
    ],
)
def test_an_option_takes_what_it_says_and_nothing_else(option, value, meant):
    assert settings(option, value) == meant


def test_main_and_more_keep_the_models_order():
    form = SettingsForm(ModelInfo("m", "M", "image", options=(SEED, RATIO, NEGATIVE, SIZE)))
    assert [option.name for option, _ in form.main] == ["ratio", "size"]
    assert [option.name for option, _ in form.more] == ["seed", "negative"]


def test_what_is_left_alone_has_the_models_default():
    model = ModelInfo("m", "M", "image", options=(RATIO, SOUND, SIZE, Option("zero", "integer", "Zero", default=0)))
    assert defaults(model) == {"ratio": "16:9", "sound": True, "zero": 0}
    assert SettingsForm(model)["zero"].value() == 0


@pytest.mark.parametrize(("given", "count"), [("", 1), (None, 1), ("3", 3)])
def test_the_count_is_one_unless_it_is_said(given, count):
    form = PromptForm({"prompt": "fox"} if given is None else {"prompt": "fox", "count": given})
    assert form.is_valid()
    assert form.cleaned_data["count"] == count


def test_seeds_are_counted_up_from_the_given_one_round_the_end():
    assert seeds(0, 3) == [0, 1, 2]
    assert seeds(SEED_MAX, 2) == [SEED_MAX, 0]
    assert all(0 <= seed <= SEED_MAX for seed in seeds(None, 50))
