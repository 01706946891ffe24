"""Renders a job into a file. The way in for everything that wants a picture or a clip."""

import os
from dataclasses import replace
from pathlib import Path

from .guide import read
from .job import Progress, RenderJob, RenderResult
from .motion import write_clip
from .scene import understand
from .still import write_picture


def render(job: RenderJob, out: Path, progress: Progress) -> RenderResult:
    """Renders `job` and puts the file at `out` once it is whole. What `progress` raises ends the work and leaves no
    file behind. The same job gives the same bytes. Raises BadInputError for a reference image that cannot be read."""
    scene = understand(job.prompt, job.negative_prompt, preset=job.preset, seed=job.seed)
    if job.image:
        scene = replace(scene, guide=read(job.image))
    part = out.with_name(f".{out.name}.part")
    write = write_picture if job.type == "image" else write_clip
    try:
        write(job, scene, part, progress)
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    progress(1.0)
    return RenderResult(job.width, job.height, out.stat().st_size, job.duration_sec)
