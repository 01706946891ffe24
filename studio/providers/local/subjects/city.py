"""A city: rows of towers in the haze, their windows lit when it is dark."""

from collections.abc import Iterator

import numpy as np

from ..colour import lch, mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, stream
from ..scene import Scene
from ..stage import Stage

LAMPS = np.array([[1.0, 0.80, 0.48], [1.0, 0.88, 0.66], [0.98, 0.70, 0.36], [0.80, 0.90, 1.0]], np.float32)
NEON = np.array([[1.0, 0.25, 0.65], [0.2, 0.9, 1.0], [0.65, 0.4, 1.0]], np.float32)


def paint_city(scene: Scene, stage: Stage, light: Light, *, base: float) -> Iterator[Plate]:
    """Four rows of buildings from far to near; the nearest stands on the row `base` (a fraction of the height)."""
    rng = stream(scene.seed, "city")
    for index in range(4):
        near = index / 3
        foot = stage.horizon + (base - stage.horizon) * near
        yield _paint_row(scene, stage, light, rng, near, foot)


def _paint_row(scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, near: float, foot: float) -> Plate:
    tallest = stage.unit * (0.40 - 0.10 * near)
    bottom = round(foot * stage.height)
    top = max(0, int(bottom - tallest * 1.35))
    rows = stage.height - top
    depth = 0.16 + 0.74 * near
    concrete = lch(0.55, 0.025, 260)
    dark, bright = srgb(light.land(concrete, depth, 0.05)), srgb(light.land(concrete, depth, 0.5))
    haze = srgb(mix(light.haze, light.sky[3], 0.3))
    y = np.clip(np.arange(rows, dtype=np.float32) / max(1, bottom - top), 0, 1)
    share = (y**2 * (0.75 - 0.5 * near))[:, None, None]
    rgb = np.broadcast_to(dark + (haze - dark) * share, (rows, stage.wide, 3)).astype(np.float32)
    mask = np.zeros((rows, stage.wide), np.float32)
    mask[bottom - top :] = 1
    x = -tallest * 0.05
    while x < stage.wide:
        wide = tallest * float(rng.uniform(0.09, 0.24)) * (0.75 + 0.45 * near)
        centre = 1 - abs((x + wide / 2) / stage.wide - 0.5) * 1.1
        tall = tallest * float(rng.beta(2.0, 2.6)) * (0.45 + 0.75 * centre) + tallest * 0.1
        edge = (int(x), int(x + wide), int(bottom - top - tall))
        _tower(scene, stage, light, rng, rgb, mask, edge, bottom - top, near, (bright - dark) * 0.35)
        x += wide * float(rng.uniform(0.75, 1.25))
    return plate(stage, rgb, mask, top=top, depth=0.15 + 0.6 * near)


def _tower(
    scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, rgb: Field, mask: Field,
    edge: tuple[int, int, int], ground: int, near: float, tint: Field,
) -> None:  # fmt: skip
    """One tower, perhaps with a narrower top and a mast, drawn into the row's colours and mask."""
    left, right, roof = max(0, edge[0]), min(stage.wide, edge[1]), max(2, edge[2])
    if right - left < 3 or roof >= ground:
        return
    mask[roof:, left:right] = 1
    style = rng.random()
    wide = right - left
    if style < 0.4:
        step = max(1, int(wide * rng.uniform(0.12, 0.28)))
        mask[max(0, roof - int(wide * rng.uniform(0.15, 0.5))) : roof, left + step : right - step] = 1
    elif style < 0.55:
        slope = (np.arange(wide) / wide * wide * 0.5).astype(int)
        for column, drop in enumerate(slope):
            mask[roof : roof + drop, left + column] = 0
    if style > 0.8:
        thick = max(1, round(stage.unit / 700))
        middle = (left + right) // 2
        mask[max(0, roof - int(wide * 0.8)) : roof, middle : middle + thick] = 1
    rgb[:, left:right] += tint * np.float32(rng.uniform(0, 1.0))
    side = left + int(wide * 0.7) if light.sun_at[0] < 0.5 else left
    rgb[:, side : side + int(wide * 0.3)] -= np.float32(0.012 + 0.02 * light.level)
    if scene.has("windows"):
        _windows(scene, stage, light, rng, rgb, (left, right, roof, ground), near)


def _windows(
    scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, rgb: Field, area: tuple[int, int, int, int],
    near: float,
) -> None:  # fmt: skip
    left, right, roof, ground = area
    pitch = stage.unit * (0.0075 + 0.0065 * near)
    down, across = pitch * float(rng.uniform(1.1, 1.5)), pitch * float(rng.uniform(0.85, 1.2))
    y, x = np.arange(roof, ground), np.arange(left, right)
    row, column = ((y - roof) / down).astype(int), ((x - left) / across).astype(int)
    pane = np.outer((y - roof) / down % 1 > 0.45, (x - left) / across % 1 > 0.38)
    dark = light.dark
    lit_share = float(rng.uniform(0.15, 0.6)) if dark else 0.06
    grid = (int(row[-1]) + 1, int(column[-1]) + 1)
    lit = rng.random(grid) < lit_share
    glow = rng.uniform(0.45, 1.0, grid).astype(np.float32)
    lamp = LAMPS[int(rng.integers(3 if rng.random() < 0.8 else 4))]
    if dark and rng.random() < 0.06:
        lamp = NEON[int(rng.integers(3))]
    part = rgb[roof:ground, left:right]
    share = (pane & lit[np.ix_(row, column)]) * glow[np.ix_(row, column)] * (0.35 + 0.6 * near)
    if not dark:
        glass = (pane * np.float32(0.1 + 0.14 * near))[..., None]
        part += (srgb(light.sky[1]) * 0.7 - part) * glass
        share = share * 0.5
    part += (lamp - part) * share[..., None].astype(np.float32)
