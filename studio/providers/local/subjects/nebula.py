"""Deep space: glowing gas and lanes of dust."""

import numpy as np

from ..colour import lch, lookup, ramp, srgb
from ..layers import Plate, plate
from ..noise import Field, fractal, resample, smoothstep, stream
from ..scene import Scene
from ..stage import Stage

GLOWS = (215, 250, 285, 320, 350, 25)  # hues in which gas looks well


def paint_nebula(scene: Scene, stage: Stage) -> Plate:
    """Glowing gas over the whole frame, cut by lanes of dust."""
    rng = stream(scene.seed, "nebula")
    scale = 2
    shape = (stage.height // scale, stage.wide // scale)
    unit = stage.unit / scale
    warp = fractal(rng, shape, unit * 0.4, roughness=0.5, finest=6), fractal(rng, shape, unit * 0.4, finest=6)
    gas = _warped(fractal(rng, shape, unit * 0.45, roughness=0.58), warp, unit * 0.07)
    veil = _warped(fractal(rng, shape, unit * 0.3, roughness=0.6), warp, -unit * 0.09)
    dust = _warped(fractal(rng, shape, unit * 0.22, roughness=0.55), warp, unit * 0.05)
    hue = scene.colours[0][0] if scene.colours else float(rng.choice(GLOWS)) + float(rng.uniform(-15, 15))
    other = scene.colours[-1][0] if len(scene.colours) > 1 else hue + float(rng.choice([-75, -50, 55, 80]))
    dark = lch(0.09, 0.03, 275)
    first = srgb(
        ramp([(0, dark), (0.35, lch(0.24, 0.09, hue)), (0.7, lch(0.48, 0.16, hue)), (1, lch(0.82, 0.1, hue + 25))])
    )
    second = srgb(ramp([(0, dark * 0), (0.5, lch(0.3, 0.12, other)), (1, lch(0.72, 0.14, other + 20))]))
    slant = _band(rng, shape, unit)
    rgb = lookup(first, np.clip(0.12 + 0.55 * slant + 0.2 * gas * (0.4 + slant), 0, 1))
    glow = lookup(second, np.clip(0.45 * slant + 0.3 * veil * (0.3 + slant), 0, 1))
    rgb = 1 - (1 - rgb) * (1 - 0.8 * glow)
    lanes = smoothstep(0.25, 1.5, dust)[..., None] * (0.35 + 0.4 * slant[..., None])
    rgb = rgb * (1 - 0.72 * lanes)
    full = [resample(np.ascontiguousarray(rgb[..., i], dtype=np.float32), stage.wide, stage.height) for i in range(3)]
    return plate(stage, np.clip(np.stack(full, axis=-1), 0, 1), depth=0.15)


def _band(rng: np.random.Generator, shape: tuple[int, int], unit: float) -> Field:
    """Where the gas is thick: a slanting band (rows, columns), 0–1."""
    angle = float(rng.uniform(0.3, 1.2)) * (1 if rng.random() < 0.5 else -1)
    x = (np.arange(shape[1], dtype=np.float32)[None, :] - shape[1] / 2) / unit
    y = (np.arange(shape[0], dtype=np.float32)[:, None] - shape[0] / 2) / unit
    across = x * np.sin(angle) + y * np.cos(angle) + float(rng.uniform(-0.12, 0.12))
    bends = fractal(rng, shape, unit * 0.5, roughness=0.5, finest=8)
    return np.asarray(np.exp(-(((across + 0.13 * bends) / 0.33) ** 2)), np.float32)


def _warped(field: Field, warp: tuple[Field, Field], reach: float) -> Field:
    rows, columns = field.shape
    y = np.arange(rows)[:, None] + (warp[0] * reach).astype(np.intp)
    x = np.arange(columns)[None, :] + (warp[1] * reach).astype(np.intp)
    return field[np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)]
