"""Planets: a ball of gas or rock, lit from one side, perhaps with rings."""

import numpy as np

from ..colour import lch, lookup, mix, ramp, srgb
from ..layers import Plate, plate
from ..noise import Field, fractal, smoothstep, stream
from ..scene import Scene
from ..stage import Stage


def paint_planet(scene: Scene, stage: Stage, *, pale: Field | None = None) -> Plate:
    """A planet, lit from one side; with `pale` (the sky's OKLab colour behind it) as one sees it by day."""
    rng = stream(scene.seed, "planet")
    radius = stage.unit * float(rng.uniform(0.13, 0.24))
    cx = stage.pad + stage.width * (
        float(rng.uniform(0.22, 0.4)) if rng.random() < 0.5 else float(rng.uniform(0.6, 0.78))
    )
    cy = stage.height * (float(rng.uniform(0.3, 0.62)) if pale is None else 0.28)
    tilt = float(rng.uniform(-0.5, 0.5))
    ringed = rng.random() < 0.45 or scene.has("rings")
    reach = radius * (2.4 if ringed else 1.25)
    top, bottom = int(max(0, cy - reach)), int(min(stage.height, cy + reach))
    x = (np.arange(stage.wide, dtype=np.float32)[None, :] - np.float32(cx)) / np.float32(radius)
    y = (np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(cy)) / np.float32(radius)
    u = x * np.cos(tilt) + y * np.sin(tilt)
    v = -x * np.sin(tilt) + y * np.cos(tilt)
    rgb, mask, shade = _globe(rng, scene, u, v, x, y, radius)
    if ringed:
        rgb, mask = _rings(rng, rgb, mask, u, v, shade)
    if pale is not None:
        rgb, mask = rgb + (srgb(pale) - rgb) * 0.5, mask * np.float32(0.75)
    return plate(stage, rgb, mask, top=top, depth=0.5 if pale is None else 0.05)


def _globe(
    rng: np.random.Generator, scene: Scene, u: Field, v: Field, x: Field, y: Field, radius: float
) -> tuple[Field, Field, Field]:
    """Colours (rows, wide, 3), cover (rows, wide) and light (rows, wide) of the ball itself; units are radii."""
    away = np.hypot(u, v)
    z = np.sqrt(np.clip(1 - away**2, 0, 1))
    gas = rng.random() < 0.6
    hue = scene.colours[-1][0] if scene.colours else float(rng.uniform(0, 360))
    storms = fractal(rng, u.shape[:2], (radius * 0.22, radius * (0.9 if gas else 0.3)), roughness=0.55)
    belt = np.arcsin(np.clip(v, -1, 1))
    if gas:
        at = 0.5 + 0.32 * np.sin(belt * float(rng.uniform(7, 13)) + 0.5 * storms) + 0.14 * storms
    else:
        at = 0.5 + 0.33 * storms
    stops = [
        (0.0, lch(0.36, 0.08, hue)),
        (0.4, lch(0.6, 0.1, hue + 20)),
        (0.7, lch(0.78, 0.07, hue + 45)),
        (1.0, lch(0.93, 0.03, hue + 60)),
    ]
    surface = lookup(srgb(ramp(stops)), np.clip(at, 0, 1).astype(np.float32))
    sun = np.array([-0.68, -0.42, 0.6]) / np.linalg.norm([-0.68, -0.42, 0.6])
    light = np.clip(x * sun[0] + y * sun[1] + z * sun[2], 0, 1) ** 0.8
    rgb = surface * (0.03 + 1.05 * light)[..., None]
    rim = np.clip(1 - z, 0, 1) ** 3 * light
    rgb = rgb + srgb(lch(0.8, 0.09, hue + 180)) * (rim * 0.6)[..., None]
    cover = np.clip((1 - away) * np.float32(radius) + 0.5, 0, 1)
    halo = np.exp(-np.clip(away - 1, 0, None) * 14) * np.clip(x * sun[0] + y * sun[1] + 0.35, 0, 1) * 0.4
    air = srgb(lch(0.75, 0.1, hue + 180))
    rgb = np.where((away > 1)[..., None], air, rgb)
    return rgb.astype(np.float32), np.maximum(cover, halo).astype(np.float32), light.astype(np.float32)


def _rings(rng: np.random.Generator, rgb: Field, mask: Field, u: Field, v: Field, light: Field) -> tuple[Field, Field]:
    flat = float(rng.uniform(0.18, 0.32))
    reach = np.hypot(u, v / np.float32(flat))
    bands = np.interp(reach, np.linspace(1.3, 2.25, 60), 0.25 + 0.75 * rng.random(60)).astype(np.float32)
    cover = smoothstep(1.3, 1.36, reach) * smoothstep(2.25, 2.15, reach) * bands * 0.85
    hidden = (np.hypot(u, v) < 1) & (v < 0)
    cover = np.where(hidden, 0, cover)
    colour = srgb(mix(lch(0.85, 0.04, 80), lch(0.7, 0.05, 40), 0.4)) * (0.55 + 0.45 * bands)[..., None]
    in_shadow = (u > 0.1) & (np.abs(v) < 0.8) & (v < 0)
    colour = colour * np.where(in_shadow & (reach < 2.0), 0.35, 1.0)[..., None]
    total = mask + cover - mask * cover
    share = np.where(total > 0, cover / np.maximum(total, 1e-4), 0)
    return np.asarray(rgb + (colour - rgb) * share[..., None], np.float32), total.astype(np.float32)
