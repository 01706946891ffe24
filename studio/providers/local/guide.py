"""A picture as a guide for a scene: its palette, where its horizon lies, and where it is light and dark."""

import base64
import binascii
import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from .colour import oklab
from .noise import Field
from .options import BadInputError

SIDE: Final = 48  # cells that a guide has in each direction
MAX_PIXELS: Final = 16_000_000
REACH: Final = 6  # cells to either side over which light and dark are spread
WEAK: Final = 0.05  # a step in OKLab, from one row to the next, that is no horizon
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    MemoryError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True)
class Guide:
    """`cells` are OKLab (SIDE, SIDE, 3), from top left. The others are fractions of the picture's width and height."""

    cells: Field
    horizon: float | None  # None: there is none
    light_at: tuple[float, float]  # the lightest place of the upper part

    @property
    def colours(self) -> Field:
        """All cells (n, 3)."""
        return self.cells.reshape(-1, 3)

    def band(self, first: float, last: float) -> Field:
        """The mean colour (3,) of the rows between two fractions of the height."""
        rows = slice(int(first * SIDE), max(int(last * SIDE), int(first * SIDE) + 1))
        return np.asarray(self.cells[rows].mean(axis=(0, 1)), np.float32)

    def tones(self, count: int) -> list[Field]:
        """So many colours from dark to light, each the mean of an equal share of the picture."""
        ordered = self.colours[np.argsort(self.colours[:, 0], kind="stable")]
        return [np.asarray(share.mean(axis=0), np.float32) for share in np.array_split(ordered, count)]

    @property
    def lightness(self) -> Field:
        """How light it is at each cell (SIDE, SIDE), 0 to 1, without detail."""
        wide = np.pad(self.cells[..., 0], REACH, mode="edge")
        window = np.ones(2 * REACH + 1) / (2 * REACH + 1)
        for axis in (0, 1):
            wide = np.apply_along_axis(np.convolve, axis, wide, window, mode="valid")
        return np.asarray(wide, np.float32)


def read(uri: str) -> Guide:
    """The guide that a data: URI of a picture gives. Raises BadInputError."""
    try:
        content = base64.b64decode(uri.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadInputError("The reference image has too many pixels.")
            small = _small(image)
    except BadInputError:
        raise
    except (*UNREADABLE, binascii.Error) as error:
        raise BadInputError("The reference image cannot be read.") from error
    return from_cells(oklab(np.asarray(small, np.float32) / 255))


def from_cells(cells: Field) -> Guide:
    horizon = _horizon(cells)
    guide = Guide(cells, horizon, (0.5, 0.5))
    upper = guide.lightness[: max(4, int((horizon or 0.6) * SIDE))]
    row, column = np.unravel_index(int(np.argmax(upper)), upper.shape)
    return Guide(cells, horizon, ((int(column) + 0.5) / SIDE, (int(row) + 0.5) / SIDE))


def _small(image: Image.Image) -> Image.Image:
    image.draft("RGB", (SIDE * 4, SIDE * 4))
    ground = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        shown = image.convert("RGBA")
        ground.paste(shown, mask=shown.getchannel("A"))
    else:
        ground = image.convert("RGB")
    return ground.resize((SIDE, SIDE), Image.Resampling.BOX)


def _horizon(cells: Field) -> float | None:
    """Where the rows' mean colour changes most from above to below, within the middle of the picture."""
    rows = cells.mean(axis=1)
    steps = {
        row: float(np.linalg.norm(rows[row - 5 : row].mean(axis=0) - rows[row : row + 5].mean(axis=0)))
        for row in range(int(SIDE * 0.25), int(SIDE * 0.85))
    }
    best = max(steps, key=lambda row: steps[row])
    return best / SIDE if steps[best] > WEAK else None
