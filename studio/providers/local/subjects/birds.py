"""Birds in the air."""

import numpy as np
from PIL import Image, ImageDraw

from ..colour import lch, srgb
from ..light import Light
from ..noise import stream
from ..scene import Scene
from ..stage import Stage, View


class Birds:
    """A loose flock that flies slowly across, each bird with its own beat."""

    def __init__(self, scene: Scene, stage: Stage, light: Light) -> None:
        rng = stream(scene.seed, "birds")
        self.stage = stage
        self.colour = tuple(int(255 * v) for v in srgb(light.land(lch(0.2, 0.02, 260), 0.75, 0.1)))
        centre = rng.uniform(0.25, 0.75), rng.uniform(0.2, 0.42)
        self.birds = [
            (
                centre[0] + float(rng.normal(0, 0.09)),
                centre[1] + float(rng.normal(0, 0.045)),
                float(rng.uniform(0.006, 0.014)),
                float(rng.uniform(0, 6.3)),
            )
            for _ in range(int(rng.integers(6, 13)))
        ]
        self.heading = 1 if rng.random() < 0.5 else -1

    def draw(self, frame: Image.Image, view: View) -> None:
        for x, y, size, beat in self.birds:
            span = size * self.stage.unit
            cx = x * self.stage.width + self.heading * view.seconds * span * 0.9
            cy = y * self.stage.height
            self._bird(frame, cx, cy, span, 0.35 * np.sin(beat + view.seconds * 7))

    def _bird(self, frame: Image.Image, x: float, y: float, span: float, lift: float) -> None:
        """One bird with wings `lift` up or down, drawn four times as large and then reduced."""
        side = int(span * 2.6) | 1
        mask = Image.new("L", (side * 4, side * 4))
        draw = ImageDraw.Draw(mask)
        middle, reach = side * 2.0, span * 4
        for sign in (-1, 1):
            wing = [
                (middle + sign * reach * part, middle - reach * (0.55 + lift) * part * (1.45 - 1.25 * part))
                for part in np.linspace(0, 1, 9)
            ]
            back = [
                (px, py + reach * 0.13 * (1 - part)) for (px, py), part in zip(wing, np.linspace(0, 1, 9), strict=True)
            ]
            draw.polygon([*wing, *reversed(back)], fill=255)
        frame.paste(self.colour, (round(x - side / 2), round(y - side / 2)), mask.reduce(4))
