"""What each model of the Nano Banana API takes and costs, by its public tables; which there are, its live list says.

A model that the tables do not know has the common fields, none of them sent unless it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from studio.providers.base import Choice, Json, Kind, Option

FEW_RATIOS = ("1:1", "3:4", "4:3", "9:16", "16:9")
MANY_RATIOS = ("1:1", "3:2", "2:3", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
WIDE, WIDE_SQUARE = ("16:9", "9:16"), ("16:9", "9:16", "1:1")

HD = 2  # credits more for each image of quality "hd"


@dataclass(frozen=True, slots=True)
class ImageModel:
    """A row of the table of image models: credits for one image, from a text and from an image.

    `resolutions` are its own with the credits that each adds; one without takes no resolution.
    """

    id: str
    name: str
    maker: str
    from_text: int
    from_image: int
    ratios: tuple[str, ...] = FEW_RATIOS
    resolutions: Mapping[str, int] = field(default_factory=dict)
    subscription: bool = False
    kind: Kind = "image"

    @property
    def options(self) -> tuple[Option, ...]:
        resolutions = tuple(self.resolutions)
        resolution = _resolution(resolutions, resolutions[0]) if resolutions else None
        return _image_options(self.ratios, resolution, known=True)

    @property
    def description(self) -> str:
        return ""

    def credits(self, settings: Mapping[str, Json]) -> int | None:
        """By the table, for all images of a job; None for what the table does not price."""
        extra = self.resolutions.get(settings.get("resolution") or "1K", None if self.resolutions else 0)
        count = settings.get("num_images", 1)
        if extra is None or isinstance(count, bool) or not isinstance(count, int) or count < 1:
            return None
        base = self.from_image if settings.get("image_url") else self.from_text
        return (base + extra + (HD if settings.get("quality") == "hd" else 0)) * count


Audio = Literal["yes", "no", "always"]


@dataclass(frozen=True, slots=True)
class VideoModel:
    """A row of the table of video models: `prices` in credits by resolution, audio and seconds, where it has them."""

    id: str
    name: str
    maker: str
    resolutions: tuple[str, ...]
    ratios: tuple[str, ...]
    durations: tuple[int, ...]
    audio: Audio = "yes"
    subscription: bool = False
    prices: Mapping[tuple[str, bool], Mapping[int, int]] = field(default_factory=dict)
    kind: Kind = "video"

    @property
    def options(self) -> tuple[Option, ...]:
        return (
            _image(TO_FOLLOW),
            _ratio(self.ratios, "16:9"),
            _resolution(self.resolutions, "720p"),
            Option(
                "duration",
                "duration",
                "Duration",
                self.description,
                tuple(Choice(seconds, str(seconds)) for seconds in self.durations),
                8 if 8 in self.durations else self.durations[0],
                unit="s",
            ),
            *((_audio("Makes sound with the clip.", default=True),) if self.audio == "yes" else ()),
            NEGATIVE_PROMPT,
        )

    @property
    def description(self) -> str:
        return {"yes": "", "no": "Clips without sound.", "always": "Clips always have sound."}[self.audio]

    def credits(self, settings: Mapping[str, Json]) -> int | None:
        """By the table; None for what the table does not price."""
        row = self.prices.get((settings.get("resolution") or "", settings.get("generate_audio") is True), {})
        return row.get(settings.get("duration") or 0)


Model = ImageModel | VideoModel


TO_CHANGE = "With an image, the prompt says what to make of it; without one, a new image is made."
TO_FOLLOW = "A picture that the clip is to follow; without one, it is made from the prompt alone."
NEGATIVE_PROMPT = Option("negative_prompt", "text", "Negative prompt", help="What to avoid.", max=2000, advanced=True)
COUNTS = (1, 2, 3, 4)


def _choices(values: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(value, value) for value in values)


def _image(help: str) -> Option:
    return Option("image_url", "media", "Image", help, accept=("image",))


def _ratio(ratios: tuple[str, ...], default: str | None = None) -> Option:
    return Option("aspect_ratio", "aspect_ratio", "Aspect ratio", choices=_choices(ratios), default=default)


def _resolution(resolutions: tuple[str, ...], default: str | None = None) -> Option:
    return Option("resolution", "choice", "Resolution", choices=_choices(resolutions), default=default)


def _audio(help: str, *, default: bool | None = None) -> Option:
    return Option("generate_audio", "boolean", "Sound", help, default=default)


def _image_options(ratios: tuple[str, ...], resolution: Option | None, *, known: bool) -> tuple[Option, ...]:
    """`known`: its table says what it takes, so that a default can be sent."""
    qualities = (Choice("standard", "Standard"), Choice("hd", "HD"))
    formats = (Choice("png", "PNG"), Choice("jpeg", "JPEG"))
    return (
        _image(TO_CHANGE),
        _ratio(ratios),
        *((resolution,) if resolution else ()),
        Option(
            "num_images", "choice", "Images in one job", choices=tuple(Choice(n, str(n)) for n in COUNTS), default=1
        ),
        Option("quality", "choice", "Quality", choices=qualities, default="standard" if known else None),
        Option("output_format", "choice", "Format", choices=formats, default="png" if known else None, advanced=True),
    )


# What the inline lists of the reference name, for a model that its tables do not know yet.
COMMON: Mapping[Kind, tuple[Option, ...]] = {
    "image": _image_options(FEW_RATIOS, _resolution(("1K", "2K", "4K")), known=False),
    "video": (
        _image(TO_FOLLOW),
        _ratio(WIDE),
        _resolution(("720p", "1080p")),
        Option("duration", "duration", "Duration", "Left alone, the model chooses.", min=1, max=60, step=1, unit="s"),
        _audio("Makes sound with the clip, if the model can."),
        NEGATIVE_PROMPT,
    ),
}

_VEO_FAST = {
    ("720p", False): {4: 10, 6: 15, 8: 20},
    ("720p", True): {4: 15, 6: 20, 8: 30},
    ("1080p", False): {4: 15, 6: 20, 8: 25},
    ("1080p", True): {4: 20, 6: 25, 8: 35},
}

MODELS: Mapping[str, Model] = {
    model.id: model
    for model in (
        ImageModel("nano-banana", "Nano Banana", "Google", 1, 2),
        ImageModel("nano-banana-pro", "Nano Banana Pro", "Google", 6, 6, MANY_RATIOS, {"1K": 0, "2K": 0, "4K": 14}),
        ImageModel("nano-banana-2", "Nano Banana 2", "Google", 4, 8, MANY_RATIOS, {"1K": 0, "2K": 4, "4K": 14}, True),
        ImageModel("seedream4", "SeeDream 4", "ByteDance", 4, 4, subscription=True),
        VideoModel("veo-3.1-fast", "VEO 3.1 Fast", "Google", ("720p", "1080p"), WIDE, (4, 6, 8), prices=_VEO_FAST),
        VideoModel("veo-3.1", "VEO 3.1", "Google", ("720p", "1080p"), WIDE, (4, 6, 8)),
        VideoModel("seedance-1.5-fast", "Seedance 1.5 Fast", "ByteDance", ("720p", "1080p"), WIDE_SQUARE, (4, 8, 12)),
        VideoModel("seedance-1.5", "Seedance 1.5 Pro", "ByteDance", ("720p", "1080p"), WIDE_SQUARE, (4, 8, 12)),
        VideoModel("seedance-2.0", "Seedance 2.0", "ByteDance", ("480p", "720p"), (*WIDE_SQUARE, "4:3"), (5, 10, 15)),
        VideoModel("wan-2.5", "Wan 2.5", "Alibaba", ("480p", "720p", "1080p"), WIDE, (5, 10), "no"),
        VideoModel("sora-2", "Sora 2", "OpenAI", ("720p",), WIDE, (4, 8, 12), "always"),
        VideoModel("sora-2-pro", "Sora 2 Pro", "OpenAI", ("720p", "1080p"), WIDE, (4, 8, 12), "always"),
        VideoModel("kling-o3-std", "Kling O3", "Kuaishou", ("720p",), WIDE_SQUARE, (5, 10)),
        VideoModel("kling-o3-pro", "Kling O3 Pro", "Kuaishou", ("720p",), WIDE_SQUARE, (5, 10)),
        VideoModel("grok-video", "Grok Video", "xAI", ("480p", "720p"), WIDE_SQUARE, (6, 10), "no"),
    )
}


def known(model_id: str, kind: Kind) -> Model | None:
    """Its row, if there is one and it is of that kind."""
    model = MODELS.get(model_id)
    return model if model and model.kind == kind else None


def options(model_id: str, kind: Kind) -> tuple[Option, ...]:
    model = known(model_id, kind)
    return model.options if model else COMMON[kind]
