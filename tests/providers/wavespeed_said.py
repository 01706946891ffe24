"""What WaveSpeedAI answers and is asked, for tests to vary."""

from __future__ import annotations

import json
from typing import Any

from studio.providers.base import JobSpec, Json, Response

from .samples import sample

MODEL = "wavespeed-ai/flux-dev"


def said(data: Json = None, status: int = 200, code: Json = 200, **fields: Json) -> Response:
    return Response(status, json.dumps({"code": code, "message": "success", "data": data, **fields}).encode())


def task(**fields: Json) -> Response:
    """The sample result with other fields; `...` takes one out."""
    data = {**json.loads(sample("wavespeed", "result"))["data"], **fields}
    return said({name: value for name, value in data.items() if value is not ...})


def spec(prompt: str = "a red fox", model: str = MODEL, kind: Any = "image", **settings: Json) -> JobSpec:
    return JobSpec(kind, model, prompt, settings)
