"""Schemas as catalogues write them, and as they never should."""

import itertools
import math
from typing import Any

import pytest

from studio.providers.base import Option
from studio.providers.json_schema import properties, required, scalar, type_of
from studio.providers.schema_options import LORA, MAX_CHOICES, MAX_SEED, option, wants_list


def values(made: Option) -> list[Any]:
    return [choice.value for choice in made.choices]


# -- Single values -----------------------------------------------------------------------------------------------------
def test_a_text() -> None:
    made = option("negative_prompt", {"type": "string", "description": " What to\navoid ", "maxLength": 500})
    assert made == Option("negative_prompt", "text", "Negative prompt", help="What to avoid", max=500)


def test_an_integer_with_its_range() -> None:
    made = option("num_images", {"type": "integer", "minimum": 1, "maximum": 4, "default": 1}, needed=True)
    assert made == Option("num_images", "integer", "Number of images", default=1, min=1, max=4, step=1, required=True)


def test_a_number_with_its_step() -> None:
    made = option("scale", {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5, "multipleOf": 0.1})
    assert (made.type, made.default, made.min, made.max, made.step) == ("number", 0.5, 0, 1, 0.1)


def test_a_number_without_limits_has_none() -> None:
    made = option("scale", {"type": "number"})
    assert (made.type, made.default, made.min, made.max, made.step) == ("number", None, None, None, None)


def test_a_boolean_keeps_that_it_is_off() -> None:
    assert option("camera_fixed", {"type": "boolean", "default": False}).default is False
    assert option("camera_fixed", {"type": "boolean"}).default is None


@pytest.mark.parametrize(
    ("said", "default"),
    [
        ({"type": "integer", "default": "7"}, 7),
        ({"type": "integer", "default": 7.0}, 7),
        ({"type": "integer", "default": 7.5}, None),
        ({"type": "integer", "default": True}, None),
        ({"type": "integer", "default": 3, "minimum": 5}, None),
        ({"type": "integer", "default": 9, "maximum": 5}, None),
        ({"type": "integer", "default": 0, "minimum": 0}, 0),
        ({"type": "number", "default": "soon"}, None),
        ({"type": "boolean", "default": "true"}, None),
        ({"type": "string", "default": ["a"]}, None),
        ({"type": "string", "default": ""}, None),
    ],
)
def test_a_default_of_another_type_or_beyond_the_limits_is_none(said: dict[str, Any], default: Any) -> None:
    made = option("steps", said)
    assert made.default == default
    assert type(made.default) is type(default)


def test_limits_that_contradict_each_other_bound_nothing() -> None:
    made = option("steps", {"type": "integer", "minimum": 9, "maximum": 3})
    assert (made.min, made.max) == (None, None)


@pytest.mark.parametrize("name", ["duration", "seconds", "duration_seconds"])
def test_whole_seconds_are_a_duration(name: str) -> None:
    made = option(name, {"type": "integer", "minimum": 4, "maximum": 12, "default": 5})
    assert (made.type, made.unit, made.default, made.min, made.max) == ("duration", "s", 5, 4, 12)


def test_seconds_with_fractions_stay_a_number() -> None:
    made = option("duration", {"type": "number", "minimum": 0.5, "maximum": 9.5})
    assert (made.type, made.unit) == ("number", "s")


def test_a_seed_left_alone_is_a_new_one() -> None:
    made = option("seed", {"type": "integer", "minimum": -1, "maximum": 65535, "default": -1})
    assert (made.type, made.default, made.min, made.max) == ("seed", None, -1, 65535)
    assert (option("seed", {"type": "integer"}).min, option("seed", {"type": "integer"}).max) == (-1, MAX_SEED)


def test_width_and_height_are_pixels() -> None:
    assert [option(name, {"type": "integer"}).unit for name in ("width", "height", "weight")] == ["px", "px", ""]


def test_a_size_says_how_it_is_written_and_its_limits() -> None:
    said = {"type": "string", "default": "1024*1024", "minimum": 256, "maximum": 1536, "description": "Of the picture."}
    made = option("size", said)
    assert (made.type, made.default, made.max) == ("text", "1024*1024", 16)
    assert made.help == "Of the picture. In pixels, width*height, each from 256 to 1536."
    assert (made.min, option("size", {"type": "string"}).help) == (
        None,
        "In pixels, width*height.",
    )


def test_what_is_hidden_is_never_required() -> None:
    assert option("x", {"type": "string", "x-hidden": True}, needed=True).required is False


@pytest.mark.parametrize(
    ("name", "title", "label"),
    [
        ("num_inference_steps", None, "Number of inference steps"),
        ("enable_prompt_expansion", None, "Prompt expansion"),
        ("enable", None, "Enable"),
        ("fps", None, "FPS"),
        ("high_noise_loras", None, "High noise LoRAs"),
        ("cfg-scale", None, "CFG scale"),
        ("strength", "How strongly", "How strongly"),
        ("strength", "strength", "Strength"),
        ("strength", 7, "Strength"),
        ("_", None, "Value"),
    ],
)
def test_a_label_is_for_people(name: str, title: Any, label: str) -> None:
    assert option(name, {"type": "string", "title": title}).label == label


# -- Choices -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"type": "string", "enum": ["a", "b", "a"]}, ["a", "b"]),
        ({"type": "string", "enum": ["5", 10]}, ["5", "10"]),
        ({"type": "integer", "enum": ["5", "10"]}, [5, 10]),
        ({"type": "integer", "enum": [5, 10.0, 2.5, "x", None, True]}, [5, 10]),
        ({"type": "number", "enum": [0.5, 1, "2.5"]}, [0.5, 1, 2.5]),
        ({"enum": ["a", "b"]}, ["a", "b"]),
        ({"enum": [1, 2]}, [1, 2]),
        ({"type": "string", "enum": ["", None, ["a"], {}]}, []),
        ({"type": "string", "enum": "abc"}, []),
    ],
)
def test_choices_keep_the_type_that_is_declared(said: dict[str, Any], kept: list[Any]) -> None:
    found = values(option("mode", said))
    assert found == kept
    assert [type(value) for value in found] == [type(value) for value in kept]


def test_a_default_is_one_of_the_choices() -> None:
    assert option("mode", {"type": "string", "enum": ["a", "b"], "default": "b"}).default == "b"
    assert option("mode", {"type": "string", "enum": ["a", "b"], "default": "c"}).default is None
    assert option("mode", {"type": "integer", "enum": ["5", "10"], "default": "10"}).default == 10


@pytest.mark.parametrize("name", ["aspect_ratio", "ratio", "video_format"])
def test_ratios_are_told_by_how_they_look(name: str) -> None:
    made = option(name, {"type": "string", "enum": ["1:1", "16:9", "2.39:1"], "default": "16:9"})
    assert (made.type, made.default) == ("aspect_ratio", "16:9")
    assert option("aspect_ratio", {"type": "string", "enum": ["auto", "1:1"]}).type == "choice"


def test_durations_to_choose_from() -> None:
    whole = option("duration", {"type": "integer", "enum": ["5", "10"], "default": 5})
    assert (whole.type, values(whole), whole.default, whole.unit) == ("duration", [5, 10], 5, "s")
    text = option("duration", {"type": "string", "enum": ["5", "10"], "default": "5"})
    assert (text.type, values(text), text.default, text.unit) == ("choice", ["5", "10"], "5", "s")


def test_sizes_are_shown_as_sizes() -> None:
    made = option("size", {"type": "string", "enum": ["1024*1024", "1280x720", "auto"], "default": "1024*1024"})
    assert [choice.label for choice in made.choices] == ["1024 × 1024", "1280 × 720", "auto"]
    assert values(made) == ["1024*1024", "1280x720", "auto"]


def test_there_are_only_so_many_choices() -> None:
    assert len(option("voice", {"type": "string", "enum": list(map(str, range(9999)))}).choices) == MAX_CHOICES


def test_a_boolean_with_choices_is_a_boolean() -> None:
    assert option("x", {"type": "boolean", "enum": [True, False]}).type == "boolean"


# -- Media -------------------------------------------------------------------------------------------------------------
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("name", "said", "accept"),
    [
        ("image", TEXT, "image"),
        ("image_url", TEXT, "image"),
        ("end_image", TEXT, "image"),
        ("mask", TEXT, "image"),
        ("mask_image_url", TEXT, "image"),
        ("first_frame", TEXT, "image"),
        ("video", TEXT, "video"),
        ("driving_video_url", TEXT, "video"),
        ("audio", TEXT, "audio"),
        ("input", {"type": "string", "x-ui-component": "uploader", "x-accept": "video/*"}, "video"),
        ("input", {"type": "string", "x-ui-component-props": {"accept": "audio/mpeg"}}, "audio"),
        ("input", {"type": "string", "x-ui-component": "uploader", "description": "The audio to clean"}, "audio"),
        ("source", {"type": "string", "format": "uri", "description": "URL of the image."}, "image"),
        ("url", {"type": "string", "description": "Where the video is"}, "video"),
        ("image", {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]}, "image"),
        ("image", {"type": ["string", "null"]}, "image"),
    ],
)
def test_a_field_for_media(name: str, said: dict[str, Any], accept: str) -> None:
    made = option(name, said)
    assert (made.type, made.accept, made.max_items, made.default) == ("media", (accept,), 1, None)


@pytest.mark.parametrize(
    ("name", "said", "type"),
    [
        ("image_size", TEXT, "text"),
        ("image_prompt", TEXT, "text"),
        ("image", {"type": "string", "enum": ["a", "b"]}, "choice"),
        ("image", {"type": "integer"}, "integer"),
        ("audio", {"type": "boolean"}, "boolean"),
        ("image", {"type": "object"}, "json"),
        ("data", {"type": "string", "x-ui-component": "uploader", "x-accept": "application/zip"}, "text"),
        ("homepage", {"type": "string", "format": "uri"}, "text"),
        ("voice", TEXT, "text"),
        ("frames", {"type": "array", "items": {"type": "integer"}}, "list"),
    ],
)
def test_a_field_that_only_sounds_like_media(name: str, said: dict[str, Any], type: str) -> None:
    assert option(name, said).type == type


@pytest.mark.parametrize(
    ("name", "said", "most"),
    [
        ("images", {**TEXTS, "maxItems": 14}, 14),
        ("images", TEXTS, 10),
        ("images", {**TEXTS, "maxItems": 1}, 1),
        ("images", {**TEXTS, "maxItems": 10**9}, 50),
        ("reference_image", {**TEXTS, "maxItems": 1}, 2),
        ("image_urls", {"type": "array", "items": {"type": "string", "maxItems": 4}}, 4),
        ("videos", TEXT, 10),
        ("pictures", {**TEXTS, "x-ui-component": "uploaders", "x-accept": "image/*", "maxItems": 3}, 3),
    ],
)
def test_media_by_the_list(name: str, said: dict[str, Any], most: int) -> None:
    made = option(name, said)
    assert (made.type, made.max_items) == ("media", most)


@pytest.mark.parametrize(
    ("name", "true"),
    [("images", True), ("reference_videos", True), ("image_urls", True), ("image", False), ("image_url", False)],
)
def test_the_name_tells_whether_one_goes_as_a_list(name: str, true: bool) -> None:
    assert wants_list(name) is true


# -- Lists and the rest ------------------------------------------------------------------------------------------------
def test_loras_are_rows() -> None:
    said = {
        "type": "array",
        "maxItems": 3,
        "items": {
            "type": "object",
            "required": ["path"],
            "properties": {
                "path": {"type": "string"},
                "scale": {"type": "number", "minimum": 0, "maximum": 4, "default": 1},
            },
        },
    }
    made = option("loras", said)
    assert (made.type, made.label, made.max_items) == ("list", "LoRAs", 3)
    assert made.fields == (
        Option("path", "text", "Path", required=True),
        Option("scale", "number", "Scale", default=1, min=0, max=4),
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loras", {"type": "array"}),
        ("high_noise_loras", {"type": "array", "items": {"type": "object"}}),
        ("weights", {"type": "array", "x-ui-component": "loras"}),
    ],
)
def test_loras_are_known_without_being_described(name: str, said: dict[str, Any]) -> None:
    made = option(name, said)
    assert (made.type, [field.name for field in made.fields]) == ("list", list(LORA))


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean"])
def test_a_list_of_single_values_has_one_field_without_a_name(kind: str) -> None:
    made = option("words", {"type": "array", "items": {"type": kind}, "maxItems": 4})
    assert (made.type, made.max_items) == ("list", 4)
    [field] = made.fields
    assert (field.name, field.type, field.required) == ("", "text" if kind == "string" else kind, True)


def test_a_list_of_choices() -> None:
    made = option("styles", {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}})
    assert values(made.fields[0]) == ["a", "b"]


def test_media_in_a_row_is_an_address() -> None:
    made = option("elements", {"type": "array", "items": {"properties": {"image": TEXT, "name": TEXT}}})
    assert [(field.name, field.type) for field in made.fields] == [("image", "text"), ("name", "text")]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"type": "object", "properties": {"x": {"type": "number"}}},
        {"type": "array"},
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        {"type": "array", "items": {"properties": {"deep": {"type": "object"}}}},
        {"type": "array", "items": True},
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        {"$ref": "#/components/schemas/Thing"},
        {"type": "null"},
        {"type": "Image"},
        {"type": 7},
    ],
)
def test_what_cannot_be_said_is_json(said: dict[str, Any]) -> None:
    assert option("thing", said) == Option("thing", "json", "Thing")


def test_one_variant_beside_null_is_that_one() -> None:
    made = option("steps", {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}], "default": 3})
    assert (made.type, made.max, made.default) == ("integer", 9, 3)


# -- Schemas as a whole ------------------------------------------------------------------------------------------------
def test_fields_come_in_the_order_that_is_wanted_and_the_others_after_them() -> None:
    fields = dict.fromkeys("abcd", TEXT)
    schema = {"properties": fields, "x-order-properties": ["c", "nowhere", "a", "c", 7]}
    assert list(properties(schema)) == ["c", "a", "b", "d"]


def test_fields_out_of_use_or_misshapen_are_left_out() -> None:
    fields = {"a": TEXT, "b": {**TEXT, "disabled": True}, "c": None, "d e": TEXT, "": TEXT, "x" * 99: TEXT, "ü": TEXT}
    assert list(properties({"properties": fields})) == ["a"]


@pytest.mark.parametrize("odd", [None, 7, "text", [], {"properties": []}, {"properties": None, "required": "prompt"}])
def test_a_schema_that_is_none_has_no_fields(odd: Any) -> None:
    assert (properties(odd), required(odd)) == ({}, frozenset())


@pytest.mark.parametrize("value", [math.inf, 1e300, "1e999", "nan", 2**80, True, [], {}, None])
def test_no_number_beyond_sense(value: Any) -> None:
    assert scalar("integer", value) is scalar("number", value) is None


WORDS = ["type", "enum", "default", "minimum", "maximum", "items", "properties", "anyOf", "title", "description",
         "maxItems", "maxLength", "multipleOf", "x-ui-component", "x-accept", "x-ui-component-props", "format",
         "required", "x-hidden"]  # fmt: skip
ODD: list[Any] = [None, True, -0.5, 10**30, "", "array", [None], ["a", 1], {"type": {"deep": []}}, {"type": "string"},
                  [{"type": "integer"}, {"type": "array", "items": {}}]]  # fmt: skip


@pytest.mark.parametrize("name", ["images", "seed", "size", "thing"])
def test_no_schema_whatever_it_says_breaks_the_form(name: str) -> None:
    for first, second in itertools.combinations(WORDS, 2):
        for one, other in itertools.product(ODD, ODD):
            said = {first: one, second: other}
            made = option(name, said, needed=True)
            assert made.name == name
            assert made.label
            assert made.max_items >= 1
            assert all(choice.label for choice in made.choices)
            type_of(said)


def test_no_property_whatever_it_is_breaks_the_schema() -> None:
    for odd in ODD:
        for schema in ({"properties": odd}, {"properties": {"a": odd}}, {"properties": {"a": TEXT}, "required": odd},
                       {"properties": {"a": TEXT}, "x-order-properties": odd}):  # fmt: skip
            for name, said in properties(schema).items():
                assert option(name, said, needed=name in required(schema))
