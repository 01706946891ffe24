"""Small films, made by the same library that reads them."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from PIL import Image

CODECS = {".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".webm": "libvpx"}
FPS = 10


def grey_ramp(number: int) -> Image.Image:
    return Image.new("RGB", (160, 90), (number * 9 % 256,) * 3)


def film(
    path: Path,
    frames: int = 20,
    picture: Callable[[int], Image.Image] = grey_ramp,
    *,
    rotation: int = 0,
    audio: bool = False,
) -> Path:
    """`frames` pictures at 10 a second, each as `picture(number)` paints it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(CODECS[path.suffix], rate=FPS)
        stream.width, stream.height = picture(0).size
        stream.pix_fmt = "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        sound = container.add_stream("aac", rate=8000, layout="mono") if audio else None
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_image(picture(number))))
        container.mux(stream.encode(None))
        if sound:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
            silence.sample_rate = 8000
            container.mux(sound.encode(silence))
            container.mux(sound.encode(None))
    return path
