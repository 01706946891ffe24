"""The last steps of every frame: bloom, the style's colours, vignette and grain."""

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from .colour import oklab, srgb
from .layers import Bytes
from .likeness import Match, masses
from .noise import Field, stream
from .scene import Scene
from .stage import Stage
from .styles import Style, style_named

STEPS = 17  # of the colour table, in each direction


class Finish:
    """What a scene's style does to a frame. Made once, applied to each frame; `grain` scales the style's own."""

    def __init__(self, scene: Scene, stage: Stage, *, grain: float = 1.0) -> None:
        self.style = style_named(scene.style)
        self.stage = stage
        self.guide = scene.guide
        self.masses = masses(scene.guide, stage) if scene.guide else None
        self.table: ImageFilter.Color3DLUT | None = None
        self.shade = _vignette(stage, self.style.vignette) if scene.has("vignette") else None
        self.grains = _grains(scene.seed, stage, grain * self.style.grain if scene.has("grain") else 0.0)

    def apply(self, frame: Image.Image, index: int = 0) -> Image.Image:
        """The finished frame; `index` chooses its grain. With a guide, the first frame decides on all colours."""
        if self.masses:
            frame = ImageChops.multiply(frame, self.masses)
        if self.style.bloom:
            frame = _bloom(frame, self.stage, self.style.bloom)
        if self.style.effect:
            frame = self.style.effect(frame, self.stage.unit)
        if self.table is None:
            self.table = _table(self.style, Match(frame, self.guide) if self.guide else None)
        frame = frame.filter(self.table)
        if self.shade:
            frame = ImageChops.multiply(frame, self.shade)
        if not self.grains:
            return frame
        return ImageChops.add(frame, self.grains[index % len(self.grains)], 1, -128)


def _table(style: Style, match: Match | None) -> ImageFilter.Color3DLUT:
    """The change of colours by the guide and then by the style, as a table over all colours."""
    axis = np.linspace(0, 1, STEPS, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    lab = oklab(np.stack([red, green, blue], axis=-1).reshape(-1, 3))
    if match is not None:
        lab = match(lab)
    return ImageFilter.Color3DLUT(STEPS, srgb(style.grade(lab)).ravel().tolist())


def _bloom(frame: Image.Image, stage: Stage, strength: float) -> Image.Image:
    """Light that spills from what is bright."""
    small = frame.reduce(8)
    bright = small.point([int(max(0, value - 150) * strength * 1.6) for value in range(256)] * 3)
    spread = bright.filter(ImageFilter.GaussianBlur(stage.unit / 8 * 0.02))
    return ImageChops.screen(frame, spread.resize(frame.size, Image.Resampling.BICUBIC))


def _vignette(stage: Stage, strength: float) -> Image.Image | None:
    if not strength:
        return None
    x = (np.linspace(-1, 1, stage.width, dtype=np.float32) ** 2)[None, :]
    y = (np.linspace(-1, 1, stage.height, dtype=np.float32) ** 2)[:, None]
    shade = 1 - np.float32(strength) * np.clip((x + y) / 2, 0, 1) ** 1.6
    return Image.merge("RGB", [Image.fromarray(_dithered(shade * 255))] * 3)


def _grains(seed: int, stage: Stage, strength: float) -> list[Image.Image]:
    """Four sheets of fine grain around mid-grey 128."""
    if not strength:
        return []
    rng = stream(seed, "grain")
    sheets = []
    for _ in range(4):
        tile = rng.normal(128, strength, (256, 256)).astype(np.float32)
        rows, columns = stage.height // 256 + 1, stage.width // 256 + 1
        sheet = np.tile(_dithered(tile), (rows, columns))[: stage.height, : stage.width]
        sheets.append(Image.merge("RGB", [Image.fromarray(np.ascontiguousarray(sheet))] * 3))
    return sheets


def _dithered(values: Field) -> Bytes:
    noise = stream(11, "finish").random(values.shape, dtype=np.float32)
    return np.asarray(np.clip(values + noise, 0, 255), np.uint8)
