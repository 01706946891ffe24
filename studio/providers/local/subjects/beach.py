"""A beach: sand, wet and rimmed with foam where the water ends."""

import numpy as np

from ..colour import lch, mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import fractal, profile, smoothstep, stream
from ..scene import Scene
from ..stage import Stage


def paint_beach(scene: Scene, stage: Stage, light: Light) -> Plate:
    """A strip of sand at the foot of the frame, wet and rimmed with foam where the water ends."""
    rng = stream(scene.seed, "beach")
    edge = profile(rng, stage.wide, stage.unit * 0.55, roughness=0.4)
    slant = np.linspace(-1, 1, stage.wide, dtype=np.float32) * float(rng.choice([-1, 1])) * 0.05
    crest = ((0.81 + 0.012 * edge + slant) * stage.height).astype(np.float32)
    top = int(crest.min() - stage.unit * 0.02)
    below = np.arange(top, stage.height, dtype=np.float32)[:, None] - crest[None, :]
    shape = (below.shape[0], below.shape[1])
    grains = fractal(rng, shape, (stage.unit * 0.02, stage.unit * 0.12), roughness=0.65, finest=1.0)
    lit = np.clip(0.72 + 0.1 * grains, 0, 1)
    sand = lch(0.8, 0.06, 72)
    dark, bright = srgb(light.land(sand, 0.95, 0.15)), srgb(light.land(sand, 0.95, 1.0))
    rgb = dark + (bright - dark) * lit[..., None]
    away = below / np.float32(stage.unit)
    wet = srgb(mix(light.sky[2], light.shadow, 0.35))
    rgb = rgb + (wet - rgb) * (0.72 * smoothstep(0.075, 0.015, away + 0.004 * grains))[..., None]
    foam = np.exp(-((away / 0.0055) ** 2)) + 0.45 * np.exp(-(((away - 0.02 - 0.004 * grains) / 0.003) ** 2))
    white = srgb(mix(light.land(lch(0.97, 0.01, 230), 0.9, 1.0), light.sky[3], 0.3))
    rgb = rgb + (white - rgb) * np.clip(foam * (0.75 + 0.3 * grains), 0, 1)[..., None]
    mask = smoothstep(-0.006, 0.001, away + 0.002 * grains)
    return plate(stage, rgb, mask, top=top, depth=0.9)
