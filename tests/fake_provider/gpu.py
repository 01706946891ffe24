"""GPU Studio's wire format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.fake_provider.jobs import Job
from tests.fake_provider.wire import Answer, Call, RefusedError, Wire

# The first three, and the first price and preset, are the public reference's own samples.
ENGINES: list[dict[str, Any]] = [
    {"engine": "image-flux-fast", "name": "FLUX Fast", "description": "Quick image drafts", "type": "image",
     "tier_required": None, "available": True},
    {"engine": "image-flux-pro", "name": "FLUX Pro", "description": "High-quality images", "type": "image",
     "tier_required": "pro", "available": True},
    {"engine": "video-veo-pro", "name": "Veo Pro", "description": "8-sec 1080p video", "type": "video",
     "tier_required": "pro", "available": True},
    {"engine": "image-flux-max", "name": "FLUX Max", "description": "The largest images", "type": "image",
     "tier_required": "business", "available": False},
    {"engine": "video-kling-lite", "name": "Kling Lite", "description": "Short clips", "type": "video",
     "tier_required": None, "available": True},
]  # fmt: skip
PRESETS: list[dict[str, Any]] = [
    {"name": "cinematic_light", "type": "image", "description": "Cinematic lighting style"},
    {"name": "watercolour", "type": "image", "description": "Soft washes on paper"},
    {"name": "slow_pan", "type": "video", "description": "A slow move of the camera"},
]


def _price(engine: str, kind: str, unit: str, price: float, currency: str, name: str) -> dict[str, Any]:
    return {
        "engine": engine,
        "sku": f"gpu_{engine}".replace("-", "_"),
        "type": kind,
        "unit": unit,
        "price_per_unit": price,
        "currency": currency,
        "display_name": name,
        "description": "Quick image generation" if engine == "image-flux-fast" else "",
        "tier_required": next(row["tier_required"] for row in ENGINES if row["engine"] == engine),
    }


PRICING: list[dict[str, Any]] = [
    _price("image-flux-fast", "image", "image", 2.0, "NOK", "FLUX Fast"),
    _price("image-flux-pro", "image", "image", 0.45, "EUR", "FLUX Pro"),
    _price("video-veo-pro", "video", "video", 39.0, "NOK", "Veo Pro"),
    _price("video-kling-lite", "video", "second", 1.5, "NOK", "Kling Lite"),
]
FILES = {"image-flux-pro": "jpg", "image-flux-max": "webp"}  # the others: png and mp4


class Gpu(Wire):
    routes: ClassVar[frozenset[str]] = frozenset(
        {"create", "status", "list", "cancel", "engines", "presets", "pricing"}
    )
    bodies: ClassVar[Mapping[int, Any]] = {
        400: {"error": {"code": "INVALID_PARAMETER", "message": "The request is not valid.", "details": None}},
        401: {"error": {"code": "AUTH_FAILED", "message": "Invalid API key", "details": None}},
        402: {"detail": {"code": "INSUFFICIENT_CREDITS", "message": "The balance is too low."}},
        403: {"error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "Your plan does not include it."}},
        404: {"detail": "Job not found"},
        409: {"detail": "Only queued or processing jobs can be cancelled"},
        422: {
            "detail": [{"loc": ["body", "inputs", "prompt"], "msg": "field required", "type": "value_error.missing"}]
        },
        429: {"detail": "Too many requests"},
        451: {"error": {"code": "CONTENT_POLICY_VIOLATION", "message": "The prompt is not allowed."}},
        500: {"detail": "It went wrong."},
    }

    def reset(self) -> None:
        self.engines, self.presets, self.pricing = list(ENGINES), list(PRESETS), list(PRICING)

    def route(self, method: str, path: str) -> tuple[str, str]:
        if path.startswith("/v1/gpu/jobs/"):
            return {"GET": "status", "DELETE": "cancel"}.get(method, "unknown"), path[13:]
        if path == "/v1/gpu/jobs":
            return {"GET": "list", "POST": "create"}.get(method, "unknown"), ""
        name = path.removeprefix("/v1/gpu/")
        return name if name in {"engines", "presets", "pricing"} and path != name else "unknown", ""

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key") or super().key(headers)

    def authorise(self, key: str) -> None:
        if key.startswith("wayscloud_gpu_bad"):
            raise self.refused(401)
        super().authorise(key)

    def prompt(self, body: Any) -> str:
        inputs = body.get("inputs") if isinstance(body, dict) else None
        return str(inputs.get("prompt", "")) if isinstance(inputs, dict) else ""

    def default_model(self, kind: str) -> str:
        return "video-veo-pro" if kind == "video" else "image-flux-fast"

    def extension(self, kind: str, model: str) -> str:
        return FILES.get(model) or super().extension(kind, model)

    # -- Routes ------------------------------------------------------------------------------------------------------
    def on_engines(self, call: Call) -> Answer:
        return 200, self.engines

    def on_presets(self, call: Call) -> Answer:
        return 200, self.presets

    def on_pricing(self, call: Call) -> Answer:
        return 200, self.pricing

    def on_create(self, call: Call) -> Answer:
        self.authorise(call.key)
        body = _checked(call.body)
        for job in self.fake.by_key.get(call.key, ()):
            if body.get("reference") and job.reference == body["reference"]:
                return 200, self.payload(job)
        self._check_terms(body)
        job = self.fake.create(
            call.key,
            body["inputs"]["prompt"],
            body["type"],
            body["engine"],
            inputs=body["inputs"],
            webhook_url=body.get("webhook_url") or "",
            reference=body.get("reference") or "",
        )
        return 200, self.payload(job)

    def _check_terms(self, body: dict[str, Any]) -> None:
        engine = next((row for row in self.engines if row["engine"] == body["engine"]), None)
        if engine is None or engine["type"] != body["type"]:
            raise _invalid(f"No engine {body['engine']}")
        if not engine["available"]:
            raise RefusedError(403, {"error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "Not in your plan"}})
        preset = body.get("preset")
        if preset is not None and not any((p["name"], p["type"]) == (preset, body["type"]) for p in self.presets):
            raise _invalid(f"No preset {preset}")

    def on_status(self, call: Call) -> Answer:
        self.authorise(call.key)
        return 200, self.payload(self.fake.look(self.fake.find(call.key, call.id)))

    def on_list(self, call: Call) -> Answer:
        self.authorise(call.key)
        reference = call.query.get("reference", "")
        jobs = self.fake.by_key.get(call.key, ())
        named = [job for job in reversed(jobs) if not reference or job.reference == reference]
        return 200, [self.payload(self.fake.look(job)) for job in named]

    def on_cancel(self, call: Call) -> Answer:
        self.authorise(call.key)
        job = self.fake.find(call.key, call.id)
        self.fake.cancel(job)
        status = self.fake.cancel_status
        return status, self.payload(job) if status == 200 else b"" if status == 204 else {}

    # -- A job -------------------------------------------------------------------------------------------------------
    def payload(self, job: Job) -> dict[str, Any]:
        """The job as the public reference shows it (`reference` and `inputs` only where a reference was given)."""
        done = job.end == "completed"
        cost = self._cost(job)
        payload = {
            "id": job.id,
            "type": job.kind,
            "engine": job.model,
            "status": job.end or job.word or ("queued" if job.done < 0.2 else "processing"),
            "progress": 100 if done else int(job.done * 100),
            "output_files": self._files(job) if done else None,
            "estimated_cost": cost,
            "actual_cost": cost if done else None,
            "error_message": job.failure if job.end == "failed" else None,
            "created_at": f"{job.created:%Y-%m-%dT%H:%M:%SZ}",
            "completed_at": f"{job.ended:%Y-%m-%dT%H:%M:%SZ}" if job.ended else None,
        }
        if job.reference:
            payload |= {"reference": job.reference, "inputs": job.inputs}
        return payload

    def _files(self, job: Job) -> Any:
        return {job.kind: self.fake.url + job.file} if job.files is None else self.fake.files(job)

    def _cost(self, job: Job) -> dict[str, Any] | None:
        row = next((row for row in self.pricing if row["engine"] == job.model), None)
        if row is None:
            return None
        count = job.inputs.get("duration_sec", 8) if row["unit"] == "second" else 1
        return {"amount": row["price_per_unit"] * count, "currency": row["currency"]}


def _invalid(message: str) -> RefusedError:
    return RefusedError(400, {"error": {"code": "INVALID_PARAMETER", "message": message}})


def _checked(body: Any) -> dict[str, Any]:
    """The body of a create, or the refusal that FastAPI would give it."""
    wrong: list[tuple[list[str], str]] = []
    body = body if isinstance(body, dict) else {}
    inputs = body.get("inputs") if isinstance(body.get("inputs"), dict) else {}
    if body.get("type") not in ("image", "video"):
        wrong.append((["type"], "must be image or video"))
    if not isinstance(body.get("engine"), str):
        wrong.append((["engine"], "field required"))
    if not isinstance(inputs.get("prompt"), str) or not inputs["prompt"]:
        wrong.append((["inputs", "prompt"], "field required"))
    if body.get("type") == "image" and body.get("webhook_url"):
        wrong.append((["webhook_url"], "only for video"))
    if not isinstance(inputs.get("duration_sec", 1), int) or not 1 <= inputs.get("duration_sec", 1) <= 60:
        wrong.append((["inputs", "duration_sec"], "must be from 1 to 60"))
    if not isinstance(inputs.get("seed", 0), int):
        wrong.append((["inputs", "seed"], "must be an integer"))
    if wrong:
        raise RefusedError(
            422, {"detail": [{"loc": ["body", *loc], "msg": msg, "type": "value_error"} for loc, msg in wrong]}
        )
    return body
