"""What makes a frame like its guide: light and dark in the same places, and colours of the same kind."""

import numpy as np
from PIL import Image

from .colour import oklab
from .guide import Guide
from .layers import Bytes
from .noise import Field
from .stage import Stage

MASSES = 0.75  # how much of the guide's difference between light and dark is laid over a frame
NEARNESS = 0.85  # how much of the way a frame's colours go
FLOOR = 4e-5  # variance that even a flat picture is taken to have
STEEPEST = 2.5  # that differences of colour may grow by


def masses(guide: Guide, stage: Stage) -> Image.Image:
    """A sheet to multiply a frame with: white where the guide is lightest."""
    lightness = guide.lightness
    shade = np.clip(1 - MASSES * (lightness.max() - lightness), 0, 1) ** 1.5
    sheet = Image.fromarray(shade.astype(np.float32)).resize((stage.width, stage.height), Image.Resampling.BICUBIC)
    return Image.merge("RGB", [Image.fromarray(_bytes(np.asarray(sheet)))] * 3)


class Match:
    """A linear change in OKLab that gives a frame's colours the mean and the spread of the guide's.

    Of all such changes it is the one that moves colours least: the optimal transport between two normal distributions.
    """

    def __init__(self, frame: Image.Image, guide: Guide) -> None:
        small = np.asarray(frame.resize((96, 96), Image.Resampling.BOX), np.float32) / 255
        own = oklab(small).reshape(-1, 3).astype(np.float64)
        wanted = guide.colours.astype(np.float64)
        self.own, self.wanted = own.mean(axis=0), wanted.mean(axis=0)
        self.change = _transport(_spread(own), _spread(wanted))

    def __call__(self, lab: Field) -> Field:
        near = (lab - self.own) @ self.change + self.wanted
        return np.asarray(lab + (near - lab) * NEARNESS, np.float32)


def _spread(colours: Field) -> Field:
    return np.asarray(np.cov(colours, rowvar=False) + FLOOR * np.eye(3))


def _transport(own: Field, wanted: Field) -> Field:
    root = _power(own, 0.5)
    back = _power(own, -0.5)
    change = back @ _power(root @ wanted @ root, 0.5) @ back
    values, vectors = np.linalg.eigh(change)
    return np.asarray((vectors * np.minimum(values, STEEPEST)) @ vectors.T)


def _power(matrix: Field, exponent: float) -> Field:
    """Of a symmetric matrix with positive eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1e-12) ** exponent) @ vectors.T)


def _bytes(values: Field) -> Bytes:
    return np.asarray(np.clip(values * 255, 0, 255), np.uint8)
