"""Lightning: a forked bolt with its glow."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..layers import screen, to_bytes
from ..noise import stream
from ..scene import Scene
from ..stage import Stage, View


class Lightning:
    """A forked bolt with its glow; in motion it strikes now and then."""

    def __init__(self, scene: Scene, stage: Stage) -> None:
        rng = stream(scene.seed, "lightning")
        bolt = Image.new("L", (stage.width, stage.horizon_row + 4))
        x = stage.width * float(rng.uniform(0.2, 0.8))
        _fork(ImageDraw.Draw(bolt), rng, (x, stage.horizon_row * 0.04), stage.horizon_row * 1.0, stage.unit / 330)
        near = np.asarray(bolt.filter(ImageFilter.GaussianBlur(stage.unit / 900)), np.float32) / 255
        glow = np.asarray(bolt.filter(ImageFilter.GaussianBlur(stage.unit / 55)), np.float32) / 255
        wide = np.asarray(
            bolt.reduce(8).filter(ImageFilter.GaussianBlur(stage.unit / 90)).resize(bolt.size), np.float32
        )
        total = near[..., None] * 1.3 + glow[..., None] * np.array([1.3, 1.5, 2.6]) + wide[..., None] / 255 * 1.2
        self.image = Image.fromarray(to_bytes(np.clip(total, 0, 1).astype(np.float32)))
        self.first = float(rng.uniform(0.6, 1.4))

    def draw(self, frame: Image.Image, view: View) -> None:
        strength = 1.0 if view.still else self._strength(view.seconds)
        if strength > 0.02:
            screen(
                frame, self.image if strength == 1 else self.image.point([int(v * strength) for v in range(256)] * 3)
            )

    def _strength(self, seconds: float) -> float:
        since = (seconds - self.first) % 2.7
        if seconds < self.first:
            return 0.0
        flicker = 0.55 + 0.45 * np.cos(since * 60)
        return float(np.exp(-since * 7) * flicker)


def _fork(
    draw: ImageDraw.ImageDraw, rng: np.random.Generator, start: tuple[float, float], length: float, width: float
) -> None:
    x, y = start
    lean, steps = float(rng.normal(0, 0.25)), 26
    for _ in range(steps):
        to = (x + float(rng.normal(lean, 0.75)) * length / steps, y + length / steps * float(rng.uniform(0.6, 1.35)))
        draw.line([(x, y), to], fill=255, width=max(1, round(width)))
        x, y = to
        if width > 1 and rng.random() < 0.12:
            _fork(draw, rng, to, length * float(rng.uniform(0.2, 0.45)), width * 0.5)
