"""The built-in engine on one core: a picture of 1024×1024 and four seconds of 720p, with the gaps in its progress."""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path

from studio.providers.local.job import RenderJob
from studio.providers.local.render import render
from tests.benchmarks.figures import percentile, table

PROMPTS = ("A mountain lake at sunset", "A city by night in the rain", "A snowy pine forest", "A spiral nebula")


def main() -> None:
    stills = [
        timed("local-paint", {"prompt": prompt, "aspect_ratio": "1:1", "size": 1024})[0] for prompt in PROMPTS * 2
    ]
    clips = [
        timed("local-motion", {"prompt": prompt, "duration_sec": 4, "resolution": "720p"}) for prompt in PROMPTS[:2]
    ]
    table(
        "Built-in engine",
        [
            ("1024×1024 image", f"median {percentile(stills, 0.5):.2f} s, slowest {max(stills):.2f} s"),
            ("4 s of 720p video", f"slowest {max(seconds for seconds, _ in clips):.1f} s"),
            ("longest gap in its progress", f"{max(gap for _, gap in clips):.2f} s"),
        ],
    )


def timed(engine: str, inputs: dict[str, object]) -> tuple[float, float]:
    """Seconds in all, and the longest between two words of progress."""
    told = [time.perf_counter()]
    with tempfile.TemporaryDirectory() as scratch:
        render(RenderJob.checked(engine, inputs), Path(scratch) / "out", lambda part: told.append(time.perf_counter()))
    told.append(time.perf_counter())
    return told[-1] - told[0], max(after - before for before, after in pairwise(told))


if __name__ == "__main__":
    main()
