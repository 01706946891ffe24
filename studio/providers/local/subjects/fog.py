"""Banks of fog that drift between the layers."""

import numpy as np

from ..colour import mix, srgb
from ..layers import Plate, plate
from ..light import Light
from ..noise import fractal, smoothstep, stream
from ..scene import Scene
from ..stage import Stage


def paint_fog(scene: Scene, stage: Stage, light: Light, *, at: float, reach: float, depth: float) -> Plate:
    """A bank of fog around the row `at`, `reach` high (fractions of the height)."""
    rng = stream(scene.seed, f"fog {at:.2f}")
    top = int(max(0, (at - reach) * stage.height))
    bottom = int(min(stage.height, (at + reach) * stage.height))
    rows = max(2, bottom - top)
    drift = fractal(rng, (rows, stage.wide), (stage.unit * 0.09, stage.unit * 0.5), roughness=0.5, finest=4)
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    body = np.exp(-((y * 1.9) ** 2)) * smoothstep(1.0, 0.8, np.abs(y))
    mask = np.clip(body * (0.62 + 0.3 * drift), 0, 0.94)
    colour = srgb(mix(light.haze, light.sky[3], 0.55))
    rgb = np.broadcast_to(colour, (rows, stage.wide, 3)).astype(np.float32)
    return plate(stage, rgb, mask, top=top, depth=depth, drift=stage.pad * (0.06 + 0.1 * depth))
