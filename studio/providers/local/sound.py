"""The ambient sound of a scene, mixed from its parts."""

import numpy as np

from . import timbre
from .noise import Field, smoothstep, stream
from .scene import NIGHTS, Scene

RATE = timbre.RATE


def ambience(scene: Scene, seconds: float) -> Field:
    """Stereo sound (2, samples) for the scene, within ±0.8, faded in and out."""
    count = round(seconds * RATE)
    total = np.zeros((2, count), np.float32)
    for part, loudness in _parts(scene):
        total += np.float32(loudness) * part(stream(scene.seed, part.__name__), count)
    time = np.arange(count, dtype=np.float32) / RATE
    total *= smoothstep(0, 0.4, time) * smoothstep(seconds, seconds - 0.6, time)
    return np.asarray(0.8 * np.tanh(total), np.float32)


def _parts(scene: Scene) -> list[tuple[timbre.Part, float]]:
    """The sounds of a scene, each with its loudness."""
    parts: list[tuple[timbre.Part, float]] = []
    subjects = scene.subjects
    inner = subjects <= {"space", "abstract"}
    if inner or scene.light == "aurora":
        parts.append((timbre.drone, 0.5 if inner else 0.25))
    if subjects & {"sea", "beach"}:
        parts.append((timbre.surf, 0.6))
    elif "water" in subjects:
        parts.append((timbre.lapping, 0.3))
    if scene.has("rain", "storm"):
        parts.append((timbre.rain, 0.3))
    if "city" in subjects:
        parts.append((timbre.hum, 0.45))
    if subjects & {"forest", "meadow"} and scene.season != "winter" and not scene.has("rain", "snow", "storm"):
        parts.append((timbre.crickets, 0.06) if scene.light in NIGHTS else (timbre.songbirds, 0.1))
    if not inner:
        strong = scene.has("storm", "snow") or "desert" in subjects
        parts.append((timbre.wind, 0.55 if strong else 0.28))
    return parts
