"""Stars that twinkle, and the Milky Way."""

import numpy as np
from PIL import Image

from ..layers import screen, to_bytes
from ..light import Light
from ..noise import Field, blurred, fractal, resample, smoothstep, stream
from ..scene import Scene
from ..stage import Stage, View
from .sky import sun_place

TINTS = np.array([[0.80, 0.88, 1.0], [1.0, 0.98, 0.95], [1.0, 0.86, 0.70]], np.float32)


class Stars:
    """Three groups of stars, each with its own rhythm, over the first `rows` rows of the frame."""

    def __init__(self, scene: Scene, stage: Stage, light: Light, *, rows: int, dense: float = 1.0) -> None:
        self.groups = []
        for index in range(3):
            rng = stream(scene.seed, f"stars {index}")
            field = _scatter(rng, stage, rows, dense * (0.55 if scene.light == "dusk" else 1.0))
            field *= TINTS[index]
            if index == 0 and scene.has("milkyway"):
                field += _milky_way(scene, stage, rows)
            if scene.has("moon"):
                field *= _beside_moon(stage, light, rows)[..., None]
            self.groups.append(Image.fromarray(to_bytes(np.clip(field, 0, 1))))

    def draw(self, frame: Image.Image, view: View) -> None:
        for index, group in enumerate(self.groups):
            beat = 1.0 if index == 0 else 0.78 + 0.22 * np.cos(view.seconds * (2.1 + 1.3 * index))
            screen(frame, group if beat == 1 else group.point([int(v * beat) for v in range(256)] * 3))


def _scatter(rng: np.random.Generator, stage: Stage, rows: int, dense: float) -> Field:
    """Points of light (rows, width, 3) before their tint: many faint, few bright."""
    light = np.zeros((rows, stage.width), np.float32)
    count = int(620 * dense * stage.width * rows / stage.unit**2)
    x, y = rng.random(count) * (stage.width - 1), rng.random(count) * (rows - 1)
    bright = (0.18 + rng.pareto(1.9, count) * 0.3).clip(0, 4.5).astype(np.float32)
    bright *= smoothstep(1.0, 0.45, (y / stage.horizon_row).astype(np.float32) * 0.9)
    scale = stage.unit / 1000
    np.add.at(light, (y.astype(np.intp), x.astype(np.intp)), bright * max(1.0, scale) ** 1.5)
    core = blurred(light, 0.5 * max(0.8, scale)) * 1.9
    halo = blurred(np.where(light > 1.6, light, np.float32(0)), 2.6 * scale) * 4.0
    return np.repeat((core + halo)[..., None], 3, axis=2)


def _milky_way(scene: Scene, stage: Stage, rows: int) -> Field:
    """A slanting band of starlight (rows, width, 3) with lanes of dust."""
    rng = stream(scene.seed, "milky way")
    small = (rows // 3 + 1, stage.width // 3 + 1)
    unit = stage.unit / 3
    x = np.arange(small[1], dtype=np.float32)[None, :] / unit - small[1] / unit * 0.5
    y = np.arange(small[0], dtype=np.float32)[:, None] / unit - small[0] / unit * 0.45
    slant = float(rng.uniform(0.5, 1.0)) * (1 if rng.random() < 0.5 else -1)
    across = x * np.cos(slant) - y * np.sin(slant)
    clouds = fractal(rng, small, unit * 0.22, roughness=0.58)
    dust = fractal(rng, small, unit * 0.16, roughness=0.6)
    glow = np.exp(-(((across + 0.03 * clouds) / 0.17) ** 2)) * (0.62 + 0.25 * clouds)
    core = np.exp(-(((across + 0.02 * dust) / 0.06) ** 2))
    lanes = smoothstep(0.2, 1.4, dust + core)
    tint = np.stack([0.36 * glow + 0.24 * core, 0.38 * glow + 0.18 * core, 0.58 * glow + 0.20 * core], axis=-1)
    band = np.clip(tint * (1 - 0.75 * lanes * core)[..., None], 0, 1) * 0.85
    return np.stack([resample(np.ascontiguousarray(band[..., i]), stage.width, rows) for i in range(3)], axis=-1)


def _beside_moon(stage: Stage, light: Light, rows: int) -> Field:
    column, row = sun_place(stage, light)
    x = np.arange(stage.width, dtype=np.float32)[None, :] + stage.pad - np.float32(column)
    y = np.arange(rows, dtype=np.float32)[:, None] - np.float32(row)
    return smoothstep(0.036, 0.12, np.hypot(x, y) / np.float32(stage.unit))
