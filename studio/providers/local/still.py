"""A picture: the scene at its first moment."""

from pathlib import Path
from typing import Any

from PIL import Image

from .composer import compose, set_stage
from .finish import Finish
from .job import Progress, RenderJob
from .layers import Layer
from .scene import Scene
from .stage import Stage, View

SAVING: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 3},
    "jpeg": {"quality": 93, "subsampling": 0},
    "webp": {"quality": 92, "method": 3},
}


def paint_layers(scene: Scene, stage: Stage, progress: Progress, *, share: float) -> list[Layer]:
    """All layers of the scene. Their number is not known beforehand: progress nears `share` and never passes it."""
    layers: list[Layer] = []
    progress(0.0)
    for layer in compose(scene, stage):
        layers.append(layer)
        progress(share * len(layers) / (len(layers) + 4))
    progress(share)
    return layers


def write_picture(job: RenderJob, scene: Scene, out: Path, progress: Progress) -> None:
    """Paints the scene and writes it to `out` as PNG, JPEG or WebP."""
    stage = set_stage(scene, job.width, job.height)
    frame = Image.new("RGB", (job.width, job.height))
    for layer in paint_layers(scene, stage, progress, share=0.7):
        layer.draw(frame, View())
    progress(0.8)
    frame = Finish(scene, stage).apply(frame)
    progress(0.9)
    frame.save(out, job.format, **SAVING[job.format])
