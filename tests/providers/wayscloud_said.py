"""What GPU Studio answers, for tests to vary."""

from __future__ import annotations

import json
from decimal import Decimal

from studio.providers.base import Cost, Json, ModelInfo, Output, Progress, Response
from studio.providers.wayscloud_gpu import WaysCloudGpu

from .samples import answered, sample

gpu = WaysCloudGpu()
URL = "https://storage.wayscloud.services/gpu-studio/tenant/<tenant_id>/jobs/<job_id>/output.png"
JOB = Progress(
    remote_id="f47ac10b-58cc-4372-a567-0e02b2c3d479",
    state="succeeded",
    percent=100,
    outputs=(Output("image", URL),),
    estimated=Cost(Decimal("2.0"), "NOK"),
    actual=Cost(Decimal("2.0"), "NOK"),
    status_word="completed",
    model="image-flux-fast",
    kind="image",
    created_at="2025-01-15T10:30:00Z",
)


def sampled(name: str) -> Response:
    return answered("wayscloud_gpu", name)


def catalogue(**payloads: Json) -> list[ModelInfo]:
    names = ("engines", "presets", "pricing")
    samples = {name: json.loads(sample("wayscloud_gpu", name)) for name in names}
    return list(gpu.parse_catalogue({**samples, **payloads}))


def job(**fields: Json) -> Response:
    """The sample job with other fields; `...` takes one out."""
    body = {**json.loads(sample("wayscloud_gpu", "job")), **fields}
    return Response(200, json.dumps({k: v for k, v in body.items() if v is not ...}).encode())
