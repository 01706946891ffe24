"""The light of a scene: the sky's colours, where its sun or moon stands, and what distance does to colour."""

from dataclasses import dataclass, replace

import numpy as np

from .colour import lch, mix
from .guide import Guide
from .noise import Field, stream
from .scene import NIGHTS, Scene
from .skies import lands, skies

SKIES, LAND = skies(), lands()


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
    dark: bool  # so dark that lamps are lit

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
    sky = [lch(lightness, chroma, hue + turn) for lightness, chroma, hue in row]
    tinted = _tint(sky, scene.colours)
    if scene.weather in {"rain", "cloudy", "snow", "fog"}:
        tinted = [mix(c, c * np.array([1, 0.45, 0.45], np.float32), 0.8) for c in tinted]
    level, saturation, shadow = LAND[key]
    heights = {"noon": (0.62, 0.85), "sunset": (0.03, 0.22), "golden": (0.2, 0.4), "sunrise": (0.06, 0.26)}
    low, high = heights.get(key, (0.1, 0.28) if key not in {"night", "aurora"} else (0.55, 0.8))
    if scene.subjects & {"mountains", "forest", "city"} and key != "noon":
        low, high = low + 0.16, high + 0.2
    side = rng.uniform(0.2, 0.42) if rng.random() < 0.5 else rng.uniform(0.58, 0.8)
    light = Light(
        sky=(tinted[0], tinted[1], tinted[2], tinted[3]),
        haze=tinted[4],
        sun=sky[5],
        shadow=lch(*shadow),
        level=level,
        saturation=saturation,
        sun_at=(float(side), float(rng.uniform(low, high))),
        night=scene.light in NIGHTS,
        dark=scene.light in NIGHTS or scene.light == "dusk" or scene.weather == "storm",
    )
    return _as_in(scene.guide, light) if scene.guide else light


def _as_in(guide: Guide, light: Light) -> Light:
    """The light of the guide's picture: its sky's colours from top to horizon, its shadows, its lightest place."""
    horizon = guide.horizon or 0.6
    zenith, middle, low, edge = (guide.band(horizon * part / 4, horizon * (part + 1) / 4) for part in range(4))
    tones = guide.tones(12)
    across, down = guide.light_at
    return replace(
        light,
        sky=(zenith, middle, low, edge),
        haze=mix(edge, guide.band(horizon, min(horizon + 0.15, 1)), 0.5),
        sun=mix(tones[-1], lch(0.98, 0.02, 90), 0.35),
        shadow=tones[0],
        level=float(np.clip(guide.band(horizon, 1)[0] / 0.62, 0.45, 1.05)),
        sun_at=(float(np.clip(across, 0.12, 0.88)), float(np.clip(1 - down / horizon, 0.06, 0.85))),
        dark=light.dark or float(guide.colours[:, 0].mean()) < 0.35,
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
