"""Real small files, made once."""

from __future__ import annotations

import io
import wave
from functools import cache

import av
import numpy as np
from PIL import Image

TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "mp4": "video/mp4", "wav": "audio/wav"}


@cache
def output(extension: str) -> bytes:
    if extension == "mp4":
        return _video()
    return _sound() if extension == "wav" else _image({"jpg": "JPEG"}.get(extension, extension.upper()))


def _picture(shift: int = 0) -> np.ndarray:
    down, across = np.mgrid[0:96, 0:128]
    return np.stack([across * 2, (down * 2 + shift) % 256, np.full_like(down, 128)], axis=-1).astype(np.uint8)


def _image(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(_picture()).save(file, kind)
    return file.getvalue()


def _video() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(_picture(number * 8), format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def _sound() -> bytes:
    """A quarter of a second of A4."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes((np.sin(np.arange(2000) * 2 * np.pi * 440 / 8000) * 8000).astype("<i2").tobytes())
    return file.getvalue()
