"""Small shapes drawn by hand, at twice the size so that their edges are smooth."""

from PIL import Image, ImageDraw

from ..colour import lch, srgb
from ..layers import Plate
from ..light import Light
from ..stage import Stage


class Sketch:
    """Shapes drawn at twice the size on a wide strip that ends `below` pixels under the horizon."""

    def __init__(self, stage: Stage, light: Light, height: float, *, below: float = 1.0) -> None:
        self.stage, self.light = stage, light
        self.top = int(max(0, stage.horizon_row - height))
        rows = min(stage.height, int(stage.horizon_row + below)) - self.top
        self.foot = (stage.horizon_row - self.top) * 2.0
        self.colour = Image.new("RGB", (stage.wide * 2, rows * 2))
        self.mask = Image.new("L", self.colour.size)
        self.brush, self.cover = ImageDraw.Draw(self.colour), ImageDraw.Draw(self.mask)

    def shape(self, points: list[tuple[float, float]], own: tuple[float, float, float], lit: float) -> None:
        """A polygon in a thing's own colour (OKLCH), in shadow (0) or in the sun (1)."""
        red, green, blue = (int(255 * v) for v in srgb(self.light.land(lch(*own), 0.85, lit)))
        self.brush.polygon(points, fill=(red, green, blue))
        self.cover.polygon(points, fill=255)

    def lamp(self, box: tuple[float, float, float, float]) -> None:
        """A lit pane."""
        self.brush.rectangle(box, fill=(255, 214, 140))
        self.cover.rectangle(box, fill=255)

    def plate(self, depth: float) -> Plate:
        return Plate(self.stage, self.colour.reduce(2), self.mask.reduce(2), self.top, depth)
