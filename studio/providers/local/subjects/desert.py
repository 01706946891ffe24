"""A desert: dunes with sharp crests, one side in the sun and one in shadow."""

from collections.abc import Iterator

import numpy as np

from ..colour import lch, mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, fractal, profile, stream
from ..scene import Scene
from ..stage import Stage


def paint_desert(scene: Scene, stage: Stage, light: Light) -> Iterator[Plate]:
    """Five dunes from the horizon to the foot of the frame."""
    rng = stream(scene.seed, "desert")
    hue = float(rng.uniform(48, 78))
    for index in range(5):
        near = index / 4
        foot = stage.horizon + (0.93 - stage.horizon) * near**1.2
        yield _paint_dune(scene, stage, light, rng, near, foot, lch(0.76, 0.095, hue))


def _paint_dune(
    scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, near: float, foot: float, sand: Field
) -> Plate:
    swell = (0.028 + 0.06 * near) * stage.unit
    bow = 1 - np.abs(profile(rng, stage.wide, stage.unit * (0.5 + 0.35 * near), roughness=0.3))
    crest = (foot * stage.height - swell * bow * 1.2).astype(np.float32)
    top = int(max(0, crest.min() - 2))
    y = np.arange(top, stage.height, dtype=np.float32)[:, None]
    below = y - crest[None, :]
    lit = _slopes(rng, stage, below, near, light)
    lit = lit + 0.2 * np.exp(-below / np.float32(stage.unit * 0.012)) * (below > 0)
    lit = lit + _ripples(rng, stage, below, near)
    depth = 0.2 + 0.72 * near
    dark, bright = srgb(light.land(sand, depth, 0.1)), srgb(light.land(sand, depth, 1.0))
    rgb = dark + (bright - dark) * np.clip(lit, 0, 1)[..., None]
    haze = srgb(mix(light.haze, light.sky[3], 0.4))
    mist = np.clip(below / np.float32(stage.height * 0.1), 0, 1) * np.float32(0.35 * (1 - near))
    rgb = rgb + (haze - rgb) * mist[..., None]
    return plate(stage, rgb, np.clip(below + 0.5, 0, 1), top=top, depth=0.2 + 0.7 * near)


def _slopes(rng: np.random.Generator, stage: Stage, below: Field, near: float, light: Light) -> Field:
    """Sunlit (1) and shaded (0) faces, which meet in sharp winding crests."""
    shape = (below.shape[0], below.shape[1])
    cell = stage.unit * (0.26 + 0.34 * near)
    forms = fractal(rng, shape, (cell * 0.55, cell), roughness=0.28, finest=cell / 6)
    folds = 1 - np.abs(forms)
    step = max(1, round(stage.unit / 250))
    slope = np.roll(folds, step, axis=1) - np.roll(folds, -step, axis=1)
    slope += 0.6 * (np.roll(folds, step, axis=0) - folds)
    side = -1.0 if light.sun_at[0] < 0.5 else 1.0
    strength = np.float32(side * 0.9 / (np.std(slope) + 1e-6))
    return np.asarray(0.5 + 0.5 * np.tanh(slope * strength), np.float32)


def _ripples(rng: np.random.Generator, stage: Stage, below: Field, near: float) -> Field:
    """The wind's fine lines in the sand."""
    if near < 0.45:
        return np.zeros((1, 1), np.float32)
    bend = fractal(rng, (below.shape[0], below.shape[1]), stage.unit * 0.12, roughness=0.45, finest=6)
    phase = below * np.float32(1 / (stage.unit * (0.0035 + 0.004 * near))) + bend * 5
    fade = np.clip(0.5 + bend * 0.5, 0, 1) * np.clip(below / np.float32(stage.unit * 0.05), 0, 1)
    return np.asarray(np.sin(phase) * np.float32(0.07 * near) * fade)
