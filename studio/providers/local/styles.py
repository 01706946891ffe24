"""Styles: what each preset does to colours and surface."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .effects import flatten, ink_wash, watercolour
from .noise import Field

Grade = Callable[[Field], Field]
Effect = Callable[[Image.Image, float], Image.Image]


@dataclass(frozen=True, slots=True)
class Style:
    """`grade` maps OKLab colours (n, 3); `grain` is its spread in steps of 255; `effect` repaints a frame, given the
    length that forms are measured by in pixels."""

    grade: Grade
    bloom: float = 0.35
    vignette: float = 0.16
    grain: float = 1.6
    effect: Effect | None = None


def _curve(lab: Field, *, contrast: float = 0.0, lift: float = 0.0, top: float = 1.0, chroma: float = 1.0) -> Field:
    """Lightness through a soft S-curve into lift…top, and chroma scaled."""
    lightness = np.clip(lab[:, 0], 0, 1)
    bent = lightness + contrast * (lightness * lightness * (3 - 2 * lightness) - lightness)
    return np.stack([lift + (top - lift) * bent, lab[:, 1] * chroma, lab[:, 2] * chroma], axis=-1)


def _split(lab: Field, low: tuple[float, float], high: tuple[float, float]) -> Field:
    """Shadows and highlights pulled towards two (a, b) tints."""
    share = np.clip(lab[:, :1], 0, 1)
    tint = np.array([[*low]]) * (1 - share) + np.array([[*high]]) * share
    return np.concatenate([lab[:, :1], lab[:, 1:] + tint], axis=-1)


def _natural(lab: Field) -> Field:
    return _curve(lab, contrast=0.22, chroma=1.06)


def _cinematic(lab: Field) -> Field:
    return _split(_curve(lab, contrast=0.5, lift=0.015, top=0.98, chroma=0.92), (-0.022, -0.022), (0.012, 0.035))


def _film(lab: Field) -> Field:
    return _split(_curve(lab, contrast=0.2, lift=0.11, top=0.95, chroma=0.82), (-0.006, -0.008), (0.010, 0.028))


def _pastel(lab: Field) -> Field:
    return _split(_curve(lab, contrast=-0.2, lift=0.38, top=1.0, chroma=0.72), (0.012, -0.008), (0.004, 0.01))


def _watercolour(lab: Field) -> Field:
    return _split(_curve(lab, contrast=0.05, lift=0.2, top=0.99, chroma=0.95), (0, -0.006), (0.001, 0.012))


def _poster(lab: Field) -> Field:
    return _split(_curve(lab, contrast=0.35, lift=0.06, top=0.97, chroma=1.12), (-0.004, -0.012), (0.006, 0.022))


def _noir(lab: Field) -> Field:
    grey = _curve(lab, contrast=0.75, chroma=0.0)
    return _split(grey, (0.0, -0.004), (0.001, 0.006))


def _ink(lab: Field) -> Field:
    grey = _curve(lab, contrast=0.35, lift=0.14, top=0.975, chroma=0.06)
    return _split(grey, (0.0, -0.008), (0.003, 0.014))


def _vivid(lab: Field) -> Field:
    return _curve(lab, contrast=0.4, chroma=1.38)


def _dreamy(lab: Field) -> Field:
    return _split(_curve(lab, contrast=0.05, lift=0.14, top=1.0, chroma=0.95), (0.012, -0.02), (0.012, 0.0))


STYLES = {
    "natural": Style(_natural),
    "cinematic": Style(_cinematic, bloom=0.5, vignette=0.32, grain=2.2),
    "film": Style(_film, bloom=0.45, vignette=0.2, grain=5.0),
    "pastel": Style(_pastel, bloom=0.2, vignette=0.0, grain=3.0),
    "watercolour": Style(_watercolour, bloom=0.0, vignette=0.0, grain=1.5, effect=watercolour),
    "ink": Style(_ink, bloom=0.0, vignette=0.06, grain=2.5, effect=ink_wash),
    "poster": Style(_poster, bloom=0.0, vignette=0.0, grain=2.0, effect=flatten),
    "noir": Style(_noir, bloom=0.4, vignette=0.4, grain=5.5),
    "vivid": Style(_vivid, bloom=0.35),
    "dreamy": Style(_dreamy, bloom=0.95, vignette=0.08),
}


def style_named(name: str) -> Style:
    return STYLES.get(name, STYLES["natural"])
