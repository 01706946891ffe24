"""Paints the front page's pictures with the built-in engine: `make showcase`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django
from PIL import Image

from studio.providers.local.job import RenderJob
from studio.providers.local.render import render


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    django.setup()
    from generations.views.home import PICTURES  # noqa: PLC0415  Django has to be set up first

    folder = Path(__file__).resolve().parents[2] / "static" / "showcase"
    folder.mkdir(exist_ok=True)
    for picture in PICTURES:
        inputs = {"prompt": picture.prompt, "aspect_ratio": picture.aspect_ratio, "seed": picture.seed, "size": 1600}
        with tempfile.TemporaryDirectory() as scratch:
            painted = Path(scratch) / "painted.png"
            render(RenderJob.checked("local-paint", inputs, picture.preset or None), painted, lambda part: None)
            with Image.open(painted) as image:
                small = image.resize((picture.width, picture.height), Image.Resampling.LANCZOS)
                small.save(folder / f"{picture.name}.webp", quality=78, method=6)
        print(picture.file)


if __name__ == "__main__":
    main()
