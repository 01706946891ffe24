"""Clouds: fractal noise laid out in perspective, lit from where the sun stands."""

from collections.abc import Iterator

import numpy as np

from ..colour import mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, blurred, fractal, resample, smoothstep, stream
from ..scene import Scene
from ..stage import Stage
from .sky import sun_place

COVER = {"": 0.42, "clear": 0.1, "cloudy": 0.74, "rain": 0.78, "snow": 0.72, "storm": 0.82, "fog": 0.4}


def paint_clouds(scene: Scene, stage: Stage, light: Light) -> Iterator[Plate]:
    """A high and a low bank, which drift at different speeds."""
    cover = COVER[scene.weather] + (0.14 if "sky" in scene.subjects else 0)
    yield _bank(scene, stage, light, "high clouds", cover * 0.75, 0.05)
    yield _bank(scene, stage, light, "low clouds", cover, 0.11)


def _bank(scene: Scene, stage: Stage, light: Light, name: str, cover: float, speed: float) -> Plate:
    rows, scale = stage.horizon_row, 2
    small = (max(8, rows // scale), stage.wide // scale)
    density = _density(scene, small, stage.unit / scale, name)
    threshold = float(np.quantile(density, 1 - min(0.95, cover)))
    soft = 0.55 if name.startswith("high") else 0.42
    mask = smoothstep(threshold, threshold + soft * 1.8, density)
    lit = _lit(density, stage, light, scale)
    height = np.linspace(0, 1, small[0], dtype=np.float32)[:, None]
    mask = mask * smoothstep(1.02, 0.86, height) * (0.6 if name.startswith("high") else 0.94)
    if scene.has("sun", "moon"):
        mask = mask * _clearing(small, stage, light, scale)
    bright, dark = _colours(scene, light)
    near_edge = np.linspace(0, 1, small[0])[:, None, None] ** 2
    colour = dark + (bright - dark) * lit[..., None]
    colour = colour + (srgb(light.sky[3]) - colour) * np.float32(0.45) * near_edge.astype(np.float32)
    full = np.stack([resample(np.ascontiguousarray(colour[..., i]), stage.wide, rows) for i in range(3)], axis=-1)
    return plate(
        stage, np.clip(full, 0, 1), np.clip(resample(mask, stage.wide, rows), 0, 1), depth=0.1, drift=speed * stage.pad
    )


def _clearing(shape: tuple[int, int], stage: Stage, light: Light, scale: int) -> Field:
    """The gap (rows, columns) around the sun or moon, so that it is seen: 0.1 there, 1 far away."""
    column, row = sun_place(stage, light)
    y = np.arange(shape[0], dtype=np.float32)[:, None] * scale - np.float32(row)
    x = np.arange(shape[1], dtype=np.float32)[None, :] * scale - np.float32(column)
    return np.asarray(1 - 0.9 * np.exp(-((np.hypot(x, y) / np.float32(stage.unit * 0.09)) ** 2)))


def _density(scene: Scene, shape: tuple[int, int], unit: float, name: str) -> Field:
    """Noise (rows, columns) whose forms shrink and flatten towards the horizon."""
    rng = stream(scene.seed, name)
    rows, columns = shape
    forms = fractal(rng, (rows, columns * 2), (unit * 0.15, unit * 0.34), roughness=0.58)
    bends = fractal(rng, (rows, columns * 2), unit * 0.12, roughness=0.5, finest=4)
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    reach = 1 / (1.18 - y)
    depth = (reach - reach[0]) / (reach[-1] - reach[0])
    x = np.arange(columns, dtype=np.float32)[None, :] - columns / 2
    across = x * (0.55 + 1.25 * depth) + columns
    down = (0.15 * y + 0.85 * depth) * (rows - 1)
    shift = bends[:, columns // 2 : columns // 2 + columns] * np.float32(unit * 0.006)
    at_row = np.clip(down + shift, 0, rows - 1).astype(np.int32)
    at_column = np.clip(across + shift * 1.5, 0, 2 * columns - 1).astype(np.int32)
    return blurred(forms[at_row, at_column], max(0.8, unit / 420))


def _lit(density: Field, stage: Stage, light: Light, scale: int) -> Field:
    """How much light reaches each point, 0–1: from how the cloud thins out towards the sun, and from above."""
    rows, columns = density.shape
    column, row = sun_place(stage, light)
    step = max(2, round(stage.unit * 0.012 / scale))
    toward_x = np.sign(column / scale - np.arange(columns, dtype=np.float32))[None, :]
    left, right = np.roll(density, step, axis=1), np.roll(density, -step, axis=1)
    above = np.roll(density, step, axis=0)
    above[:step] = density[:step]
    side = np.where(toward_x > 0, right, left)
    slope = (density - above) * 0.75 + (density - side) * 0.45
    y = np.arange(rows, dtype=np.float32)[:, None] - row / scale
    x = np.arange(columns, dtype=np.float32)[None, :] - column / scale
    glow = np.exp(-np.hypot(x, y) / np.float32(stage.unit / scale * 0.35))
    return np.asarray(np.clip(0.5 + 0.6 * slope + 0.45 * glow - 0.1 * density, 0, 1))


def _colours(scene: Scene, light: Light) -> tuple[Field, Field]:
    """The sunlit and the shaded colour, sRGB (3,)."""
    if light.night:
        return srgb(mix(light.sky[3], light.sky[2], 0.3)), srgb(light.sky[1])
    white = mix(light.sun, light.sky[3], 0.35)
    shade = mix(mix(light.sky[1], light.sky[2], 0.5), light.shadow, 0.22)
    if scene.weather in {"storm", "rain"}:
        white, shade = mix(white, light.sky[1], 0.55), mix(shade, light.shadow, 0.35)
    return srgb(white), srgb(shade)
