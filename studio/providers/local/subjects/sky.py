"""The sky: its gradient, the sun or moon in it and their glow."""

import numpy as np

from ..colour import lookup, mix, ramp, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import Field, fractal, stream
from ..scene import Scene
from ..stage import Stage


def sun_place(stage: Stage, light: Light) -> tuple[float, float]:
    """Column (on the painted ground) and row of the sun's or moon's centre."""
    across, up = light.sun_at
    return stage.pad + across * stage.width, stage.horizon_row * (1 - up)


def paint_sky(scene: Scene, stage: Stage, light: Light) -> Plate:
    """The sky behind everything, down to a little below the horizon."""
    rows = min(stage.height, stage.horizon_row + round(stage.height * 0.1))
    y = np.arange(rows, dtype=np.float32)[:, None]
    x = np.arange(stage.wide, dtype=np.float32)[None, :]
    column, row = sun_place(stage, light)
    away = np.hypot(x - np.float32(column), y - np.float32(row)) / np.float32(stage.unit)
    place = np.broadcast_to(y / np.float32(max(1, stage.horizon_row)), away.shape)
    shining = scene.has("sun", "moon")
    if shining and not light.night:
        place = place + 0.16 * np.exp(-away * 2.2) * (1 - 0.5 * place)
    drift = fractal(stream(scene.seed, "sky"), (rows // 4 + 1, stage.wide // 4 + 1), stage.unit / 5, finest=16)
    wide = np.repeat(np.repeat(drift, 4, axis=0), 4, axis=1)[:rows, : stage.wide]
    place = place + 0.012 * wide
    zenith, middle, low, edge = light.sky
    table = srgb(ramp([(0, zenith), (0.42, middle), (0.78, low), (1, edge)]))
    rgb = lookup(table, place)
    if shining:
        rgb = _shine(scene, rgb, away * np.float32(stage.unit), stage, light)
    return plate(stage, rgb)


def _shine(scene: Scene, rgb: Field, away: Field, stage: Stage, light: Light) -> Field:
    """The disc and its glow; `away` is the distance to its centre in pixels."""
    moon = light.night
    radius = stage.unit * (0.034 if moon else 0.03 if light.sun_at[1] > 0.5 else 0.042)
    sun = srgb(mix(light.sun, light.sky[2], 0.15))
    halo = np.exp(-((away / np.float32(radius * (3.2 if moon else 4.5))) ** 1.0))
    wide = np.exp(-away / np.float32(stage.unit * 0.3))
    strength = 0.45 * halo + (0.12 if moon else 0.3) * wide
    rgb = 1 - (1 - rgb) * (1 - strength[..., None] * sun)
    high = light.sun_at[1] > 0.5 and not moon
    disc = np.clip((np.float32(radius) - away) / np.float32(radius * 0.7 if high else 1.0) + 0.5, 0, 1)
    if scene.weather in {"fog", "snow"}:
        disc = disc * 0.75
    face = srgb(mix(light.sun, light.sky[3], 0.1))
    if moon:
        return _moon(rgb, disc, radius, stage, light, scene.seed)
    return np.asarray(rgb + (face - rgb) * disc[..., None], np.float32)


def _moon(rgb: Field, disc: Field, radius: float, stage: Stage, light: Light, seed: int) -> Field:
    """The moon's face, with its seas."""
    column, row = sun_place(stage, light)
    top, left = int(row - radius - 2), int(column - radius - 2)
    side = int(2 * radius + 5)
    top, left = max(0, top), max(0, left)
    area = (slice(top, top + side), slice(left, left + side))
    part = rgb[area]
    seas = fractal(stream(seed, "moon"), part.shape[:2], radius * 0.9, roughness=0.55)
    face = np.clip(0.93 - 0.11 * np.clip(seas, -0.4, 1.4), 0, 1)[..., None] * srgb(light.sun)
    rgb[area] = part + (face - part) * disc[area][..., None]
    return rgb
