"""The two engines, what they accept, and the presets. Needs no numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .options import BadInputError, Option, Value

RATIOS: Final = ("1:1", "4:5", "3:2", "2:3", "3:4", "4:3", "16:9", "9:16", "21:9")
PROMPT = Option("prompt", "text", None, "What to paint, in English words", max=4000)
NEGATIVE = Option("negative_prompt", "text", "", "What to leave out", max=4000)
IMAGE = Option("image", "image", None, "A picture to follow in palette and layout, as a data: URI", max=1_500_000)
SEED = Option("seed", "integer", None, "The same prompt and seed give the same result", min=0, max=2**32 - 1)


@dataclass(frozen=True, slots=True)
class Engine:
    """One of the engines: `type` is image or video, `unit` what its (free) price would count."""

    engine: str
    name: str
    type: str
    unit: str
    description: str
    options: tuple[Option, ...]

    def check(self, inputs: Mapping[str, object]) -> dict[str, Value]:
        """All inputs, with defaults for what is missing or None; only the seed may stay out. Raises BadInputError."""
        known = {option.name: option for option in self.options}
        for name in inputs:
            if name not in known:
                raise BadInputError(f"{self.engine} has no input {name!r}.")
        prompt = inputs.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise BadInputError("Write a prompt: a few words on what to paint.")
        checked: dict[str, Value] = {}
        for name, option in known.items():
            value = inputs.get(name)
            if value is not None:
                checked[name] = option.check(value)
            elif option.default is not None:
                checked[name] = option.default
        return checked


ENGINES: Final = {
    "local-paint": Engine(
        "local-paint", "Studio Paint", "image", "image",
        "Paints scenes from words on this machine. Procedural, no AI model. Free.",
        (
            PROMPT,
            NEGATIVE,
            IMAGE,
            Option("aspect_ratio", "choice", "16:9", "Width to height", choices=RATIOS),
            Option("size", "integer", 1024, "The longer side", min=256, max=2048, unit="px"),
            Option("format", "choice", "png", "The kind of file", choices=("png", "jpeg", "webp")),
            SEED,
        ),
    ),
    "local-motion": Engine(
        "local-motion", "Studio Motion", "video", "second",
        "Sets the painted scene in motion on this machine. Procedural, no AI model. Free.",
        (
            PROMPT,
            NEGATIVE,
            IMAGE,
            Option("aspect_ratio", "choice", "16:9", "Width to height", choices=("16:9", "9:16", "1:1")),
            Option("duration_sec", "number", 4.0, "Length", min=2, max=8, unit="s"),
            Option("resolution", "choice", "720p", "The shorter side", choices=("720p", "1080p")),
            Option("sound", "boolean", False, "Ambient sound that fits the scene"),
            SEED,
        ),
    ),
}  # fmt: skip

PRESETS: Final = {
    "natural": "The scene's own colours",
    "cinematic": "Deep contrast, teal shadows, warm light",
    "film": "Faded blacks and visible grain",
    "golden_hour": "Any scene in low golden sun",
    "night": "Any scene by night",
    "vivid": "Strong, saturated colours",
    "pastel": "Pale, chalky colours",
    "dreamy": "Soft, glowing light",
    "watercolour": "Washes on rough paper",
    "ink": "Ink wash, almost without colour",
    "poster": "Flat tones of a screen print",
    "noir": "Black and white, hard contrast",
}


def engine_named(name: object) -> Engine:
    """The engine. Raises BadInputError."""
    if not isinstance(name, str) or name not in ENGINES:
        raise BadInputError(f"There is no engine {name!r}; there are {' and '.join(ENGINES)}.")
    return ENGINES[name]


def preset_named(name: object) -> str:
    """The preset's name, "natural" for none. Raises BadInputError."""
    if name is None or name in {"", "none"}:
        return "natural"
    if not isinstance(name, str) or name not in PRESETS:
        raise BadInputError(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.")
    return name


def image_size(aspect_ratio: str, longer: int) -> tuple[int, int]:
    """Width and height in pixels, both even."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    scale = longer / max(across, down)
    return 2 * round(across * scale / 2), 2 * round(down * scale / 2)


def video_size(aspect_ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels, both even: the resolution names the shorter side."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    scale = int(resolution.removesuffix("p")) / min(across, down)
    return 2 * round(across * scale / 2), 2 * round(down * scale / 2)


def described(engine: Engine) -> dict[str, Any]:
    """An engine as the list of engines shows it."""
    fields = ("name", "type", "default", "description", "choices", "min", "max", "unit")
    return {
        "engine": engine.engine,
        "name": engine.name,
        "description": engine.description,
        "type": engine.type,
        "tier_required": None,
        "available": True,
        "options": [{field: getattr(option, field) for field in fields} for option in engine.options],
    }
