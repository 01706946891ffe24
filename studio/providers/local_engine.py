"""The built-in engine, as the rest of Studio sees it: one more provider, which happens to run beside it.

Its process speaks GPU Studio's wire format and adds three things: our `reference` (a second POST with the same one
answers with the first one's job), the `inputs` echoed in a job, and `GET /v1/gpu/jobs?reference=…`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

from studio.providers.base import FREE, Choice, JobSpec, Json, ModelInfo, Option, Progress, Quote, Request
from studio.providers.wayscloud_gpu import NEGATIVE_PROMPT, SEED, WaysCloudGpu

IMAGE_RATIOS = ("1:1", "4:5", "3:2", "2:3", "3:4", "4:3", "16:9", "9:16", "21:9")
VIDEO_RATIOS = ("16:9", "9:16", "1:1")


def _ratio(ratios: tuple[str, ...]) -> Option:
    choices = tuple(Choice(ratio, ratio) for ratio in ratios)
    return Option("aspect_ratio", "aspect_ratio", "Aspect ratio", choices=choices, default="16:9")


REFERENCE_IMAGE = Option(
    "image",
    "media",
    "Reference image",
    help="What is painted follows its palette and its layout: where the horizon lies, where it is light and dark.",
    accept=("image",),
)


class LocalEngine(WaysCloudGpu):
    name: ClassVar[str] = "local"
    label: ClassVar[str] = "Built-in engine"
    key_prefix: ClassVar[str] = ""
    key_help: ClassVar[str] = "Part of Studio: it needs no key and costs nothing."
    needs_key: ClassVar[bool] = False
    exact_lookup: ClassVar[bool] = True
    concurrency: ClassVar[int | None] = None  # it has a queue of its own
    takes_media: ClassVar[Literal["", "upload", "link", "inline"]] = "inline"

    inputs: ClassVar[Mapping[str, tuple[Option, ...]]] = {
        "image": (
            _ratio(IMAGE_RATIOS),
            Option(
                "size",
                "integer",
                "Long side",
                default=1024,
                min=512,
                max=2048,
                step=64,
                unit="px",
                advanced=True,
            ),
            Option(
                "format",
                "choice",
                "Format",
                choices=(Choice("png", "PNG"), Choice("jpeg", "JPEG"), Choice("webp", "WebP")),
                default="png",
                advanced=True,
            ),
            REFERENCE_IMAGE,
            NEGATIVE_PROMPT,
            SEED,
        ),
        "video": (
            _ratio(VIDEO_RATIOS),
            Option("duration_sec", "duration", "Duration", default=4, min=2, max=8, step=1, unit="s"),
            Option(
                "resolution",
                "choice",
                "Resolution",
                choices=(Choice("720p", "720p"), Choice("1080p", "1080p")),
                default="720p",
            ),
            Option("sound", "boolean", "Sound", help="A quiet ambience that fits the scene.", default=False),
            REFERENCE_IMAGE,
            NEGATIVE_PROMPT,
            SEED,
        ),
    }

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        return Quote(FREE)

    def build_submit(self, spec: JobSpec) -> Request:
        request = super().build_submit(spec)
        return Request("POST", request.path, json={**request.json, "reference": spec.reference or None})

    def build_look_up(self, reference: str, model: str, since: dt.datetime, until: dt.datetime) -> Request:
        return Request("GET", "/v1/gpu/jobs", params={"reference": reference})

    def read_job(self, job: Mapping[str, Json]) -> Progress | None:
        progress = super().read_job(job)
        return progress and replace(progress, estimated=FREE, actual=FREE if progress.ended else None)
