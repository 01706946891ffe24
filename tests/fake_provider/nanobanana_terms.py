"""What the Nano Banana API of the fake provider takes, and what it truly asks for it.

Prices are its own, and not those of the published table: two images of nano-banana-pro at 2K are 16 credits, as its
public reference says elsewhere.
"""

from __future__ import annotations

import math
from typing import Any

FEW = ("1:1", "3:4", "4:3", "9:16", "16:9")
MANY = (*FEW, "3:2", "2:3", "4:5", "5:4", "21:9")

# Name, credits from a text, from an image, each resolution and what it adds, ratios, whether it needs a subscription.
IMAGES: dict[str, tuple[str, int, int, dict[str, int], tuple[str, ...], bool]] = {
    "nano-banana": ("Nano Banana", 1, 2, {}, FEW, False),
    "nano-banana-pro": ("Nano Banana Pro", 6, 6, {"1K": 0, "2K": 2, "4K": 14}, MANY, False),
    "nano-banana-2": ("Nano Banana 2", 4, 8, {"1K": 0, "2K": 4, "4K": 14}, MANY, True),
    "seedream4": ("SeeDream 4", 4, 4, {}, FEW, True),
    "gpt-image-2": ("GPT Image 2", 5, 5, {"1K": 0, "2K": 1, "4K": 2}, FEW, False),  # in no table
}
# Name, credits for a second at 720p without sound, resolutions, ratios, seconds, whether sound can be asked for.
VIDEOS: dict[str, tuple[str, float, tuple[str, ...], tuple[str, ...], tuple[int, ...], bool]] = {
    "veo-3.1-fast": ("VEO 3.1 Fast", 1.25, ("720p", "1080p"), ("16:9", "9:16"), (4, 6, 8), True),
    "veo-3.1": ("VEO 3.1", 5, ("720p", "1080p"), ("16:9", "9:16"), (4, 6, 8), True),
    "seedance-1.5-fast": ("Seedance 1.5 Fast", 1, ("720p", "1080p"), ("16:9", "9:16", "1:1"), (4, 8, 12), True),
    "seedance-1.5": ("Seedance 1.5 Pro", 2, ("720p", "1080p"), ("16:9", "9:16", "1:1"), (4, 8, 12), True),
    "seedance-2.0": ("Seedance 2.0", 3, ("480p", "720p"), ("16:9", "9:16", "1:1", "4:3"), (5, 10, 15), True),
    "wan-2.5": ("Wan 2.5", 2, ("480p", "720p", "1080p"), ("16:9", "9:16"), (5, 10), False),
    "sora-2": ("Sora 2", 3, ("720p",), ("16:9", "9:16"), (4, 8, 12), False),
    "sora-2-pro": ("Sora 2 Pro", 6, ("720p", "1080p"), ("16:9", "9:16"), (4, 8, 12), False),
    "kling-o3-std": ("Kling O3", 2, ("720p",), ("16:9", "9:16", "1:1"), (5, 10), True),
    "kling-o3-pro": ("Kling O3 Pro", 4, ("720p",), ("16:9", "9:16", "1:1"), (5, 10), True),
    "grok-video": ("Grok Video", 2, ("480p", "720p"), ("16:9", "9:16", "1:1"), (6, 10), False),
}
FINER = {"480p": 0.5, "720p": 1.0, "1080p": 1.5}
IMAGE_FIELDS = frozenset(
    {"prompt", "mode", "model", "image_url", "aspect_ratio", "resolution", "num_images", "quality", "output_format"}
)
VIDEO_FIELDS = frozenset(
    {"prompt", "model_id", "aspect_ratio", "duration", "resolution", "image_url", "generate_audio", "negative_prompt"}
)


def row(kind: str, asked: dict[str, Any]) -> Any:
    """The model's, or None."""
    model = asked.get("model", "nano-banana") if kind == "image" else asked.get("model_id", "")
    return (IMAGES if kind == "image" else VIDEOS).get(model)


def needs_subscription(kind: str, asked: dict[str, Any]) -> bool:
    return kind == "image" and bool(row(kind, asked)[5])


def wrong(kind: str, asked: dict[str, Any]) -> list[str]:
    """What the model does not take."""
    model, image = row(kind, asked), asked.get("image_url")
    found = [
        f"unknown field {name}" for name in sorted(asked.keys() - (IMAGE_FIELDS if kind == "image" else VIDEO_FIELDS))
    ]
    if image is not None and not str(image).startswith(("https://", "http://")):
        found.append("image_url is no address")
    if kind == "image" and (asked.get("mode", "text") == "image") != (image is not None):
        found.append("mode image and image_url go together")
    allowed = _image(model) if kind == "image" else _video(model)
    return found + [
        f"{name} {asked[name]!r}" for name, values in allowed.items() if name in asked and asked[name] not in values
    ]


def price(kind: str, asked: dict[str, Any]) -> int:
    model = row(kind, asked)
    if kind == "image":
        _, text, image, extras, _, _ = model
        each = (image if asked.get("mode") == "image" else text) + extras.get(asked.get("resolution"), 0)
        return int((each + (2 if asked.get("quality") == "hd" else 0)) * asked.get("num_images", 1))
    _, second, _, _, seconds, sounds = model
    sound = 1.5 if sounds and asked.get("generate_audio") else 1
    return math.ceil(second * asked.get("duration", seconds[0]) * FINER[asked.get("resolution", "720p")] * sound)


def _image(model: Any) -> dict[str, tuple[Any, ...]]:
    return {
        "mode": ("text", "image"),
        "resolution": tuple(model[3]),
        "aspect_ratio": model[4],
        "num_images": (1, 2, 3, 4),
        "quality": ("standard", "hd"),
        "output_format": ("png", "jpeg"),
    }


def _video(model: Any) -> dict[str, tuple[Any, ...]]:
    return {
        "resolution": model[2],
        "aspect_ratio": model[3],
        "duration": model[4],
        "generate_audio": (True, False) if model[5] else (),
    }
