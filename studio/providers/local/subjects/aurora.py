"""Northern lights: folded curtains that sway."""

import numpy as np
from PIL import Image

from ..colour import lch, lookup, ramp, srgb
from ..layers import screen, to_bytes
from ..noise import Field, profile, stream
from ..scene import Scene
from ..stage import Stage, View

SCALE = 4  # curtains are soft: they are painted at a quarter of the size


class Aurora:
    """Curtains over the sky, painted anew for each frame."""

    def __init__(self, scene: Scene, stage: Stage) -> None:
        self.stage = stage
        rng = stream(scene.seed, "aurora")
        self.rows, self.columns = stage.horizon_row // SCALE, stage.width // SCALE
        unit = stage.unit / SCALE
        hue = scene.colours[0][0] if scene.colours else float(rng.uniform(150, 168))
        stops = [(0.0, lch(0.86, 0.17, hue)), (0.35, lch(0.7, 0.16, hue + 12)), (1.0, lch(0.42, 0.17, hue + 150))]
        self.table = srgb(ramp(stops))
        reach = self.columns * 3
        self.curtains = [
            (
                profile(rng, reach, unit * 0.55, roughness=0.4),
                profile(rng, reach, unit * 0.16, roughness=0.75),
                float(rng.uniform(0.42, 0.8)),
                float(rng.uniform(0.26, 0.42)),
                float(rng.uniform(2.0, 5.0)),
            )
            for _ in range(3)
        ]

    def draw(self, frame: Image.Image, view: View) -> None:
        total = np.zeros((self.rows, self.columns, 3), np.float32)
        for curtain in self.curtains:
            total += self._curtain(view.seconds, *curtain)
        small = Image.fromarray(to_bytes(np.clip(total, 0, 1)))
        size = (self.stage.width, self.stage.horizon_row)
        screen(frame, small.resize(size, Image.Resampling.BICUBIC))

    def _curtain(self, seconds: float, folds: Field, rays: Field, base: float, height: float, speed: float) -> Field:
        """One curtain's light (rows, columns, 3): sharp below, fading upwards."""
        x = np.arange(self.columns, dtype=np.float32)
        bend = np.interp(x + seconds * speed, np.arange(folds.size), folds).astype(np.float32)
        ray = np.interp(x * 1.2 - seconds * speed * 1.5 + self.columns, np.arange(rays.size), rays).astype(np.float32)
        foot = self.rows * (base + 0.13 * bend)
        up = (foot[None, :] - np.arange(self.rows, dtype=np.float32)[:, None]) / self.rows
        tall = np.maximum(0.05, height * (0.75 + 0.35 * ray))[None, :]
        rise = np.clip(up / 0.035, 0, 1)
        glow = np.exp(-np.clip(up, 0, None) / (tall * 0.5)) * rise * rise * (3 - 2 * rise)
        strength = np.clip(0.5 + 0.28 * ray + 0.25 * np.roll(bend, 9), 0.04, 1.1)[None, :] * glow * 0.72
        return np.asarray(lookup(self.table, np.clip(up / 0.5, 0, 1)) * strength[..., None])
