"""A forest: rows of trees that come out of the mist, the nearest dark."""

from collections.abc import Iterator

import numpy as np

from ..colour import lch, mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, fractal, profile, smoothstep, stream
from ..scene import Scene
from ..stage import Stage
from .trees import tree_line

LEAVES = {
    "": [(0.46, 0.07, 150), (0.44, 0.06, 165)],
    "spring": [(0.62, 0.12, 128), (0.66, 0.1, 120)],
    "summer": [(0.52, 0.1, 140), (0.5, 0.09, 148)],
    "autumn": [(0.62, 0.15, 55), (0.6, 0.15, 40), (0.68, 0.13, 80)],
    "blossom": [(0.84, 0.08, 355), (0.88, 0.06, 5), (0.78, 0.1, 350)],
    "winter": [(0.6, 0.03, 200), (0.55, 0.03, 220)],
}


def tree_kind(scene: Scene) -> str:
    if scene.season in {"autumn", "spring"}:
        return "broadleaf"
    return "conifer" if scene.seed % 3 or scene.season == "winter" else "broadleaf"


def paint_forest(scene: Scene, stage: Stage, light: Light) -> Iterator[Plate]:
    """Six rows from the horizon down to the foot of the frame."""
    rng = stream(scene.seed, "forest")
    rows = 6
    for index in range(rows):
        near = index / (rows - 1)
        foot = stage.horizon - 0.06 + (0.99 - stage.horizon) * near**1.5
        height = (0.1 + 0.36 * near**1.25) * stage.unit
        yield _paint_row(scene, stage, light, rng, near, foot, height, 0.1 + 0.9 * near)


def paint_shore(scene: Scene, stage: Stage, light: Light) -> Plate:
    """A low wooded bank on the far side of the water."""
    rng = stream(scene.seed, "shore")
    height = 0.045 * stage.unit
    return _paint_row(scene, stage, light, rng, 0.5, stage.horizon - 0.004, height, 0.78, sway=0.004)


def paint_foreground(scene: Scene, stage: Stage, light: Light) -> Plate:
    """Dark trees that rise at the foot of the frame, tallest at its sides."""
    rng = stream(scene.seed, "foreground")
    return _paint_row(scene, stage, light, rng, 1.0, 0.985, 0.19 * stage.unit, 1.0, framed=True)


def _paint_row(
    scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, near: float, foot: float, height: float,
    depth: float, *, sway: float = 0.018, framed: bool = False,
) -> Plate:  # fmt: skip
    line = profile(rng, stage.wide, stage.unit * 0.4, roughness=0.4)
    ground = (foot + sway * line) * stage.height
    if framed:
        x = np.linspace(-1, 1, stage.wide, dtype=np.float32)
        ground = ground + (0.1 - 0.2 * np.abs(x) ** 2.2) * stage.height
    top = int(max(0, ground.min() - height * 1.75))
    rows = stage.height - top
    kind = tree_kind(scene)
    gap = height * (0.17 if kind == "conifer" else 0.3) * (1 + 0.4 * near)
    mask = tree_line(rng, stage.wide, rows, (ground - top).astype(np.float32), kind=kind, height=height, gap=gap)
    rgb = _foliage(scene, stage, light, rng, (ground - top - height).astype(np.float32), rows, height, depth)
    return plate(stage, rgb, mask, top=top, depth=0.15 + 0.85 * near)


def _foliage(
    scene: Scene, stage: Stage, light: Light, rng: np.random.Generator, crown: Field, rows: int, height: float,
    depth: float,
) -> Field:  # fmt: skip
    """Leaves and needles (rows, wide, 3): lit above, in mist below."""
    season = "winter" if scene.weather == "snow" else "blossom" if scene.has("blossom") else scene.season
    greens = LEAVES[season]
    own = lch(*greens[int(rng.integers(len(greens)))])
    other = lch(*greens[int(rng.integers(len(greens)))])
    y = np.arange(rows, dtype=np.float32)[:, None]
    down = (y - crown[None, :]) / np.float32(height)
    tufts = fractal(rng, (rows, stage.wide), (height * 0.1, height * 0.16), roughness=0.6)
    lit = np.clip(0.55 - 0.42 * down + 0.26 * tufts, 0, 1) * (0.9 if light.level > 0.55 else 0.55)
    if scene.season == "winter" or scene.weather == "snow":
        lit = np.clip(lit + 0.35 * smoothstep(0.3, 1.4, tufts), 0, 1)
    patches = np.clip(0.5 + 0.5 * fractal(rng, (1, stage.wide), (4, height * 0.5), finest=8), 0, 1)
    dark = srgb(light.land(own, depth, 0.05))
    bright = srgb(light.land(own, depth, 0.85)) * (1 - patches[..., None])
    bright = bright + srgb(light.land(other, depth, 0.85)) * patches[..., None]
    rgb = dark + (bright - dark) * lit[..., None]
    haze = srgb(mix(light.haze, light.sky[3], 0.35))
    share = np.clip((down - 0.35) * 0.9, 0, 1) * (1 - depth) ** 0.6 * (0.95 if scene.weather == "fog" else 0.8)
    return np.asarray(rgb + (haze - rgb) * share[..., None], np.float32)
