"""What the tests of the renderers share."""

from pathlib import Path

import numpy as np
from PIL import Image

from studio.providers.local.job import RenderJob
from studio.providers.local.render import render


def ignore(share: float) -> None:
    """Progress that nobody watches."""


def paint(out: Path, prompt: str, *, preset: str | None = None, **inputs: object) -> np.ndarray:
    """A small picture as ints (rows, columns, 3)."""
    job = RenderJob.checked("local-paint", {"prompt": prompt, "size": 320, "seed": 5, **inputs}, preset)
    render(job, out, ignore)
    with Image.open(out) as image:
        return np.asarray(image.convert("RGB")).astype(int)
