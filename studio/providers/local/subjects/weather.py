"""Rain and snow that fall in front of the scene."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ..colour import mix, srgb
from ..layers import screen
from ..light import Light
from ..noise import stream
from ..scene import Scene
from ..stage import Stage, View


class Rain:
    """Slanting streaks in two depths. The sheets repeat downwards, so they can fall for ever."""

    def __init__(self, scene: Scene, stage: Stage, light: Light) -> None:
        self.sheets = [
            _streaks(stage, light, stream(scene.seed, f"rain {i}"), count, length)
            for i, (count, length) in enumerate([(900, 0.035), (300, 0.075)])
        ]
        self.speeds = (1.3 * stage.height, 2.1 * stage.height)

    def draw(self, frame: Image.Image, view: View) -> None:
        for sheet, speed in zip(self.sheets, self.speeds, strict=True):
            fallen = round(speed * view.seconds) % sheet.height
            screen(frame, ImageChops.offset(sheet, round(-fallen * 0.12), fallen))


def _streaks(stage: Stage, light: Light, rng: np.random.Generator, count: int, length: float) -> Image.Image:
    image = Image.new("L", (stage.width, stage.height))
    draw = ImageDraw.Draw(image)
    long = stage.unit * length
    for _ in range(int(count * stage.width * stage.height / stage.unit**2)):
        x, y = rng.random() * stage.width * 1.1, rng.random() * stage.height
        tall = long * rng.uniform(0.5, 1.2)
        fill = int(rng.uniform(25, 80))
        width = max(1, round(stage.unit * length / 55))
        for turn in (0, -stage.height):
            draw.line([(x, y + turn), (x - tall * 0.12, y + turn + tall)], fill=fill, width=width)
    soft = image.filter(ImageFilter.GaussianBlur(stage.unit / 2200))
    tint = srgb(mix(light.sky[3], light.haze, 0.3)) * (0.9 if not light.night else 1.5)
    channels = [soft.point([int(min(255, v * t)) for v in range(256)]) for t in tint]
    return Image.merge("RGB", channels)


class Snow:
    """Flakes in three depths that fall and sway; each sheet repeats in both directions."""

    def __init__(self, scene: Scene, stage: Stage) -> None:
        self.stage = stage
        kinds = [(1000, 0.0010), (320, 0.0019), (70, 0.0046)]
        self.sheets = [_flakes(stage, stream(scene.seed, f"snow {i}"), *kind) for i, kind in enumerate(kinds)]

    def draw(self, frame: Image.Image, view: View) -> None:
        for index, sheet in enumerate(self.sheets):
            fall = self.stage.height * (0.05 + 0.075 * index) * view.seconds
            sway = self.stage.unit * (0.006 + 0.008 * index) * np.sin(view.seconds * (0.9 + 0.3 * index) + index)
            moved = ImageChops.offset(sheet, round(float(sway)), round(fall) % sheet.height)
            screen(frame, moved)


def _flakes(stage: Stage, rng: np.random.Generator, count: int, size: float) -> Image.Image:
    image = Image.new("L", (stage.width, stage.height))
    draw = ImageDraw.Draw(image)
    for _ in range(int(count * stage.width * stage.height / stage.unit**2)):
        radius = max(0.6, stage.unit * size * float(rng.uniform(0.6, 1.3)))
        x = rng.uniform(radius * 2, stage.width - radius * 2)
        y = rng.uniform(radius * 2, stage.height - radius * 2)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(rng.uniform(90, 215)))
    soft = image.filter(ImageFilter.GaussianBlur(stage.unit * size * 0.42))
    return Image.merge("RGB", [soft] * 3)
