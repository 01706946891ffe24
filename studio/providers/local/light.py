"""The light of a scene: the sky's colours, where its sun or moon stands, and what distance does to colour."""

from dataclasses import dataclass

import numpy as np

from .colour import lch, mix
from .noise import Field, stream
from .scene import NIGHTS, Scene

Stop = tuple[float, float, float]

# The sky from zenith to horizon, then the haze in front of far things, then the sun's own colour: OKLCH.
SKIES: dict[str, list[tuple[Stop, ...]]] = {
    "dawn": [
        ((0.42, 0.07, 272), (0.60, 0.075, 300), (0.78, 0.08, 10), (0.91, 0.06, 60), (0.78, 0.045, 350), (0.96, 0.07, 70)),
        ((0.50, 0.06, 235), (0.68, 0.05, 225), (0.84, 0.04, 120), (0.93, 0.06, 85), (0.82, 0.03, 200), (0.97, 0.06, 85)),
    ],
    "sunrise": [
        ((0.52, 0.09, 255), (0.70, 0.07, 275), (0.84, 0.08, 35), (0.94, 0.09, 85), (0.82, 0.06, 40), (0.98, 0.07, 90)),
        ((0.48, 0.10, 280), (0.66, 0.11, 340), (0.81, 0.12, 40), (0.92, 0.10, 75), (0.78, 0.09, 25), (0.97, 0.08, 80)),
    ],
    "noon": [
        ((0.52, 0.125, 253), (0.66, 0.11, 244), (0.81, 0.07, 232), (0.93, 0.025, 220), (0.83, 0.035, 235), (0.99, 0.02, 95)),
        ((0.58, 0.11, 240), (0.71, 0.09, 228), (0.85, 0.05, 215), (0.95, 0.03, 190), (0.86, 0.035, 215), (0.99, 0.02, 95)),
    ],
    "golden": [
        ((0.58, 0.06, 245), (0.73, 0.04, 240), (0.85, 0.07, 80), (0.92, 0.11, 82), (0.80, 0.08, 75), (0.98, 0.08, 92)),
        ((0.60, 0.05, 300), (0.74, 0.07, 20), (0.84, 0.11, 60), (0.92, 0.12, 84), (0.80, 0.09, 55), (0.98, 0.08, 92)),
    ],
    "sunset": [
        ((0.33, 0.10, 285), (0.50, 0.13, 325), (0.69, 0.16, 30), (0.87, 0.13, 75), (0.64, 0.12, 25), (0.97, 0.10, 88)),
        ((0.46, 0.09, 265), (0.65, 0.09, 320), (0.80, 0.11, 30), (0.90, 0.10, 70), (0.73, 0.085, 355), (0.98, 0.07, 80)),
        ((0.28, 0.08, 265), (0.42, 0.12, 345), (0.62, 0.18, 35), (0.84, 0.15, 70), (0.56, 0.13, 20), (0.97, 0.12, 85)),
    ],
    "dusk": [
        ((0.21, 0.065, 268), (0.34, 0.085, 272), (0.53, 0.085, 310), (0.74, 0.10, 45), (0.47, 0.07, 300), (0.9, 0.08, 60)),
        ((0.24, 0.07, 255), (0.38, 0.08, 245), (0.56, 0.07, 225), (0.76, 0.06, 100), (0.50, 0.055, 235), (0.9, 0.07, 80)),
    ],
    "night": [
        ((0.13, 0.035, 272), (0.19, 0.05, 268), (0.27, 0.055, 258), (0.38, 0.05, 240), (0.29, 0.045, 255), (0.95, 0.02, 230)),
        ((0.12, 0.04, 285), (0.18, 0.06, 285), (0.27, 0.07, 300), (0.37, 0.07, 330), (0.28, 0.055, 295), (0.95, 0.02, 90)),
    ],
    "aurora": [
        ((0.12, 0.03, 265), (0.17, 0.04, 250), (0.24, 0.045, 220), (0.33, 0.05, 190), (0.26, 0.04, 215), (0.95, 0.02, 200)),
    ],
    "overcast": [
        ((0.55, 0.02, 250), (0.66, 0.015, 245), (0.76, 0.012, 235), (0.86, 0.01, 220), (0.73, 0.013, 240), (0.97, 0.01, 90)),
        ((0.47, 0.03, 235), (0.60, 0.025, 230), (0.72, 0.02, 215), (0.83, 0.02, 190), (0.68, 0.02, 220), (0.97, 0.01, 90)),
    ],
    "storm": [
        ((0.25, 0.025, 262), (0.35, 0.03, 250), (0.49, 0.03, 230), (0.68, 0.035, 200), (0.45, 0.028, 235), (0.9, 0.02, 200)),
    ],
}  # fmt: skip

# How bright the land is beside its own colour, how much of that colour is left, the shadows' colour.
LAND: dict[str, tuple[float, float, Stop]] = {
    "dawn": (0.62, 0.65, (0.30, 0.05, 285)), "sunrise": (0.72, 0.85, (0.32, 0.05, 280)),
    "noon": (0.98, 1.0, (0.36, 0.05, 255)), "golden": (0.82, 1.0, (0.30, 0.05, 40)),
    "sunset": (0.50, 0.7, (0.21, 0.06, 310)), "dusk": (0.36, 0.5, (0.16, 0.045, 275)),
    "night": (0.27, 0.45, (0.10, 0.035, 270)), "aurora": (0.27, 0.45, (0.10, 0.03, 230)),
    "overcast": (0.72, 0.55, (0.30, 0.02, 245)), "storm": (0.5, 0.5, (0.20, 0.025, 250)),
}  # fmt: skip


@dataclass(frozen=True)
class Light:
    """Colours are OKLab (3,). `sun_at` is in fractions: of the width, and of the sky's height above the horizon."""

    sky: tuple[Field, Field, Field, Field]
    haze: Field
    sun: Field
    shadow: Field
    level: float
    saturation: float
    sun_at: tuple[float, float]
    night: bool

    def land(self, own: Field, depth: float, lit: float = 1.0) -> Field:
        """A thing's colour at a depth of 0 (the horizon) to 1 (here), from shadow to sunlit (`lit` 0 to 1)."""
        bright = own * np.array([self.level, self.saturation, self.saturation], np.float32)
        bright = mix(bright, self.sun * np.array([bright[0] / self.sun[0], 1, 1], np.float32), 0.18)
        dark = mix(mix(bright, self.shadow, 0.72), self.shadow * np.array([0.9, 1, 1], np.float32), 0.2)
        near = mix(dark, bright, lit)
        return mix(self.haze, near, float(np.clip(depth, 0, 1)) ** 0.8)


def lighting(scene: Scene) -> Light:
    """The light of a scene: a table's row, chosen and shifted a little by the seed, tinted by its colour words."""
    rng = stream(scene.seed, "light")
    key = "night" if scene.light == "moonlight" else scene.light
    if scene.weather == "storm":
        key = "night" if scene.light in NIGHTS else "storm"
    rows = SKIES[key]
    row = rows[int(rng.integers(len(rows)))]
    turn = float(rng.uniform(-9, 9))
    sky = [lch(l, c, h + turn) for l, c, h in row]  # noqa: E741 - l, c, h is how the colour space is written
    tinted = _tint(sky, scene.colours)
    if scene.weather in {"rain", "cloudy", "snow", "fog"}:
        tinted = [mix(c, c * np.array([1, 0.45, 0.45], np.float32), 0.8) for c in tinted]
    level, saturation, shadow = LAND[key]
    heights = {"noon": (0.62, 0.85), "sunset": (0.03, 0.22), "golden": (0.2, 0.4), "sunrise": (0.06, 0.26)}
    low, high = heights.get(key, (0.1, 0.28) if key not in {"night", "aurora"} else (0.55, 0.8))
    side = rng.uniform(0.2, 0.42) if rng.random() < 0.5 else rng.uniform(0.58, 0.8)
    return Light(
        sky=(tinted[0], tinted[1], tinted[2], tinted[3]),
        haze=tinted[4],
        sun=sky[5],
        shadow=lch(*shadow),
        level=level,
        saturation=saturation,
        sun_at=(float(side), float(rng.uniform(low, high))),
        night=scene.light in NIGHTS,
    )


def _tint(colours: list[Field], wanted: tuple[tuple[float, float], ...]) -> list[Field]:
    """The sky turned towards the prompt's colour words: the first low in the sky, the second above."""
    if not wanted:
        return colours
    low, high = wanted[0], wanted[-1]
    turned = []
    for colour, (hue, chroma), share in zip(
        colours, (high, high, low, low, low, low), (0.75, 0.75, 0.75, 0.6, 0.6, 0.35), strict=True
    ):
        aim = lch(float(colour[0]), min(chroma, 0.17), hue)
        turned.append(mix(colour, aim, share))
    return turned
