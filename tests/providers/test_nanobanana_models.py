"""Every row of the published tables, the live list on top of them, and the estimates that they give."""

import json
from typing import Any

import pytest

from studio.providers.base import JobSpec, Json, ModelInfo, Option
from studio.providers.nanobanana import NanoBanana

from .samples import sample

nano = NanoBanana()

# The tables as they are published.
IMAGES = """
nano-banana     | Nano Banana     | -          | 1:1, 3:4, 4:3, 9:16, 16:9                                  | No
nano-banana-pro | Nano Banana Pro | 1K, 2K, 4K | 1:1, 3:2, 2:3, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9        | No
nano-banana-2   | Nano Banana 2   | 1K, 2K, 4K | 1:1, 3:2, 2:3, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9        | Required
seedream4       | SeeDream 4      | -          | 1:1, 3:4, 4:3, 9:16, 16:9                                  | Required
"""
VIDEOS = """
veo-3.1-fast      | VEO 3.1 Fast      | 720p, 1080p       | 16:9, 9:16           | 4, 6, 8   | Yes       | Yes
veo-3.1           | VEO 3.1           | 720p, 1080p       | 16:9, 9:16           | 4, 6, 8   | Yes       | Yes
seedance-1.5-fast | Seedance 1.5 Fast | 720p, 1080p       | 16:9, 9:16, 1:1      | 4, 8, 12  | Yes       | Yes
seedance-1.5      | Seedance 1.5 Pro  | 720p, 1080p       | 16:9, 9:16, 1:1      | 4, 8, 12  | Yes       | Yes
seedance-2.0      | Seedance 2.0      | 480p, 720p        | 16:9, 9:16, 1:1, 4:3 | 5, 10, 15 | Yes       | Yes
wan-2.5           | Wan 2.5           | 480p, 720p, 1080p | 16:9, 9:16           | 5, 10     | No        | Yes
sora-2            | Sora 2            | 720p              | 16:9, 9:16           | 4, 8, 12  | Always on | Yes
sora-2-pro        | Sora 2 Pro        | 720p, 1080p       | 16:9, 9:16           | 4, 8, 12  | Always on | Yes
kling-o3-std      | Kling O3          | 720p              | 16:9, 9:16, 1:1      | 5, 10     | Yes       | Yes
kling-o3-pro      | Kling O3 Pro      | 720p              | 16:9, 9:16, 1:1      | 5, 10     | Yes       | Yes
grok-video        | Grok Video        | 480p, 720p        | 16:9, 9:16, 1:1      | 6, 10     | No        | Yes
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def listed(images: Json = None, videos: Json = None) -> list[ModelInfo]:
    data = {"image_models": images, "video_models": videos}
    return list(nano.parse_catalogue({"models": {"success": True, "data": data}}))


ALL = {
    model.id: model
    for model in listed([{"id": row[0]} for row in rows(IMAGES)], [{"id": row[0]} for row in rows(VIDEOS)])
}


def option(model: ModelInfo, name: str) -> Option:
    found = model.option(name)
    assert found
    return found


def values(model: ModelInfo, name: str) -> list[Any]:
    found = model.option(name)
    return [choice.value for choice in found.choices] if found else []


def listing(cell: str) -> list[str]:
    return [] if cell == "-" else cell.split(", ")


# -- The tables --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("row", rows(IMAGES), ids=lambda row: row[0])
def test_each_image_model_takes_what_its_row_says(row: list[str]) -> None:
    id, name, resolutions, ratios, subscription = row
    model = ALL[id]
    assert (model.name, model.kind, model.available) == (name, "image", True)
    assert values(model, "resolution") == listing(resolutions)
    assert values(model, "aspect_ratio") == listing(ratios)
    assert model.tier_required == ("subscription" if subscription == "Required" else "")
    assert values(model, "num_images") == [1, 2, 3, 4]
    assert values(model, "quality") == ["standard", "hd"]
    assert values(model, "output_format") == ["png", "jpeg"]
    own = ["image_url", "aspect_ratio", *(["resolution"] if listing(resolutions) else [])]
    assert [each.name for each in model.options] == [*own, "num_images", "quality", "output_format"]


@pytest.mark.parametrize("row", rows(VIDEOS), ids=lambda row: row[0])
def test_each_video_model_takes_what_its_row_says(row: list[str]) -> None:
    id, name, resolutions, ratios, durations, audio, image = row
    model = ALL[id]
    assert (model.name, model.kind, model.available, model.tier_required) == (name, "video", True, "")
    assert values(model, "resolution") == listing(resolutions)
    assert values(model, "aspect_ratio") == listing(ratios)
    assert values(model, "duration") == [int(seconds) for seconds in listing(durations)]
    assert (model.option("generate_audio") is not None) == (audio == "Yes")
    assert ("always have sound" in model.description) == (audio == "Always on")
    assert ("without sound" in model.description) == (audio == "No")
    assert option(model, "duration").help == model.description
    assert (model.option("image_url") is not None) == (image == "Yes")
    assert option(model, "negative_prompt").type == "text"


@pytest.mark.parametrize("model", ALL.values(), ids=ALL.keys())
def test_each_default_is_one_of_its_choices(model: ModelInfo) -> None:
    assert all(each.default in values(model, each.name) for each in model.options if each.choices and each.default)
    assert option(model, "image_url").type == "media"
    assert option(model, "image_url").accept == ("image",)
    assert "mode" not in {each.name for each in model.options}


@pytest.mark.parametrize(
    ("id", "defaults"),
    [
        ("nano-banana", {"num_images": 1, "quality": "standard", "output_format": "png"}),
        ("nano-banana-2", {"resolution": "1K", "num_images": 1, "quality": "standard", "output_format": "png"}),
        ("veo-3.1-fast", {"aspect_ratio": "16:9", "resolution": "720p", "duration": 8, "generate_audio": True}),
        ("wan-2.5", {"aspect_ratio": "16:9", "resolution": "720p", "duration": 5}),
        ("grok-video", {"aspect_ratio": "16:9", "resolution": "720p", "duration": 6}),
    ],
)
def test_a_form_begins_as_the_samples_do_and_an_image_keeps_its_ratio(id: str, defaults: dict[str, Json]) -> None:
    assert {each.name: each.default for each in ALL[id].options if each.default is not None} == defaults


def test_the_tables_are_whole() -> None:
    assert list(ALL) == [row[0] for row in rows(IMAGES) + rows(VIDEOS)]


def test_without_a_key_they_are_all_that_is_known() -> None:
    assert list(nano.known_models()) == list(ALL.values())


# -- The live list -----------------------------------------------------------------------------------------------------
def test_the_sample_list_is_read_and_the_rest_of_the_tables_is_out_of_reach() -> None:
    models = list(nano.parse_catalogue({"models": json.loads(sample("nanobanana", "models"))}))
    there = [model for model in models if model.available]
    assert [(model.id, model.name) for model in there] == [
        ("nano-banana", "Nano Banana"), ("nano-banana-pro", "Nano Banana Pro"), ("veo-3.1-fast", "VEO 3.1 Fast"),
    ]  # fmt: skip
    assert models[:3] == there
    missing = {model.id: model.unavailable_reason for model in models[3:]}
    assert set(missing) == set(ALL) - {model.id for model in there}
    assert set(missing.values()) == {"Nano Banana API does not list it for this key at present."}


def test_the_list_is_asked_for_at_its_address() -> None:
    [(name, request)] = nano.build_catalogue().items()
    assert (name, request.method, request.path) == ("models", "GET", "/api/v1/models")


def test_the_live_list_gives_order_and_names_and_its_default_first() -> None:
    images = [{"id": "seedream4"}, {"id": "new"}, {"id": "nano-banana", "name": "Banana!", "is_default": True}]
    models = listed(images, [])[:3]
    assert [model.id for model in models] == ["nano-banana", "seedream4", "new"]
    assert models[0].name == "Banana!"
    assert values(models[0], "aspect_ratio") == ["1:1", "3:4", "4:3", "9:16", "16:9"]


def test_a_new_image_model_has_the_common_fields_and_none_of_them_must_be_sent() -> None:
    model = listed([{"id": "gpt-image-2", "name": "GPT Image 2", "description": "New."}])[0]
    assert (model.name, model.kind, model.description, model.available) == ("GPT Image 2", "image", "New.", True)
    assert values(model, "aspect_ratio") == ["1:1", "3:4", "4:3", "9:16", "16:9"]
    assert values(model, "resolution") == ["1K", "2K", "4K"]
    assert {each.name: each.default for each in model.options if each.default is not None} == {"num_images": 1}
    assert not any(each.required for each in model.options)
    assert model.price is None


def test_a_new_video_model_has_the_common_fields_and_none_of_them_must_be_sent() -> None:
    model = listed([], [{"id": "veo-4"}])[0]
    assert (model.name, model.kind) == ("veo-4", "video")
    names = ["image_url", "aspect_ratio", "resolution", "duration", "generate_audio", "negative_prompt"]
    assert [each.name for each in model.options] == names
    assert all(each.default is None for each in model.options)


@pytest.mark.parametrize(
    "payloads",
    [
        {},
        {"models": None},
        {"models": []},
        {"models": {"data": None}},
        {"models": {"data": {}}},
        {"models": {"data": {"image_models": "x"}}},
    ],
)
def test_without_a_list_there_are_no_models(payloads: dict[str, Json]) -> None:
    assert nano.parse_catalogue(payloads) == []


def test_odd_rows_are_left_out() -> None:
    images = [None, 7, "x", {}, {"id": None}, {"id": ""}, {"id": ["a"]}, {"id": "good", "name": 7, "is_default": "x"}]
    models = listed(images, {"not": "a list"})
    assert [(model.id, model.name) for model in models if model.available] == [("good", "good")]


def test_a_model_is_of_the_kind_of_its_list() -> None:
    model = listed([], [{"id": "nano-banana"}])[0]
    assert (model.kind, model.option("num_images"), model.tier_required) == ("video", None, "")


# -- Estimates ---------------------------------------------------------------------------------------------------------
def estimate(kind: Any, model: str, **settings: Json) -> int | None:
    said = nano.quote(JobSpec(kind, model, "p", settings), ALL.get(model))
    assert said.note
    if said.cost is None:
        assert said.note.startswith("Price unknown")
        return None
    assert said.cost.unit == "credits"
    assert said.estimate
    assert "estimate from the published table" in said.note
    return int(said.cost.amount)


URL = "https://cdn.example/1.png"


@pytest.mark.parametrize(
    ("model", "settings", "cost"),
    [
        ("nano-banana", {}, 1),
        ("nano-banana", {"image_url": URL}, 2),
        ("nano-banana", {"image_url": URL, "quality": "hd", "num_images": 4}, 16),
        ("nano-banana", {"quality": "standard", "num_images": 3}, 3),
        ("nano-banana-pro", {}, 6),
        ("nano-banana-pro", {"image_url": URL, "resolution": "1K"}, 6),
        ("nano-banana-pro", {"resolution": "2K", "num_images": 2}, 12),
        ("nano-banana-pro", {"resolution": "4K"}, 20),
        ("nano-banana-2", {"resolution": "1K"}, 4),
        ("nano-banana-2", {"resolution": "2K"}, 8),
        ("nano-banana-2", {"resolution": "4K", "quality": "hd"}, 20),
        ("nano-banana-2", {"image_url": URL, "resolution": "2K", "num_images": 2}, 24),
        ("nano-banana-2", {"image_url": URL, "resolution": "4K"}, 22),
        ("seedream4", {}, 4),
        ("seedream4", {"image_url": URL, "quality": "hd"}, 6),
        ("nano-banana-pro", {"resolution": "8K"}, None),
        ("gpt-image-2", {}, None),
    ],
)
def test_an_image_is_estimated_by_its_row(model: str, settings: dict[str, Json], cost: int | None) -> None:
    assert estimate("image", model, **settings) == cost


@pytest.mark.parametrize(
    ("resolution", "audio", "costs"),
    [
        ("720p", False, (10, 15, 20)),
        ("720p", True, (15, 20, 30)),
        ("1080p", False, (15, 20, 25)),
        ("1080p", True, (20, 25, 35)),
    ],
)
def test_the_one_video_that_is_priced_is_estimated_by_its_table(
    resolution: str, audio: bool, costs: tuple[int, ...]
) -> None:
    settings = {"resolution": resolution, "generate_audio": audio}
    assert tuple(estimate("video", "veo-3.1-fast", duration=seconds, **settings) for seconds in (4, 6, 8)) == costs


@pytest.mark.parametrize("model", [row[0] for row in rows(VIDEOS)[1:]])
def test_no_other_video_has_a_made_up_price(model: str) -> None:
    assert estimate("video", model, resolution="720p", duration=8, generate_audio=True) is None


@pytest.mark.parametrize(
    "settings", [{}, {"resolution": "720p"}, {"duration": 8}, {"resolution": "720p", "duration": 5}]
)
def test_a_video_of_which_too_little_is_known_has_no_price(settings: dict[str, Json]) -> None:
    assert estimate("video", "veo-3.1-fast", **settings) is None


def test_the_price_in_the_picker_is_that_of_one_image_from_a_text() -> None:
    prices = {model.id: int(model.price.cost.amount) for model in ALL.values() if model.price}
    assert prices == {"nano-banana": 1, "nano-banana-pro": 6, "nano-banana-2": 4, "seedream4": 4}
