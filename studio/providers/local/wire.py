"""The JSON that the engine speaks: the shapes of GPU Studio's API."""

from typing import Any

from .engines import ENGINES, PRESETS, described, engine_named, preset_named
from .job import RenderJob
from .options import BadInputError
from .spool import Job

FREE = {"amount": 0.0, "currency": ""}
REFERENCE_LENGTH = 200


def engines() -> list[dict[str, Any]]:
    return [described(engine) for engine in ENGINES.values()]


def presets() -> list[dict[str, Any]]:
    """Each preset, once for pictures and once for clips."""
    return [
        {"name": name, "type": kind, "description": description}
        for kind in ("image", "video")
        for name, description in PRESETS.items()
    ]


def pricing() -> list[dict[str, Any]]:
    return [
        {
            "engine": engine.engine,
            "sku": engine.engine.replace("-", "_"),
            "type": engine.type,
            "unit": engine.unit,
            "price_per_unit": 0.0,
            "currency": "",
            "display_name": engine.name,
            "description": "Free: it runs on this machine",
            "tier_required": None,
        }
        for engine in ENGINES.values()
    ]


def job_from(body: object) -> Job:
    """The new job that a POST asks for, its inputs checked. Raises BadInputError."""
    if not isinstance(body, dict):
        raise BadInputError("The body is a JSON object with type, engine and inputs.")
    engine, inputs = engine_named(body.get("engine")), body.get("inputs")
    if body.get("type", engine.type) != engine.type:
        raise BadInputError(f"The type of {engine.engine} is {engine.type}, not {body['type']!r}.")
    if not isinstance(inputs, dict):
        raise BadInputError("inputs is an object with at least a prompt.")
    reference = body.get("reference")
    if reference is not None and (not isinstance(reference, str) or not 0 < len(reference) <= REFERENCE_LENGTH):
        raise BadInputError(f"reference is a text of at most {REFERENCE_LENGTH} characters.")
    checked = engine.check(inputs)
    preset = preset_named(body.get("preset"))
    name = RenderJob.checked(engine.engine, checked, preset).file_name
    return Job(engine.type, engine.engine, dict(checked), preset, reference, file=name)


def shown(job: Job, base: str) -> dict[str, Any]:
    """A job as clients see it; `base` is the server's own address."""
    output = {job.type: f"{base}/files/{job.id}/{job.file}"} if job.status == "completed" else {}
    return {
        "id": job.id,
        "type": job.type,
        "engine": job.engine,
        "status": job.status,
        "progress": job.progress,
        "output_files": output,
        "estimated_cost": FREE,
        "actual_cost": FREE if job.final else None,
        "error_message": job.error_message,
        "created_at": job.created_at,
        "completed_at": job.completed_at,
        "reference": job.reference,
        "preset": job.preset,
        "inputs": {name: value for name, value in job.inputs.items() if name != "image"},  # nobody needs it back
    }
