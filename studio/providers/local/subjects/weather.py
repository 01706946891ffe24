"""Weather in front of the scene: fog banks, rain, snow and lightning."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ..colour import mix, srgb
from ..layers import Plate, plate, screen, to_bytes
from ..light import Light
from ..noise import fractal, smoothstep, stream
from ..scene import Scene
from ..stage import Stage, View


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
