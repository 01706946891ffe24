"""A catalogue as WaveSpeedAI's is: models of every type, some of them odd, and as many more as are wanted."""

from __future__ import annotations

import copy
from typing import Any

Row = dict[str, Any]

PROMPT = {"type": "string", "description": "The positive prompt for the generation."}
NEGATIVE = {"type": "string", "description": "The negative prompt for the generation."}
SEED = {
    "type": "integer",
    "description": "The random seed to use for the generation. -1 means a random seed will be used.",
    "minimum": -1,
    "maximum": 2147483647,
    "default": -1,
}
IMAGE = {"type": "string", "description": "The image for generating the output.", "x-ui-component": "uploader"}
SYNC = {"type": "boolean", "description": "Wait for the result.", "default": False, "disabled": True}
BASE64 = {"type": "boolean", "description": "Answer with BASE64.", "default": False}
LORAS = {
    "type": "array",
    "description": "List of LoRAs to apply (max 3).",
    "maxItems": 3,
    "x-ui-component": "loras",
    "items": {
        "type": "object",
        "required": ["path", "scale"],
        "properties": {
            "path": {"type": "string", "description": "Path to the LoRA model"},
            "scale": {
                "type": "number",
                "description": "Scale of the LoRA model",
                "minimum": 0,
                "maximum": 4,
                "default": 1,
            },
        },
    },
}


def row(
    model_id: str, task: str, price: Any, fields: dict[str, Any], required: tuple[str, ...] = ("prompt",), **more: Any
) -> Row:
    schema = {
        "type": "object",
        "title": model_id,
        "required": list(required),
        "properties": fields,
        "x-order-properties": list(fields),
    }
    return {
        "model_id": model_id,
        "name": model_id,
        "description": f"{model_id.split('/')[-1]} makes things by {task}.",
        "type": task,
        "base_price": price,
        "formula": "",
        "sort_order": 0,
        "api_schema": {
            "api_schemas": [
                {
                    "type": "model_run",
                    "method": "POST",
                    "server": "https://api.wavespeed.ai",
                    "api_path": f"/api/v3/{model_id}",
                    "request_schema": schema,
                }
            ]
        },
        **more,
    }


def _size(default: str = "1024*1024") -> dict[str, Any]:
    return {"type": "string", "description": "The size of the generated media in pixels (width*height).",
            "default": default, "minimum": 256, "maximum": 1536}  # fmt: skip


FLUX = {
    "prompt": PROMPT,
    "image": {"type": "string", "description": "The image to generate an image from."},
    "mask_image": {"type": "string", "description": "The mask image tells the model where to generate new pixels."},
    "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.8, "x-ui-component": "slider"},
    "size": _size(),
    "num_inference_steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 28},
    "seed": SEED,
    "guidance_scale": {"type": "number", "minimum": 1, "maximum": 20, "default": 3.5, "multipleOf": 0.1},
    "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
    "output_format": {"type": "string", "enum": ["jpeg", "png", "webp"], "default": "jpeg"},
    "enable_base64_output": BASE64,
    "enable_sync_mode": SYNC,
}
SEEDANCE = {
    "image": IMAGE,
    "prompt": PROMPT,
    "last_image": {"type": "string", "description": "The last frame."},
    "aspect_ratio": {"type": "string", "enum": ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"], "default": "16:9"},
    "resolution": {"type": "string", "enum": ["480p", "720p", "1080p"], "default": "720p"},
    "duration": {"type": "integer", "minimum": 4, "maximum": 12, "default": 5, "x-ui-component": "slider"},
    "generate_audio": {"type": "boolean", "default": True},
    "camera_fixed": {"type": "boolean", "default": False},
    "seed": SEED,
}
SAMPLES: list[Row] = [
    row("wavespeed-ai/flux-dev", "text-to-image", 0.012, FLUX, sort_order=900),
    row("wavespeed-ai/flux-dev-lora", "text-to-image", 0.015, {**FLUX, "loras": LORAS}, sort_order=800),
    row(
        "google/nano-banana-pro/edit",
        "image-to-image",
        0.14,
        {
            "images": {"type": "array", "description": "The images to edit.", "maxItems": 14, "minItems": 1,
                       "items": {"type": "string"}, "x-ui-component": "uploaders"},
            "prompt": PROMPT,
            "aspect_ratio": {"type": "string", "enum": ["1:1", "3:2", "2:3", "16:9", "9:16", "21:9"]},
            "resolution": {"type": "string", "enum": ["1k", "2k", "4k"], "default": "1k"},
            "output_format": {"type": "string", "enum": ["png", "jpeg"], "default": "png"},
            "enable_sync_mode": SYNC,
            "enable_base64_output": BASE64,
        },
        ("prompt", "images"),
        sort_order=850,
    ),
    row("bytedance/seedance-v1.5-pro/image-to-video", "image-to-video", 0.26, SEEDANCE, ("image", "prompt"),
        sort_order=700),
    row(
        "alibaba/wan-2.5/text-to-video",
        "text-to-video",
        0.25,
        {
            "prompt": PROMPT,
            "negative_prompt": NEGATIVE,
            "audio": {"type": "string", "description": "Audio URL to guide generation (optional)."},
            "size": {"type": "string", "enum": ["832*480", "480*832", "1280*720", "720*1280"], "default": "1280*720"},
            "duration": {"type": "integer", "enum": ["5", "10"], "default": 5},
            "enable_prompt_expansion": {"type": "boolean", "default": False},
            "seed": SEED,
        },
        sort_order=690,
    ),
    row(
        "kwaivgi/kling-v2.1-i2v-pro/start-end-frame",
        "image-to-video",
        0.45,
        {
            "image": IMAGE,
            "end_image": {"type": "string", "description": "Tail frame image.", "format": "uri"},
            "prompt": {**PROMPT, "maxLength": 2500},
            "negative_prompt": {**NEGATIVE, "maxLength": 2500},
            "guidance_scale": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
            "duration": {"type": "string", "enum": ["5", "10"], "default": "5"},
        },
        ("image", "end_image"),
        sort_order=600,
    ),
    row(
        "wavespeed-ai/minimax-h3/reference-to-video",
        "reference-to-video",
        0.25,
        {
            "prompt": PROMPT,
            "reference_images": {"type": "array", "items": {"type": "string"}, "maxItems": 9,
                                 "x-ui-component": "uploaders", "x-ui-component-props": {"accept": "image/*"}},
            "reference_videos": {"type": "array", "items": {"type": "string"}, "maxItems": 3,
                                 "x-ui-component": "uploaders", "x-ui-component-props": {"accept": "video/*"}},
            "reference_audios": {"type": "array", "items": {"type": "string"}, "maxItems": 3,
                                 "x-ui-component": "uploaders", "x-ui-component-props": {"accept": "audio/*"}},
            "resolution": {"type": "string", "enum": ["480p", "768p"], "default": "480p"},
        },
    ),
    row(
        "wavespeed-ai/image-upscaler",
        "upscaler",
        0.01,
        {
            "image": {"type": "string", "x-ui-component": "uploader", "x-ui-component-props": {"accept": "image/*"}},
            "target_resolution": {"type": "string", "enum": ["2k", "4k", "8k"], "default": "4k"},
        },
        ("image",),
        sort_order=500,
    ),
    row("wavespeed-ai/video-upscaler", "upscaler", 0.02, {"video": {"type": "string"}}, ("video",)),
    row(
        "wavespeed-ai/infinitetalk",
        "digital-human",
        0.15,
        {"audio": {"type": "string"}, "image": IMAGE, "mask_image": {"type": "string"}, "prompt": PROMPT, "seed": SEED},
        ("audio", "image"),
    ),
    row(
        "minimax/speech-02-hd",
        "text-to-audio",
        0.05,
        {
            "text": {"type": "string", "description": "Text to convert to speech.", "maxLength": 10000},
            "voice_id": {"type": "string", "enum": ["Wise_Woman", "Deep_Voice_Man"], "default": "Wise_Woman"},
            "speed": {"type": "number", "minimum": 0.5, "maximum": 2, "default": 1},
            "english_normalization": {"type": "boolean", "default": False},
        },
        ("text", "voice_id"),
    ),
    row("wavespeed-ai/hunyuan3d-v2", "image-to-3d", 0.02, {"image": IMAGE}, ("image",)),
    row(
        "wavespeed-ai/z-image-lora-trainer",
        "training",
        2.0,
        {"data": {"type": "string", "x-ui-component": "uploader", "x-accept": "application/zip"},
         "steps": {"type": "integer", "default": 1000}},
        ("data",),
    ),
]  # fmt: skip

# What a catalogue may hold one day: each is left out, or still asked for by some form.
NASTY: list[Any] = [
    None,
    "wavespeed-ai/only-a-name",
    {},
    {"model_id": None},
    {"model_id": "predictions/delete", "type": "text-to-image"},
    {"model_id": "../../v2/secrets", "type": "text-to-image"},
    {"model_id": "odd/no-schema", "name": 7, "type": "text-to-image", "base_price": "free", "api_schema": None},
    {"model_id": "odd/schema-of-text", "type": "text-to-video", "api_schema": {"api_schemas": ["POST"]}},
    row("odd/no-type", "", None, {"prompt": PROMPT}, sort_order="first"),
    row(
        "odd/fields",
        "text-to-image",
        0.5,
        {
            "prompt": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "many": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            "words": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
            "anything": {},
            "either": {"oneOf": [{"type": "integer"}, {"type": "string", "enum": ["auto"]}]},
            "maybe": {"type": ["integer", "null"], "minimum": 9, "maximum": 3, "default": "soon"},
            "object": {"type": "object", "properties": {"x": {"type": "number"}}},
            "enum of nothing": {"type": "string", "enum": []},
            "choice": {"type": "number", "enum": [0.5, 1, None, "2.5", True]},
            "nothing": None,
            "parameters": {"type": "string"},
            "webhook_url": {"type": "string"},
        },
        (),
    ),
]
HIDDEN = row("wavespeed-ai/not-in-the-catalogue", "text-to-image", 0.02, FLUX, ())
_TURNS = (0, 3, 2, 4, 1, 5, 7)  # of the samples that further models are like


def catalogue(count: int) -> list[Any]:
    """The samples and the odd ones, and more models until there are `count` rows."""
    rows: list[Any] = [*SAMPLES, *NASTY]
    for number in range(count - len(rows)):
        like = SAMPLES[_TURNS[number % len(_TURNS)]]
        maker = f"maker-{number % 23}"
        model_id = f"{maker}/model-{number}/{like['type']}"
        rows.append(
            {**copy.copy(like), "model_id": model_id, "name": model_id, "base_price": 0.001 * (number % 400 + 1)}
        )
    return rows
