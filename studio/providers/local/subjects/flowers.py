"""Flowers: specks in the distance, blossoms at one's feet."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..colour import lch, srgb
from ..layers import Plate
from ..light import Light
from ..noise import Field, stream
from ..scene import Scene
from ..stage import Stage

SETS = {
    "poppies": [(0.62, 0.21, 28), (0.66, 0.19, 35), (0.92, 0.05, 95)],
    "lavender": [(0.60, 0.16, 300), (0.68, 0.13, 310), (0.55, 0.15, 290)],
    "sunflowers": [(0.88, 0.16, 95), (0.94, 0.03, 100), (0.8, 0.16, 75)],
    "blossom": [(0.76, 0.13, 355), (0.86, 0.07, 5), (0.95, 0.02, 90)],
    "cornflowers": [(0.62, 0.14, 262), (0.72, 0.1, 265), (0.93, 0.04, 95)],
}
Colour = tuple[int, int, int]


def paint_flowers(scene: Scene, stage: Stage, light: Light, *, first: float) -> Iterator[Plate]:
    """Two plates: the field from the row `first` down, and the near blossoms, a little out of focus."""
    rng = stream(scene.seed, "flowers")
    petals = _petals(scene, rng)
    field = _Bed(stage, light, rng, petals)
    top, span = first * stage.height, (0.99 - first) * stage.height
    for _ in range(int(2600 * stage.wide / stage.unit)):
        deep = float(rng.random()) ** 1.7
        field.flower(
            float(rng.uniform(0, stage.wide)),
            top + span * (deep + 0.05 * abs(float(rng.normal()))),
            (0.0012 + 0.0105 * deep**1.3) * stage.unit,
            deep,
        )
    yield field.plate(0.75, 0.0)
    near = _Bed(stage, light, rng, petals)
    for _ in range(int(24 * stage.wide / stage.unit)):
        low = float(rng.uniform(0.88, 1.02)) * stage.height
        near.flower(float(rng.uniform(0, stage.wide)), low, stage.unit * float(rng.uniform(0.016, 0.03)), 1.0)
    yield near.plate(1.0, 0.0011)


def _petals(scene: Scene, rng: np.random.Generator) -> list[Field]:
    if scene.colours:
        return [lch(0.5 + 0.3 * float(rng.random()), max(0.03, chroma), hue) for hue, chroma in scene.colours * 3]
    chosen = list(SETS)[int(rng.integers(len(SETS)))]
    named = next((name for name in SETS if scene.has(name)), chosen)
    return [lch(*colour) for colour in SETS[named]]


class _Bed:
    """Flowers drawn over one another at twice the size, and then made a plate."""

    def __init__(self, stage: Stage, light: Light, rng: np.random.Generator, petals: list[Field]) -> None:
        self.stage, self.light, self.rng, self.petals = stage, light, rng, petals
        size = (stage.wide * 2, stage.height * 2)
        self.stem = self._bytes(lch(0.5, 0.1, 135), 1.0, 0.35)
        self.image = Image.new("RGB", size, self.stem)
        self.mask = Image.new("L", size)
        self.brush, self.cover = ImageDraw.Draw(self.image), ImageDraw.Draw(self.mask)

    def _bytes(self, own: Field, depth: float, lit: float) -> Colour:
        red, green, blue = (int(255 * v) for v in srgb(self.light.land(own, depth, lit)))
        return red, green, blue

    def _spot(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        box = (x - rx, y - ry, x + rx, y + ry)
        self.brush.ellipse(box, fill=colour)
        self.cover.ellipse(box, fill=255)

    def flower(self, x: float, y: float, size: float, deep: float) -> None:
        x, y, size = x * 2, y * 2, size * 2
        own = self.petals[int(self.rng.integers(len(self.petals)))]
        lit = float(self.rng.uniform(0.7, 1.0))
        petal = self._bytes(own, 0.45 + 0.55 * deep, lit)
        if size < 7:
            self._spot(x, y, max(1.0, size), max(0.8, size * 0.75), petal)
            return
        bend = float(self.rng.normal(0, 0.25)) * size
        stalk = [(x, y), (x + bend, y + size * 4.5)]
        width = max(1, int(size * 0.16))
        self.brush.line(stalk, fill=self.stem, width=width)
        self.cover.line(stalk, fill=255, width=width)
        shade = self._bytes(own * np.array([0.85, 1, 1], np.float32), 0.45 + 0.55 * deep, lit * 0.8)
        count, turn = int(self.rng.integers(5, 8)), float(self.rng.uniform(0, 6))
        for index in range(count):
            angle = turn + index * 2 * np.pi / count
            px, py = x + np.cos(angle) * size * 0.62, y + np.sin(angle) * size * 0.4
            self._spot(px, py, size * 0.46, size * 0.36, shade if index % 2 else petal)
        self._spot(x, y, size * 0.26, size * 0.2, self._bytes(lch(0.8, 0.14, 85), 1.0, lit))

    def plate(self, depth: float, blur: float) -> Plate:
        colour, mask = self.image.reduce(2), self.mask.reduce(2)
        box = mask.getbbox() or (0, 0, 1, 1)
        if blur:
            soft = ImageFilter.GaussianBlur(blur * self.stage.unit)
            mask = mask.filter(soft)
        top = max(0, box[1] - 4)
        area = (0, top, self.stage.wide, self.stage.height)
        return Plate(self.stage, colour.crop(area), mask.crop(area), top, depth)
