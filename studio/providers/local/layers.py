"""Layers: painted once, drawn into each frame from far to near."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from .noise import Field, stream
from .stage import Stage, View

Bytes = NDArray[np.uint8]
_TILE = 256
_DITHER = stream(7, "dither").random((_TILE, _TILE, 3), dtype=np.float32)


class Layer(Protocol):
    """Something that draws itself into a frame (an RGB image, changed in place)."""

    def draw(self, frame: Image.Image, view: View) -> None: ...


def to_bytes(values: Field) -> Bytes:
    """0–1 floats (rows, columns, 3) or (rows, columns) to bytes, dithered so that gradients do not band."""
    rows, columns = values.shape[:2]
    noise = np.tile(_DITHER, (rows // _TILE + 1, columns // _TILE + 1, 1))[:rows, :columns]
    scaled = values * np.float32(255)
    scaled += noise if values.ndim == 3 else noise[..., 0]
    return np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)


@dataclass(slots=True)
class Plate:
    """A painted picture as wide as the stage's ground. `top` is its first row in the frame; `depth` is 0 for what
    never moves to 1 for the nearest; `drift` is its own way to the left in pixels a second. Without a mask it
    covers."""

    stage: Stage
    colour: Image.Image
    mask: Image.Image | None = None
    top: int = 0
    depth: float = 0.0
    drift: float = 0.0

    def draw(self, frame: Image.Image, view: View) -> None:
        zoom, left, right = view.window(self.stage, self.depth, self.drift)
        focus, rows = self.stage.horizon_row, self.colour.height
        first = max(0, int(np.ceil(focus + (self.top - focus) * zoom)))
        last = min(self.stage.height, int(focus + (self.top + rows - focus) * zoom + 1e-6))
        if last <= first:
            return
        upper = max(0.0, (first - focus) / zoom + focus - self.top)
        lower = min(float(rows), (last - focus) / zoom + focus - self.top)
        box = (left, upper, right, lower)
        size = (self.stage.width, last - first)
        piece = _cut(self.colour, size, box)
        frame.paste(piece, (0, first), _cut(self.mask, size, box) if self.mask else None)

    def keep_above(self, row: int) -> None:
        """Lets go of what lies below a row of the frame."""
        rows = min(max(1, row - self.top), self.colour.height)
        box = (0, 0, self.stage.wide, rows)
        self.colour = self.colour.crop(box)
        self.mask = self.mask.crop(box) if self.mask else None

    def solid_from(self) -> int:
        """The row of the frame from which on down to its foot the plate hides all that is behind it."""
        if self.mask is None or self.top + self.colour.height < self.stage.height:
            return self.stage.height
        open_rows = np.flatnonzero(np.asarray(self.mask).min(axis=1) < 255)
        return self.top + (int(open_rows[-1]) + 1 if open_rows.size else 0)


def drop_hidden(layers: Sequence[Layer], margin: int) -> None:
    """Crops each plate (far to near) where nearer ones hide it, `margin` rows below the edge: the camera may shift
    it by as much."""
    limit = 1 << 30
    for layer in reversed(layers):
        if isinstance(layer, Plate):
            solid = layer.solid_from()
            layer.keep_above(limit)
            limit = min(limit, solid + margin)


def _cut(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    whole = tuple(int(edge) for edge in box)
    if whole == box and (whole[2] - whole[0], whole[3] - whole[1]) == size:
        return image.crop((whole[0], whole[1], whole[2], whole[3]))
    return image.resize(size, Image.Resampling.BILINEAR, box=box)


def plate(
    stage: Stage, rgb: Field, mask: Field | None = None, *, top: int = 0, depth: float = 0.0, drift: float = 0.0
) -> Plate:
    """A plate from floats: colours (rows, wide, 3) and, for what lets the far show through, a mask (rows, wide)."""
    if mask is None:
        return Plate(stage, Image.fromarray(to_bytes(rgb)), None, top, depth, drift)
    shown = np.flatnonzero(mask.max(axis=1) > 0)
    first, last = (max(0, int(shown[0]) - 1), int(shown[-1]) + 1) if shown.size else (0, 1)
    covering, colour = to_bytes(mask[first:last]), to_bytes(rgb[first:last])
    return Plate(stage, Image.fromarray(colour), Image.fromarray(covering), top + first, depth, drift)


def screen(frame: Image.Image, light: Image.Image, at: tuple[int, int] = (0, 0)) -> None:
    """Adds light to a part of the frame, as a second exposure would."""
    box = (at[0], at[1], at[0] + light.width, at[1] + light.height)
    frame.paste(ImageChops.screen(frame.crop(box), light), at)
