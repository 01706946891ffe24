"""Abstract pictures: silk, cut paper, and soft fields of colour, which all flow slowly."""

import numpy as np
from PIL import Image

from ..colour import lch, lookup, ramp, srgb
from ..layers import to_bytes
from ..noise import Field, smoothstep, stream
from ..scene import Scene
from ..stage import Stage, View

KINDS = ("silk", "paper", "mesh")


class Abstract:
    """A picture computed from its formula at every moment. In motion it is computed at half the size."""

    def __init__(self, scene: Scene, stage: Stage) -> None:
        self.stage = stage
        rng = stream(scene.seed, "abstract")
        named = [kind for kind in KINDS if scene.has(kind)]
        self.kind = named[0] if named else KINDS[int(rng.integers(3))]
        self.table = srgb(_palette(scene, rng, stepped=self.kind == "paper"))
        self.phase = rng.uniform(0, 2 * np.pi, 12).astype(np.float32)
        self.turn = float(rng.uniform(0, np.pi))
        self.scale = float(rng.uniform(1.3, 2.0))

    def draw(self, frame: Image.Image, view: View) -> None:
        part = 1 if view.still else 2
        width, height = self.stage.width // part, self.stage.height // part
        unit = self.stage.unit / part
        x = (np.arange(width, dtype=np.float32)[None, :] - width / 2) / np.float32(unit)
        y = (np.arange(height, dtype=np.float32)[:, None] - height / 2) / np.float32(unit)
        u = (x * np.cos(self.turn) - y * np.sin(self.turn)).astype(np.float32) * np.float32(self.scale)
        v = (x * np.sin(self.turn) + y * np.cos(self.turn)).astype(np.float32) * np.float32(self.scale)
        painters = {"silk": self._silk, "paper": self._paper, "mesh": self._mesh}
        rgb = painters[self.kind](u, v, np.float32(view.seconds * 0.35), unit)
        image = Image.fromarray(to_bytes(np.clip(rgb, 0, 1)))
        frame.paste(image if part == 1 else image.resize(frame.size, Image.Resampling.BICUBIC))

    def _folded(self, u: Field, v: Field, time: np.float32, rounds: int) -> tuple[Field, Field]:
        """The plane, folded by waves into waves."""
        p = self.phase
        for index in range(rounds):
            k = np.float32(2.2 + 1.1 * index)
            reach = np.float32(0.42 / (1 + 0.75 * index))
            u, v = (
                u + reach * np.sin(k * v + p[index] + time),
                v + reach * np.cos(k * 0.9 * u + p[index + 6] - time * np.float32(0.7)),
            )
        return u, v

    def _silk(self, u: Field, v: Field, time: np.float32, unit: float) -> Field:
        a, b = self._folded(u, v, time, 4)
        value = np.sin(4.2 * a + 2.1 * b + self.phase[11])
        dy, dx = np.gradient(value)
        slope = (dx * 0.8 - dy * 0.6) * np.float32(unit * 0.07)
        sheen = np.exp(-((slope - 0.75) ** 2) * 5)
        place = 0.5 + 0.38 * value + 0.14 * np.sin(1.7 * b)
        rgb = lookup(self.table, np.clip(place, 0, 1))
        shaded = rgb * (0.80 + 0.25 * np.tanh(slope))[..., None]
        return np.asarray(1 - (1 - shaded) * (1 - 0.42 * sheen[..., None]), np.float32)

    def _paper(self, u: Field, v: Field, time: np.float32, unit: float) -> Field:
        a, b = self._folded(u * np.float32(0.8), v * np.float32(0.8), time, 3)
        value = (0.5 + 0.36 * np.sin(2.9 * a + self.phase[11]) + 0.2 * np.cos(2.3 * b)) * 8
        level = np.floor(value)
        lift = max(2, round(unit * 0.014))
        above = np.pad(value, ((lift, 0), (lift, 0)), mode="edge")[:-lift, :-lift]
        shade = np.clip(np.floor(above) - level, 0, 1) * (1 - 0.9 * (above % 1).clip(0, 1))
        soft = Image.fromarray(shade.astype(np.float32)).resize((shade.shape[1] // 8, shade.shape[0] // 8))
        soft_shade = np.asarray(soft.resize((shade.shape[1], shade.shape[0]), Image.Resampling.BICUBIC))
        rgb = lookup(self.table, np.clip((level + 0.5) / 9, 0, 1))
        edge = smoothstep(0.0, 0.05, value % 1)
        rgb = rgb * (1 - 0.5 * (0.6 * soft_shade + 0.4 * shade))[..., None]
        return np.asarray(rgb + (1 - rgb) * (0.16 * (1 - edge))[..., None], np.float32)

    def _mesh(self, u: Field, v: Field, time: np.float32, unit: float) -> Field:
        total = np.full((*np.broadcast(u, v).shape, 3), 0.02, np.float32)
        weight = np.full(total.shape[:2], 0.02, np.float32)
        a, b = self._folded(u, v, time, 1)
        for index in range(6):
            angle = self.phase[index] + time * np.float32(0.25 * (-1) ** index)
            cx = np.float32(0.62) * np.cos(angle + index)
            cy = np.float32(0.5) * np.sin(np.float32(1.3) * angle + 2 * index)
            near = np.exp(-((a - cx) ** 2 + (b - cy) ** 2) * np.float32(9))
            total += near[..., None] * lookup(self.table, np.full((1, 1), (index + 0.5) / 6, np.float32))
            weight += near
        return total / weight[..., None]


def _palette(scene: Scene, rng: np.random.Generator, *, stepped: bool) -> Field:
    """A gradient (512, 3) of five related colours, dark to light; from the colour words where there are any."""
    if scene.guide is not None:
        tones = scene.guide.tones(5)
        return ramp([(index / 4, tone) for index, tone in enumerate(tones)], 9 * 57 if stepped else 512)
    if scene.colours:
        hues = [hue for hue, _ in scene.colours]
        first, last = hues[0], hues[-1] if len(hues) > 1 else hues[0] + 40
        strong = max(chroma for _, chroma in scene.colours)
    else:
        first, strong = float(rng.uniform(0, 360)), 0.15
        last = first + float(rng.choice([-150, -95, -60, 60, 95, 150]))
    way = ((last - first + 180) % 360) - 180
    dark = 0.24 if scene.light not in {"night", "dusk"} else 0.14
    stops = []
    for index in range(5):
        part = index / 4
        lightness = dark + (0.93 - dark) * part
        chroma = strong * (0.65 + 1.1 * part * (1 - part) * 1.6) * (1 if part < 0.9 else 0.5)
        stops.append((part, lch(lightness, chroma, first + way * part)))
    return ramp(stops, 9 * 57 if stepped else 512)
