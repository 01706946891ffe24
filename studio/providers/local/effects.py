"""Effects that repaint a whole frame: paper and pigment, ink, flat printing inks."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from .layers import Bytes
from .noise import Field, fractal, resample, stream


@lru_cache(maxsize=2)
def _paper(width: int, height: int, unit: float, strength: float) -> Image.Image:
    """The grain of cold-pressed paper, to multiply with."""
    rough = fractal(stream(3, "paper"), (height, width), unit / 180, roughness=0.7)
    blotch = fractal(stream(4, "paper"), (height // 4 + 1, width // 4 + 1), unit / 20, finest=4)
    wash = resample(blotch, width, height)
    shade = np.clip(1 - strength * (0.5 + 0.28 * rough + 0.3 * wash), 0, 1)
    return Image.merge("RGB", [Image.fromarray((shade * 255).astype(np.uint8))] * 3)


@lru_cache(maxsize=2)
def _wander(width: int, height: int, unit: float, reach: float) -> tuple[Field, Field]:
    """Row and column (height, width) that each pixel takes its colour from: an unsteady hand."""
    rng = stream(5, "hand")
    small = (height // 2 + 1, width // 2 + 1)
    dx, dy = (resample(fractal(rng, small, unit / 50, roughness=0.6), width, height) for _ in range(2))
    rows = np.arange(height, dtype=np.float32)[:, None] + dy * unit * reach
    columns = np.arange(width, dtype=np.float32)[None, :] + dx * unit * reach
    return np.clip(rows, 0, height - 1).astype(np.int32), np.clip(columns, 0, width - 1).astype(np.int32)


def _shaken(frame: Image.Image, unit: float, reach: float) -> Image.Image:
    rows, columns = _wander(frame.width, frame.height, unit, reach)
    return Image.fromarray(np.asarray(frame)[rows, columns])


def watercolour(frame: Image.Image, unit: float) -> Image.Image:
    """Soft washes with darker rims, on paper."""
    wash = _shaken(frame, unit, 0.0035).filter(
        ImageFilter.ModeFilter(5) if unit < 300 else ImageFilter.BoxBlur(unit / 700)
    )
    soft = wash.filter(ImageFilter.GaussianBlur(unit * 0.006))
    rims = ImageChops.subtract(wash, soft, scale=0.8, offset=0)
    dark = ImageChops.subtract(soft, wash, scale=1.2)
    wash = ImageChops.subtract(ImageChops.add(wash, rims, scale=1.0), dark)
    return ImageChops.multiply(wash, _paper(frame.width, frame.height, unit, 0.1))


def ink_wash(frame: Image.Image, unit: float) -> Image.Image:
    """Grey washes, and lines where tones meet."""
    grey = _shaken(frame, unit, 0.0025).convert("L")
    near = grey.filter(ImageFilter.GaussianBlur(unit * 0.0012))
    far = grey.filter(ImageFilter.GaussianBlur(unit * 0.006))
    lines = ImageChops.subtract(far, near).point([min(255, int(max(0, v - 4) * 7)) for v in range(256)])
    tones = near.point([int(255 * (v / 255) ** 0.75) for v in range(256)])
    inked = ImageChops.subtract(tones, lines)
    return ImageChops.multiply(inked.convert("RGB"), _paper(frame.width, frame.height, unit, 0.08))


def flatten(frame: Image.Image, unit: float) -> Image.Image:
    """A few flat tones with clean edges, like a screen print."""
    smooth = frame.filter(ImageFilter.GaussianBlur(unit * 0.0022))
    levels = np.asarray(smooth, np.float32)
    tone = levels @ np.array([0.3, 0.59, 0.11], np.float32)
    step = np.float32(255 / 9)
    edge = (tone / step) % 1
    blend = np.clip((edge - 0.5) * 14 + 0.5, 0, 1)
    flat = (np.floor(tone / step) + blend) * step
    scaled: Bytes = np.clip(levels * (flat / np.maximum(tone, 1))[..., None], 0, 255).astype(np.uint8)
    return Image.fromarray(scaled)
