"""Water: the frame above the horizon, mirrored and broken up by waves that move."""

import numpy as np
from PIL import Image

from ..colour import mix, srgb
from ..layers import Bytes
from ..light import Light
from ..noise import Field, fractal, smoothstep, stream
from ..scene import Scene
from ..stage import Stage, View
from .sky import sun_place

TEXTURE = 512  # the side of the wave texture, which repeats


class Water:
    """A water surface from the horizon down to `bottom` (a fraction of the height). It mirrors what is already drawn,
    so it is drawn after the far layers and before the near ones."""

    def __init__(self, scene: Scene, stage: Stage, light: Light, *, rough: float, bottom: float = 1.0) -> None:
        self.stage, self.light, self.rough = stage, light, rough
        self.first = stage.horizon_row
        self.rows = max(1, round(stage.height * bottom) - self.first)
        self.waves = _wave_texture(scene.seed)
        self.mirror = scene.has("reflection")
        down = np.arange(self.rows, dtype=np.float32)[:, None] + 1
        self.near = down / np.float32(stage.height)
        x = np.arange(stage.width, dtype=np.float32)[None, :] - stage.width / 2
        far = np.float32(stage.unit * 0.05)
        self.u = (x / np.float32(stage.unit) * 420 / (1 + 6 * down / far / 10) * 2.2).astype(np.float32)
        self.v = np.broadcast_to(np.log1p(down / far) * 190, self.u.shape).astype(np.float32)
        self.glitter = self._sun_path(scene, x, down) if scene.has("sun", "moon") else None
        deep = mix(mix(light.sky[1], light.shadow, 0.45), light.sky[0], 0.3)
        self.deep = srgb(deep) * 255
        self.sheen = srgb(light.sky[3]) * 255

    def _sun_path(self, scene: Scene, x: Field, down: Field) -> Field:
        column, _row = sun_place(self.stage, self.light)
        offset = x + self.stage.width / 2 - (column - self.stage.pad)
        width = self.stage.unit * 0.03 + down * (0.28 if self.rough > 0.5 else 0.16)
        low = 1.1 - 0.6 * self.light.sun_at[1]
        fade = np.exp(-down / np.float32(self.stage.height * 0.45))
        return np.asarray(np.exp(-((offset / width) ** 2)) * low * fade, np.float32)

    def draw(self, frame: Image.Image, view: View) -> None:
        above = np.asarray(frame.crop((0, 0, self.stage.width, self.first + 1)))
        first, second = self._wave(view.seconds, 9, 5), self._wave(view.seconds, -6, 11, 1.7)
        slope = first + 0.6 * second
        surface = self._reflected(above, slope)
        self._shade(surface, slope, first * second)
        frame.paste(Image.fromarray(np.clip(surface, 0, 255).astype(np.uint8)), (0, self.first))

    def _wave(self, seconds: float, along: float, toward: float, scale: float = 1.0) -> Field:
        column = (self.u * np.float32(scale) + np.float32(along * seconds)).astype(np.int32) & (TEXTURE - 1)
        row = (self.v * np.float32(scale) - np.float32(toward * seconds)).astype(np.int32) & (TEXTURE - 1)
        return np.asarray(self.waves[row, column])

    def _reflected(self, above: Bytes, slope: Field) -> Field:
        """The mirrored picture, its rows shifted by the waves' slope: float (rows, width, 3), 0–255."""
        sway = (0.004 + 0.16 * self.near) * (0.35 + self.rough) * self.stage.height * 0.5
        down = np.arange(self.rows, dtype=np.float32)[:, None]
        row = self.first - down * 1.02 - np.abs(slope) * sway - slope * sway * 0.6
        row = np.clip(row, 0, self.first).astype(np.int32)
        column = np.arange(self.stage.width, dtype=np.int32)[None, :]
        return np.asarray(above[row, column], np.float32)

    def _shade(self, surface: Field, slope: Field, sparkle: Field) -> None:
        """Depth, the light on the crests, and the sun's path."""
        fresnel = np.clip(0.25 + 0.9 * self.near + 0.22 * self.rough, 0, 0.85 if self.mirror else 0.97)
        share = np.clip(fresnel - 0.07 * slope, 0, 1)[..., None]
        surface += (self.deep - surface) * share
        crest = smoothstep(0.9, 2.2, slope)[..., None] * np.float32(0.16 * (0.4 + self.rough))
        surface += (self.sheen - surface) * crest
        shore = max(1, round(self.stage.height / 260))
        surface[:shore] += (self.sheen - surface[:shore]) * np.float32(0.35)
        if self.glitter is not None:
            glint = smoothstep(0.1, 0.9, sparkle + 0.35 * slope) * self.glitter + 0.14 * self.glitter
            surface += (srgb(self.light.sun) * 255 - surface) * np.clip(glint, 0, 1)[..., None]


def _wave_texture(seed: int) -> Field:
    """Long low waves, float (TEXTURE, TEXTURE), seamless at its edges."""
    lap = 64
    noise = fractal(stream(seed, "waves"), (TEXTURE + lap, TEXTURE + lap), (24, 90), roughness=0.6)
    share = smoothstep(0, lap, np.arange(lap, dtype=np.float32))
    noise[:lap] = share[:, None] * noise[:lap] + (1 - share[:, None]) * noise[TEXTURE:]
    noise[:, :lap] = share * noise[:, :lap] + (1 - share) * noise[:, TEXTURE:]
    return np.ascontiguousarray(noise[:TEXTURE, :TEXTURE])
