"""Random streams and fractal noise: the raw material of every painter."""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating[Any]]  # float32 wherever it is large


def stream(seed: int, name: str) -> np.random.Generator:
    """A random stream of its own for each named part, so that leaving one part out changes no other."""
    return np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32, zlib.crc32(name.encode())])


def resample(field: Field, width: int, height: int, box: tuple[float, float, float, float] | None = None) -> Field:
    """A (rows, columns) field in another size, by cubic interpolation."""
    image = Image.fromarray(field)
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box=box))


def fractal(
    rng: np.random.Generator,
    shape: tuple[int, int],
    cell: float | tuple[float, float],
    *,
    roughness: float = 0.5,
    finest: float = 2.0,
) -> Field:
    """Fractal noise of mean 0 and about unit spread, float32 of `shape`.

    `cell` is the size in pixels (down, across) of the largest forms; every octave is half as large and `roughness`
    times as strong, down to `finest` pixels."""
    down, across = cell if isinstance(cell, tuple) else (cell, cell)
    rows, columns = shape[0] / down, shape[1] / across
    grid = rng.standard_normal((int(rows + 0.02) + 3, int(columns + 0.02) + 3), dtype=np.float32)
    size, strength, power = max(down, across) / 2, roughness, 1.0
    while size >= finest:
        grid = resample(grid, grid.shape[1] * 2, grid.shape[0] * 2)
        grid = grid + strength * rng.standard_normal(grid.shape, dtype=np.float32)
        rows, columns, size = rows * 2, columns * 2, size / 2
        power, strength = power + strength**2, strength * roughness
    low = (grid.shape[1] - columns) / 2, (grid.shape[0] - rows) / 2
    box = (low[0], low[1], low[0] + columns, low[1] + rows)
    return resample(grid, shape[1], shape[0], box) * np.float32(1.25 / np.sqrt(power))


def profile(rng: np.random.Generator, width: int, cell: float, *, roughness: float = 0.5) -> Field:
    """A fractal line of `width` values, of mean about 0 and unit spread."""
    x = np.arange(width, dtype=np.float32)
    total, strength, power = np.zeros(width, np.float32), 1.0, 0.0
    while cell >= 2.5:
        knots = rng.standard_normal(int(width / cell + 0.02) + 4)
        at = x / cell
        low = at.astype(np.intp)
        t = at - low
        t = t * t * (3 - 2 * t)
        total += strength * (knots[low] * (1 - t) + knots[low + 1] * t).astype(np.float32)
        power, strength, cell = power + strength**2, strength * roughness, cell / 2
    return total / np.float32(np.sqrt(power or 1.0))


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below `low`, 1 above `high`, and a soft step between; `low` may be the larger one."""
    t = np.clip((value - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def blurred(field: Field, sigma: float) -> Field:
    """A (rows, columns) field under a Gaussian blur of `sigma` pixels."""
    reach = max(1, int(3 * sigma + 0.5))
    weights = np.exp(-((np.arange(-reach, reach + 1) / sigma) ** 2) / 2).astype(np.float32)
    weights /= weights.sum()
    rows, columns = field.shape
    padded = np.pad(field, ((reach, reach), (0, 0)), mode="edge")
    down = sum(w * padded[i : i + rows] for i, w in enumerate(weights))
    padded = np.pad(np.asarray(down), ((0, 0), (reach, reach)), mode="edge")
    return np.asarray(sum(w * padded[:, i : i + columns] for i, w in enumerate(weights)))
