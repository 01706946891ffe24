"""Mountains: ridges one behind the other, each paler than the one before it."""

from collections.abc import Iterator

import numpy as np

from ..colour import lch, mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, fractal, profile, smoothstep, stream
from ..scene import Scene
from ..stage import Stage

ROCK = {"": (0.50, 0.03, 255), "spring": (0.55, 0.06, 150), "summer": (0.52, 0.06, 155), "autumn": (0.52, 0.07, 65)}


def paint_mountains(
    scene: Scene, stage: Stage, light: Light, *, count: int, base: float, nearest: float
) -> Iterator[Plate]:
    """`count` ridges from far to near; the last stands at the row `base` (a fraction of the height) and is
    `nearest` of the way (0 to 1) from the horizon to the viewer."""
    rng = stream(scene.seed, "mountains")
    alpine = bool(rng.random() < 0.6)
    tallest = float(rng.uniform(0.2, 0.32)) * min(1.25, stage.unit / stage.height)
    x = (np.arange(stage.wide) - stage.pad) / stage.width
    valley = 1 - 0.75 * np.exp(-(((x - light.sun_at[0]) * stage.width / stage.unit / 0.22) ** 2)) * scene.has("sun")
    for index in range(count):
        near = index / max(1, count - 1) * nearest
        foot = stage.horizon + (base - stage.horizon) * (near / nearest) ** 1.3
        height = tallest * (1 - 0.55 * near) * float(rng.uniform(0.8, 1.15))
        line = _ridge(rng, stage, alpine, near)
        crest = (foot - height * (0.35 + line * valley)) * stage.height
        yield _paint_ridge(scene, stage, light, crest.astype(np.float32), near, rng)


def _ridge(rng: np.random.Generator, stage: Stage, alpine: bool, near: float) -> Field:
    """The height (wide,) of a ridge, about 0 to 1."""
    detail = profile(rng, stage.wide, stage.unit * 0.22, roughness=0.5)
    if not alpine:
        return 0.35 + 0.28 * profile(rng, stage.wide, stage.unit * 0.5, roughness=0.42) + 0.03 * detail
    x = np.arange(stage.wide, dtype=np.float32) / stage.unit
    line = np.full(stage.wide, -0.2, np.float32)
    span = stage.wide / stage.unit
    for _ in range(int(2 + span * 3.2)):
        middle, steep = rng.uniform(-0.05, span + 0.05), rng.uniform(2.1, 4.2)
        top = rng.uniform(0.3, 0.75) if rng.random() < 0.75 else rng.uniform(0.8, 1.05)
        lean = rng.uniform(0.75, 1.3)
        side = np.where(x < middle, lean, 1 / lean)
        line = np.maximum(line, top - np.abs(x - middle) * steep * side * (0.7 + 0.3 * near))
    return line + 0.07 * detail


def _paint_ridge(
    scene: Scene, stage: Stage, light: Light, crest: Field, near: float, rng: np.random.Generator
) -> Plate:
    top = int(max(0, crest.min() - 2))
    y = np.arange(top, stage.height, dtype=np.float32)[:, None]
    below = y - crest[None, :]
    depth = 0.12 + 0.72 * near
    relief = _relief(rng, stage, below, light)
    lit = np.clip(0.42 + relief * (0.5 if light.level > 0.4 else 0.3), 0, 1)
    fall = np.clip(below / np.float32(stage.height * (0.16 + 0.14 * near)), 0, 1)
    rock = _rock(scene)
    haze = srgb(mix(light.haze, light.sky[3], 0.3))
    shade, bright = srgb(light.land(rock, depth, 0.1)), srgb(light.land(rock, depth, 0.95))
    rgb = shade + (bright - shade) * lit[..., None]
    if near < 0.6 or scene.season == "winter" or scene.weather == "snow":
        rgb = _snowcap(scene, stage, light, rgb, crest, below, relief, depth)
    mist = (fall**1.5 * (0.72 - 0.42 * near))[..., None]
    rgb = rgb + (haze - rgb) * mist
    mask = np.clip(below + 0.5, 0, 1)
    return plate(stage, rgb, mask, top=top, depth=0.15 + 0.55 * near)


def _rock(scene: Scene) -> Field:
    if scene.season == "winter" or scene.weather == "snow":
        return lch(0.66, 0.025, 255)
    return lch(*ROCK.get(scene.season, ROCK[""]))


def _relief(rng: np.random.Generator, stage: Stage, below: Field, light: Light) -> Field:
    """Slopes towards (+) and away from (−) the light: gullies that run down from the crest."""
    cell = stage.unit * 0.14
    folds = 1 - np.abs(fractal(rng, (below.shape[0], below.shape[1]), (cell * 1.2, cell), roughness=0.52))
    step = max(1, round(stage.unit / 300))
    slope = np.roll(folds, step, axis=1) - np.roll(folds, -step, axis=1)
    slope += 0.5 * (np.roll(folds, -step, axis=0) - np.roll(folds, step, axis=0))
    side = -1.0 if light.sun_at[0] < 0.5 else 1.0
    return np.asarray(np.tanh(slope * np.float32(side * 0.8 / (np.std(slope) + 1e-6))), np.float32)


def _snowcap(
    scene: Scene, stage: Stage, light: Light, rgb: Field, crest: Field, below: Field, relief: Field, depth: float
) -> Field:
    """Snow above a wandering line, white in the sun and blue in the shade."""
    if not scene.has("snowcaps") or scene.season == "summer":
        return rgb
    winter = scene.season == "winter" or scene.weather == "snow"
    line = (0.9 if winter else 0.17) * stage.height
    peak = stage.horizon * stage.height - crest
    reach = line * np.clip(peak / (0.2 * stage.height), 0.0, 1.4) - line * (0 if winter else 0.45)
    cover = smoothstep(0.12, -0.12, (below - reach[None, :]) / np.float32(stage.height * 0.1) - 0.5 * relief)
    snow = lch(0.95, 0.01, 250)
    shade, bright = srgb(light.land(snow, depth * 0.9, 0.35)), srgb(light.land(snow, depth * 0.95, 1.0))
    white = shade + (bright - shade) * np.clip(0.5 + 0.6 * relief, 0, 1)[..., None]
    return np.asarray(rgb + (white - rgb) * (cover * 0.9)[..., None], np.float32)
