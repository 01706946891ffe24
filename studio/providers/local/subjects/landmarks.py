"""Small things that people made, which stand on the horizon: a boat, a lighthouse, a cabin."""

import numpy as np

from ..layers import Plate
from ..light import Light
from ..noise import stream
from ..scene import Scene
from ..stage import Stage
from .sketch import Sketch


def paint_lighthouse(scene: Scene, stage: Stage, light: Light) -> Plate:
    """A striped tower on a rock that rises from the water."""
    rng = stream(scene.seed, "lighthouse")
    size = stage.unit * 0.3
    sketch = Sketch(stage, light, size * 1.1, below=size * 0.02)
    x = (stage.pad + stage.width * (0.24 if light.sun_at[0] > 0.5 else 0.76)) * 2
    unit, foot = size * 2, sketch.foot
    edge = np.linspace(-1, 1, 25)
    rise = 0.2 * (1 - np.abs(edge) ** 1.6) * (1 + 0.18 * rng.standard_normal(25))
    rock = [(x + unit * 0.62 * float(e), foot - unit * max(0.0, float(r))) for e, r in zip(edge, rise, strict=True)]
    base, top = foot - unit * 0.17, foot - unit * 0.86
    for index in range(6):
        low, high = index / 6, (index + 1) / 6
        wide, slim = unit * (0.062 - 0.024 * low), unit * (0.062 - 0.024 * high)
        down, up = base + (top - base) * low, base + (top - base) * high
        stripe = (0.58, 0.18, 28) if index % 2 else (0.95, 0.01, 90)
        sketch.shape([(x - wide, down), (x - slim, up), (x + slim, up), (x + wide, down)], stripe, 0.8)
        sketch.shape([(x + wide * 0.35, down), (x + slim * 0.35, up), (x + slim, up), (x + wide, down)], stripe, 0.35)
    sketch.shape([*rock, (x + unit * 0.62, foot + 4), (x - unit * 0.62, foot + 4)], (0.4, 0.02, 250), 0.3)
    slim = unit * 0.05
    sketch.shape([(x - slim, top), (x - slim, top - 5), (x + slim, top - 5), (x + slim, top)], (0.25, 0.01, 250), 0.2)
    sketch.lamp((x - slim * 0.55, top - unit * 0.075, x + slim * 0.55, top - 5))
    roof = top - unit * 0.075
    sketch.shape([(x - slim * 0.8, roof), (x, roof - unit * 0.06), (x + slim * 0.8, roof)], (0.45, 0.15, 28), 0.4)
    return sketch.plate(0.35)


def paint_cabin(scene: Scene, stage: Stage, light: Light) -> Plate:
    """A cabin at the far edge of the ground, its windows lit when the day is over."""
    size = stage.unit * 0.1
    sketch = Sketch(stage, light, size * 1.6, below=size * 0.35)
    x = (stage.pad + stage.width * (0.3 if light.sun_at[0] > 0.5 else 0.7)) * 2
    unit, foot = size * 2, sketch.foot + size * 0.5

    def at(across: float, up: float) -> tuple[float, float]:
        return x + unit * across, foot - unit * up

    wood, brick = (0.5, 0.07, 45), (0.4, 0.03, 30)
    snowy = scene.season == "winter" or scene.weather == "snow"
    tiles = (0.94, 0.01, 250) if snowy else (0.36, 0.05, 35)
    sketch.shape([at(0.25, 0.7), at(0.25, 0.92), at(0.34, 0.92), at(0.34, 0.7)], brick, 0.3)
    sketch.shape([at(-0.55, 0), at(-0.55, 0.42), at(0.6, 0.42), at(0.6, 0)], wood, 0.5)
    gable = [at(-0.55, 0), at(-0.55, 0.42), at(-0.35, 0.78), at(-0.15, 0.42), at(-0.15, 0)]
    sketch.shape(gable, wood, 0.8)
    sketch.shape([at(-0.39, 0.79), at(0.44, 0.79), at(0.65, 0.4), at(-0.12, 0.4)], tiles, 0.5)
    if light.dark or light.level < 0.65:
        for left in (-0.4, 0.07, 0.3):
            sketch.lamp((*at(left, 0.3), *at(left + 0.1, 0.17)))
    return sketch.plate(0.4)


def paint_boat(scene: Scene, stage: Stage, light: Light) -> Plate:
    """A sailing boat, painted before the water so that the water mirrors it."""
    rng = stream(scene.seed, "boat")
    size = stage.unit * float(rng.uniform(0.075, 0.11))
    sketch = Sketch(stage, light, size * 1.25)
    x = (stage.pad + stage.width * (0.33 if light.sun_at[0] > 0.5 else 0.66)) * 2
    foot, unit = sketch.foot, size * 2
    deck = [(x - unit * 0.42, foot - unit * 0.14), (x + unit * 0.46, foot - unit * 0.16)]
    sketch.shape([*deck, (x + unit * 0.3, foot + 2), (x - unit * 0.3, foot + 2)], (0.28, 0.05, 40), 0.3)
    low = foot - unit * 0.2
    sketch.shape([(x, foot - unit * 1.15), (x - unit * 0.42, low), (x, low)], (0.97, 0.02, 90), 0.95)
    jib = x + unit * 0.03
    sketch.shape([(jib, foot - unit), (x + unit * 0.44, low), (jib, low)], (0.92, 0.02, 90), 0.6)
    return sketch.plate(0.3)
