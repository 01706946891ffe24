"""What several models have in common: asked once, and narrowed to what all of them take."""

import pytest

from generations.composer.shared import own, shared, takes
from studio.providers.base import Choice, ModelInfo, Option


def choices(*values: str | int) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(value)) for value in values)


def model(*options: Option) -> ModelInfo:
    return ModelInfo("m", "M", "image", options=options)


def both(one: Option, other: Option) -> Option | None:
    return next(iter(shared([model(one), model(other)])), None)


RATIO = Option("ratio", "aspect_ratio", "Ratio", choices=choices("1:1", "16:9", "9:16"), default="16:9")
SIZE = Option("size", "integer", "Size", min=512, max=2048, step=64, default=1024)
SECONDS = Option("length", "duration", "Length", min=2, max=8, default=4, unit="s")
TEXT = Option("negative", "text", "Negative", max=500)
IMAGE = Option("image", "media", "Image", accept=("image",))


def changed(option: Option, **fields) -> Option:
    values = {name: getattr(option, name) for name in option.__slots__} | fields
    return Option(**values)


def test_one_model_shares_all_it_has():
    assert shared([model(RATIO, SIZE)]) == (RATIO, SIZE)
    assert shared([]) == ()


def test_what_one_of_them_lacks_is_its_owners_alone():
    first, second = model(RATIO, SIZE), model(RATIO, TEXT)
    common = shared([first, second])
    assert [option.name for option in common] == ["ratio"]
    assert own(first, common) == (SIZE,)
    assert own(second, common) == (TEXT,)


def test_three_are_narrowed_by_each():
    third = changed(SIZE, min=768, max=1536)
    common = shared([model(SIZE), model(changed(SIZE, max=1792)), model(third)])
    assert (common[0].min, common[0].max) == (768, 1536)


def test_choices_are_those_that_both_have_in_the_first_ones_order():
    other = changed(RATIO, choices=choices("9:16", "4:3", "1:1"), default="9:16")
    narrowed = both(RATIO, other)
    assert [choice.value for choice in narrowed.choices] == ["1:1", "9:16"]
    assert narrowed.default == "9:16"  # the first one's own is not among them


def test_no_choice_in_common_is_nothing_in_common():
    assert both(RATIO, changed(RATIO, choices=choices("4:3"))) is None


def test_words_are_no_numbers():
    assert both(changed(RATIO, choices=choices("5")), changed(RATIO, choices=choices(5))) is None


def test_a_range_narrows_choices():
    listed = changed(SECONDS, choices=choices(5, 8, 10), default=5, min=None, max=None)
    for narrowed in (both(SECONDS, listed), both(listed, SECONDS)):
        assert [choice.value for choice in narrowed.choices] == [5, 8]
        assert (narrowed.min, narrowed.max) == (None, None)
        assert narrowed.default in {5, None}


@pytest.mark.parametrize(
    ("fields", "low", "high"),
    [
        ({}, 512, 2048),
        ({"min": 640}, 640, 2048),
        ({"max": 1024}, 512, 1024),
        ({"min": None, "max": None, "step": None}, 512, 2048),
    ],
)
def test_ranges_are_narrowed(fields, low, high):
    narrowed = both(SIZE, changed(SIZE, **fields))
    assert (narrowed.min, narrowed.max, narrowed.step) == (low, high, 64)


@pytest.mark.parametrize(
    "fields",
    [
        {"min": 3000, "max": 4000},  # nothing lies in both
        {"step": 100},  # what one counts by hundreds the other counts by 64
        {"min": 500},  # steps that never meet
        {"unit": "cm"},
        {"type": "text"},
        {"type": "seed"},
    ],
)
def test_numbers_that_do_not_mean_the_same_are_asked_for_apart(fields):
    assert both(SIZE, changed(SIZE, **fields)) is None


def test_a_whole_number_and_any_number_make_a_whole_number():
    number = Option("size", "number", "Size", min=0, max=1000)
    whole = Option("size", "integer", "Size", min=1, max=2000)
    assert both(number, whole).type == "integer"
    assert both(whole, number).type == "integer"
    assert (both(number, whole).min, both(number, whole).max) == (1, 1000)


def test_zero_is_a_bound():
    zero = Option("level", "integer", "Level", min=0, max=0)
    assert (both(zero, changed(zero, min=-5, max=5)).min, both(zero, changed(zero, max=5)).max) == (0, 0)


def test_media_are_what_both_open():
    clip_or_image = changed(IMAGE, accept=("video", "image"))
    assert both(IMAGE, clip_or_image).accept == ("image",)
    assert both(IMAGE, changed(IMAGE, accept=("audio",))) is None
    assert both(IMAGE, changed(IMAGE, max_items=3)) is None  # one value and a list of them
    assert both(changed(IMAGE, max_items=5), changed(IMAGE, max_items=3)).max_items == 3


def test_lists_need_the_same_fields():
    rows = Option("loras", "list", "LoRAs", fields=(TEXT,), max_items=4)
    assert both(rows, changed(rows, max_items=2)).max_items == 2
    assert both(rows, changed(rows, fields=(SIZE,))) is None


def test_what_one_requires_is_required_and_hidden_only_where_all_hide_it():
    narrowed = both(changed(TEXT, required=True, advanced=True), TEXT)
    assert narrowed.required
    assert not narrowed.advanced


@pytest.mark.parametrize(
    ("option", "value", "fits"),
    [
        (RATIO, "1:1", True),
        (RATIO, "4:3", False),
        (SIZE, 576, True),
        (SIZE, 577, False),
        (SIZE, 4096, False),
        (SIZE, "big", False),
        (changed(SIZE, min=0, step=None), 0, True),
        (TEXT, "anything", True),
    ],
)
def test_what_a_field_takes(option, value, fits):
    assert takes(option, value) is fits
