"""WaveSpeedAI's catalogue as models and their options."""

import itertools
from decimal import Decimal
from typing import Any

import pytest

from studio.providers.base import Cost, Json, ModelInfo, Option, Price, ProviderError, Response
from studio.providers.wavespeed import WaveSpeed
from studio.providers.wavespeed_models import MAX_MAIN, PARAMETERS
from tests.fake_provider.wavespeed_models import HIDDEN, NASTY, SAMPLES, catalogue, row

wavespeed = WaveSpeed()


def read(rows: Json) -> list[ModelInfo]:
    return list(wavespeed.parse_catalogue({"models": rows}))


def one(model_id: str = "maker/model", task: str = "text-to-image", fields: Any = None, **more: Any) -> ModelInfo:
    fields = {"prompt": {"type": "string"}} if fields is None else fields
    [model] = read([row(model_id, task, 0.05, fields, more.pop("required", ()), **more)])
    return model


def sample(model_id: str) -> ModelInfo:
    [model] = [model for model in read(SAMPLES) if model.id == model_id]
    return model


def shape(options: tuple[Option, ...], *, advanced: bool) -> list[tuple[str, str]]:
    return [(option.name, option.type) for option in options if option.advanced is advanced]


# -- The forms that come of it -----------------------------------------------------------------------------------------
def test_a_text_to_image_model() -> None:
    model = sample("wavespeed-ai/flux-dev")
    assert (model.name, model.kind, model.task, model.maker) == ("flux-dev", "image", "text-to-image", "wavespeed-ai")
    assert model.price == Price(Cost(Decimal("0.012"), "USD"), "run", floor=True)
    assert (model.needs_prompt, model.takes_prompt, model.available) == (True, True, True)
    assert shape(model.options, advanced=False) == [("image", "media"), ("size", "text"), ("num_images", "integer")]
    assert shape(model.options, advanced=True) == [
        ("mask_image", "media"),
        ("strength", "number"),
        ("num_inference_steps", "integer"),
        ("seed", "seed"),
        ("guidance_scale", "number"),
        ("output_format", "choice"),
    ]


def test_an_image_to_video_model_with_an_end_image() -> None:
    model = sample("kwaivgi/kling-v2.1-i2v-pro/start-end-frame")
    assert (model.kind, model.maker, model.needs_prompt, model.takes_prompt) == ("video", "kwaivgi", False, True)
    image, end, duration = (model.option(name) for name in ("image", "end_image", "duration"))
    assert image == Option(
        "image", "media", "Image", help="The image for generating the output.", required=True, accept=("image",)
    )
    assert end
    assert (end.type, end.accept, end.required, end.advanced) == ("media", ("image",), True, False)
    assert duration
    assert (duration.type, [choice.value for choice in duration.choices], duration.default) == (
        "choice", ["5", "10"], "5",
    )  # fmt: skip
    assert shape(model.options, advanced=True) == [
        ("negative_prompt", "text"), ("guidance_scale", "number"), ("duration", "choice"),
    ]  # fmt: skip


def test_a_lora_model() -> None:
    loras = sample("wavespeed-ai/flux-dev-lora").option("loras")
    assert loras
    assert (loras.type, loras.label, loras.max_items, loras.advanced) == ("list", "LoRAs", 3, False)
    assert [(field.name, field.type, field.default, field.min, field.max) for field in loras.fields] == [
        ("path", "text", None, None, None),
        ("scale", "number", 1, 0, 4),
    ]


def test_a_model_that_edits_several_images() -> None:
    model = sample("google/nano-banana-pro/edit")
    images = model.option("images")
    assert images
    assert (images.type, images.accept, images.max_items, images.required) == ("media", ("image",), 14, True)
    assert shape(model.options, advanced=False) == [
        ("images", "media"), ("aspect_ratio", "aspect_ratio"), ("resolution", "choice"),
    ]  # fmt: skip


def test_a_video_model_with_durations_to_choose_from() -> None:
    duration = sample("alibaba/wan-2.5/text-to-video").option("duration")
    assert duration
    assert (duration.type, [choice.value for choice in duration.choices], duration.default, duration.unit) == (
        "duration", [5, 10], 5, "s",
    )  # fmt: skip


def test_references_of_every_kind() -> None:
    model = sample("wavespeed-ai/minimax-h3/reference-to-video")
    found = [(option.name, option.accept, option.max_items) for option in model.options if option.type == "media"]
    assert found == [
        ("reference_images", ("image",), 9), ("reference_videos", ("video",), 3), ("reference_audios", ("audio",), 3),
    ]  # fmt: skip


def test_a_model_that_has_no_place_for_a_prompt() -> None:
    for model_id, kind in (("wavespeed-ai/image-upscaler", "image"), ("wavespeed-ai/video-upscaler", "video")):
        model = sample(model_id)
        assert (model.kind, model.needs_prompt, model.takes_prompt) == (kind, False, False)


def test_speech_has_its_text_as_an_option() -> None:
    model = sample("minimax/speech-02-hd")
    text = model.option("text")
    assert text
    assert (model.kind, model.takes_prompt) == ("audio", False)
    assert (text.type, text.required, text.advanced, text.max) == ("text", True, False, 10000)


@pytest.mark.parametrize("name", ["prompt", "enable_sync_mode", "enable_base64_output", "webhook_url", "webhook"])
def test_what_is_never_offered(name: str) -> None:
    assert one(fields={name: {"type": "string"}, "style": {"type": "string"}}, required=(name,)).option(name) is None


def test_a_field_of_the_name_that_ours_has_is_left_out() -> None:
    model = one(fields={"prompt": {"type": "string"}, "parameters": {"type": "object"}})
    assert model.options == ()


def test_a_prompt_of_another_shape_is_an_option_like_any_other() -> None:
    model = one(fields={"prompt": {"type": "array", "items": {"type": "string"}}}, required=("prompt",))
    assert (model.takes_prompt, model.needs_prompt) == (False, False)
    assert shape(model.options, advanced=False) == [("prompt", "list")]


def test_what_is_required_is_never_behind_more_and_little_else_is_before_it() -> None:
    fields = {f"image_{n}_url": {"type": "string", "x-accept": "image/*"} for n in range(9)}
    model = one(fields={**fields, "style": {"type": "string"}}, required=("style", "image_8_url"))
    main = [option.name for option in model.options if not option.advanced]
    assert main == [*list(fields)[:MAX_MAIN], "image_8_url", "style"]


def test_what_is_hidden_stands_behind_more() -> None:
    size = one(fields={"size": {"type": "string", "x-hidden": True}}, required=("size",)).option("size")
    assert size
    assert (size.advanced, size.required) == (True, False)


# -- What it makes -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("task", "model_id", "kind"),
    [
        ("text-to-image", "a/b", "image"),
        ("image-to-image", "a/b", "image"),
        ("text-to-video", "a/b", "video"),
        ("image-to-video", "a/b", "video"),
        ("video-to-video", "a/b", "video"),
        ("reference-to-video", "a/b", "video"),
        ("audio-to-video", "a/b", "video"),
        ("text-to-audio", "a/b", "audio"),
        ("video-to-audio", "a/b", "audio"),
        ("text-to-speech", "a/b", "audio"),
        ("text-to-music", "a/b", "audio"),
        ("Text-To-Image", "a/b", "image"),
        ("video-effects", "a/b", "video"),
        ("image-effects", "a/b", "image"),
        ("digital-human", "a/b", "video"),
        ("lipsync", "a/b", "video"),
        ("motion-control", "a/b", "video"),
        ("", "a/b/text-to-video", "video"),
        ("", "a/wan-2.1/i2v-720p", "video"),
        ("other", "a/qwen-image/edit", "image"),
        ("upscaler", "a/video-upscaler", "video"),
    ],
)
def test_what_it_makes_is_read_from_its_type_then_its_id(task: str, model_id: str, kind: str) -> None:
    model = one(model_id, task)
    assert (model.kind, model.available, model.unavailable_reason) == (kind, True, "")


@pytest.mark.parametrize(("media", "kind"), [("image", "image"), ("video", "video"), ("audio", "audio")])
def test_what_says_nothing_gives_back_what_it_takes(media: str, kind: str) -> None:
    assert one("a/enhance", "enhancer", {media: {"type": "string"}}).kind == kind


@pytest.mark.parametrize(
    ("task", "what"),
    [("text-to-3d", "3D models"), ("image-to-3d", "3D models"), ("image-to-text", "text"), ("llm", "text"),
     ("training", "trained weights"), ("image-lora-trainer", "trained weights"), ("content-moderation", "text"),
     ("text-to-embedding", "numbers")],
)  # fmt: skip
def test_what_studio_cannot_show_is_listed_and_says_so(task: str, what: str) -> None:
    model = one("a/image-thing", task)
    assert (model.available, model.unavailable_reason) == (False, f"It makes {what}, which Studio cannot show.")


def test_what_nobody_can_tell_is_listed_and_says_so() -> None:
    model = one("a/b", "")
    assert (model.available, model.unavailable_reason) == (False, "WaveSpeedAI does not say what it makes.")


# -- Rows --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "model_id", "shown"),
    [("maker/model", "maker/model", "model"), ("", "maker/model/fast", "model/fast"), (None, "flux", "flux"),
     (7, "maker/model", "model"), ("A Model", "maker/model", "A Model"), ("x" * 300, "a/b", "x" * 200)],
)  # fmt: skip
def test_a_name_is_for_people(name: Json, model_id: str, shown: str) -> None:
    assert one(model_id, name=name).name == shown


def test_a_model_without_a_maker_has_none() -> None:
    assert one("flux").maker == ""


@pytest.mark.parametrize("price", [0, None, "", "free", -1, True, {}, float("1e13")])
def test_a_price_that_is_none_is_none(price: Json) -> None:
    assert one(base_price=price).price is None


def test_the_most_popular_come_first_and_equals_as_they_are_listed() -> None:
    orders = {"a": 5, "b": None, "c": 900, "d": "first", "e": 5.5}
    found = read([row(name, "text-to-image", 1, {}, (), sort_order=order) for name, order in orders.items()])
    assert [model.id for model in found] == ["c", "e", "a", "b", "d"]


def test_of_two_rows_with_one_id_the_first_counts() -> None:
    rows = [row("a/b", "text-to-image", 1, {}, (), name=name) for name in ("First", "Second")]
    assert [model.name for model in read(rows)] == ["First"]


def test_odd_rows_are_left_out_or_asked_for_by_hand() -> None:
    models = {model.id: model for model in read([*SAMPLES, *NASTY])}
    assert set(models) - {model["model_id"] for model in SAMPLES} == {
        "odd/no-schema", "odd/schema-of-text", "odd/no-type", "odd/fields",
    }  # fmt: skip
    for name in ("odd/no-schema", "odd/schema-of-text"):
        assert models[name].options == (PARAMETERS,)
        assert (models[name].needs_prompt, models[name].takes_prompt) == (False, True)
    assert shape(models["odd/fields"].options, advanced=True) == [
        ("many", "json"), ("words", "list"), ("anything", "json"), ("either", "json"), ("maybe", "integer"),
        ("object", "json"), ("choice", "choice"),
    ]  # fmt: skip


def test_the_schema_that_runs_the_model_counts() -> None:
    entry = row("a/b", "text-to-image", 1, {"style": {"type": "string"}}, ())
    schemas = entry["api_schema"]["api_schemas"]
    schemas.insert(0, {"type": "other", "request_schema": {"properties": {"wrong": {"type": "string"}}}})
    assert [option.name for option in read([entry])[0].options] == ["style"]
    schemas[1]["type"] = "another"
    assert [option.name for option in read([entry])[0].options] == ["wrong"]


def test_lists_come_wrapped_or_bare() -> None:
    for payload in (SAMPLES, {"data": SAMPLES}, {"code": 200, "message": "success", "data": SAMPLES}):
        assert len(read(payload)) == len(SAMPLES)


@pytest.mark.parametrize("odd", [None, 7, "text", {}, [], [None], {"data": None}])
def test_a_catalogue_of_odd_payloads_is_empty(odd: Json) -> None:
    assert read(odd) == []
    assert wavespeed.parse_catalogue({}) == []


def test_an_answer_that_is_no_list_is_not_kept() -> None:
    good = Response(200, b'{"code": 200, "message": "success", "data": [{"model_id": "a/b"}]}')
    assert wavespeed.parse_answer(good) == [{"model_id": "a/b"}]
    for body, kind in ((b'{"code": 401, "message": "no"}', "invalid_key"), (b'{"code": 200, "data": {}}', "malformed")):
        with pytest.raises(ProviderError) as caught:
            wavespeed.parse_answer(Response(200, body))
        assert caught.value.kind == kind


def test_hundreds_of_models_are_read() -> None:
    models = read(catalogue(800))
    assert len(models) > 780
    assert len({model.id for model in models}) == len(models)
    assert all(model.options or model.takes_prompt for model in models)
    assert HIDDEN["model_id"] not in {model.id for model in models}


ODD: list[Json] = [None, True, -1, "", "x", [], [None], {}, {"type": "model_run"},
                   [{"request_schema": {"properties": 7}}],
                   {"api_schemas": [{"request_schema": {"properties": {"x": {}}, "required": {}}}]}]  # fmt: skip


def test_no_row_whatever_it_says_breaks_the_catalogue() -> None:
    good = row("a/b", "text-to-image", 1, {"prompt": {"type": "string"}})
    for (one_name, other), (first, second) in itertools.product(
        itertools.combinations(good, 2), itertools.product(ODD, ODD)
    ):
        for model in read([{**good, one_name: first, other: second}, good]):
            assert model.id in ("a/b", "x")
            assert model.name
            assert model.available or model.unavailable_reason
