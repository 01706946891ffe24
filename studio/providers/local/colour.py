"""Colour in OKLab: mixing there keeps gradients even and clean. Pictures are sRGB floats, 0 to 1."""

import numpy as np

from .noise import Field

_TO_LMS = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_TO_LINEAR = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
_FROM_LINEAR = np.linalg.inv(_TO_LINEAR)
_FROM_LMS = np.linalg.inv(_TO_LMS)


def lch(lightness: float, chroma: float, hue: float) -> Field:
    """An OKLab colour (3,) from lightness 0–1, chroma 0–0.3 and hue in degrees."""
    angle = np.deg2rad(hue)
    return np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)], np.float32)


def srgb(lab: Field) -> Field:
    """OKLab (…, 3) to sRGB (…, 3), clipped to what a screen shows."""
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_LINEAR.T, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(curved, np.float32)


def oklab(rgb: Field) -> Field:
    """sRGB (…, 3) to OKLab (…, 3)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _FROM_LINEAR.T) @ _FROM_LMS.T
    return np.asarray(lab, np.float32)


def mix(first: Field, second: Field, share: float) -> Field:
    """The colour `share` of the way (0–1) from the first to the second."""
    return (first + (second - first) * np.float32(share)).astype(np.float32)


def ramp(stops: list[tuple[float, Field]], steps: int = 512) -> Field:
    """A gradient (steps, 3) in OKLab through (place 0–1, colour) stops, smooth at each of them."""
    at = np.linspace(0, 1, steps)
    places = [place for place, _ in stops]
    channels = [np.interp(at, places, [colour[i] for _, colour in stops]) for i in range(3)]
    gradient = np.stack(channels, axis=-1)
    width = max(3, steps // 12) | 1
    padded = np.pad(gradient, ((width // 2, width // 2), (0, 0)), mode="edge")
    sums = np.cumsum(np.vstack([np.zeros((1, 3)), padded]), axis=0)
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)


def lookup(table: Field, at: Field) -> Field:
    """The colours (…, 3) of a gradient table (steps, 3) at places `at` (…), 0 to 1."""
    steps = table.shape[0] - 1
    index = np.clip(at * steps, 0, steps)
    low = np.minimum(index.astype(np.int32), steps - 1)
    part = (index - low)[..., None]
    return np.asarray(table[low] * (1 - part) + table[low + 1] * part)


def between(first: Field, second: Field, share: Field) -> Field:
    """Per pixel from the first to the second colour: (3,) or (rows, 1, 3) colours, a (rows, columns) share."""
    return (first + (second - first) * share[..., None]).astype(np.float32, copy=False)
