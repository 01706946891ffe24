"""Meadows: rolling hills, and flowers that grow towards the viewer."""

from collections.abc import Iterator

import numpy as np

from ..colour import lch, mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, fractal, profile, stream
from ..scene import Scene
from ..stage import Stage

GRASS = {"": (0.60, 0.11, 132), "spring": (0.68, 0.13, 126), "summer": (0.62, 0.12, 128),
         "autumn": (0.62, 0.09, 85), "winter": (0.88, 0.012, 245)}  # fmt: skip


def paint_meadow(scene: Scene, stage: Stage, light: Light, *, first: float, count: int = 4) -> Iterator[Plate]:
    """Hills from the row `first` (a fraction of the height) to the foot of the frame."""
    rng = stream(scene.seed, "meadow")
    for index in range(count):
        near = (index + 1) / count
        foot = first + (0.8 - first) * (index / max(1, count - 1)) ** 1.2
        yield _paint_hill(scene, stage, light, rng, near, foot)


def _paint_hill(scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, near: float, foot: float) -> Plate:
    swell = profile(rng, stage.wide, stage.unit * 0.7, roughness=0.3)
    crest = ((foot + 0.022 * swell) * stage.height).astype(np.float32)
    top = int(max(0, crest.min() - 2))
    y = np.arange(top, stage.height, dtype=np.float32)[:, None]
    below = y - crest[None, :]
    depth = 0.22 + 0.73 * near
    own = lch(*GRASS["winter" if scene.weather == "snow" else scene.season])
    own = own + np.array([0, 0, 0.02], np.float32) * np.float32(rng.normal())
    lit = _grass(rng, stage, below, near)
    dark, bright = srgb(light.land(own, depth, 0.2)), srgb(light.land(own, depth, 1.0))
    rgb = dark + (bright - dark) * lit[..., None]
    haze = srgb(mix(light.haze, light.sky[3], 0.3))
    mist = np.clip(below / np.float32(stage.height * 0.12), 0, 1) * np.float32(0.5 * (1 - near))
    rgb = rgb + (haze - rgb) * mist[..., None]
    return plate(stage, rgb, np.clip(below + 0.5, 0, 1), top=top, depth=0.2 + 0.7 * near)


def _grass(rng: np.random.Generator, stage: Stage, below: Field, near: float) -> Field:
    """Light on the grass (rows, wide), 0–1: broad swells, and blades that show near by."""
    shape = (below.shape[0], below.shape[1])
    swells = fractal(rng, shape, (stage.unit * 0.09, stage.unit * 0.4), roughness=0.4, finest=8)
    fine = stage.unit * (0.004 + 0.012 * near)
    blades = fractal(rng, shape, (fine * 2.2, fine * 0.6), roughness=0.75, finest=1.0)
    rim = np.exp(-np.clip(below, 0, None) / np.float32(stage.unit * 0.03))
    lit = 0.6 + 0.16 * swells + 0.13 * near * blades + 0.3 * rim - 0.06 * near
    return np.asarray(np.clip(lit, 0, 1))
