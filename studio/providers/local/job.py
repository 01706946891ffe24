"""What to render, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from .engines import engine_named, image_size, preset_named, video_size

# Called with the share that is done, 0 to 1, never falling. It may raise to cancel.
Progress = Callable[[float], None]

FRAME_RATE = 24


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One picture or clip, checked. `width` and `height` are in pixels; `format` is png, jpeg, webp or mp4."""

    type: str
    prompt: str
    negative_prompt: str
    preset: str
    seed: int
    width: int
    height: int
    format: str
    duration_sec: float = 0.0
    sound: bool = False
    image: str = ""  # a data: URI of the picture to follow, or nothing

    @classmethod
    def checked(cls, engine: str, inputs: Mapping[str, object], preset: str | None = None) -> Self:
        """A job from an engine's inputs, with its defaults; seed 0 when there is none. Raises BadInputError."""
        chosen = engine_named(engine)
        values = chosen.check(inputs)
        ratio = str(values["aspect_ratio"])
        if chosen.type == "image":
            width, height = image_size(ratio, int(values["size"]))
        else:
            width, height = video_size(ratio, str(values["resolution"]))
        return cls(
            type=chosen.type,
            prompt=str(values["prompt"]),
            negative_prompt=str(values["negative_prompt"]),
            preset=preset_named(preset),
            seed=int(values.get("seed", 0)),
            width=width,
            height=height,
            format=str(values.get("format", "mp4")),
            duration_sec=float(values.get("duration_sec", 0)),
            sound=bool(values.get("sound", False)),
            image=str(values.get("image", "")),
        )

    @property
    def file_name(self) -> str:
        return f"{self.type}.{'jpg' if self.format == 'jpeg' else self.format}"


@dataclass(frozen=True, slots=True)
class RenderResult:
    """A finished file: its size in pixels, its bytes, its length in seconds (0 for pictures)."""

    width: int
    height: int
    bytes: int
    duration_sec: float = 0.0
