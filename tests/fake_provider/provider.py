"""The provider behind the wire: its catalogue, its jobs, its counts and what is to go wrong."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.fake_provider.faults import Fault

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


class RefusedError(Exception):
    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status, self.body = status, body


@dataclass(slots=True)
class Job:
    """`polls` reads or `seconds` of time make it complete; neither: it never ends."""

    id: str
    key: str
    kind: str
    engine: str
    prompt: str
    polls: int | None
    seconds: float | None
    inputs: dict[str, Any] = field(default_factory=dict)
    preset: str | None = None
    webhook_url: str = ""
    reference: str = ""
    files: Any = None
    failure: str | None = None
    word: str = ""  # a status word that stays
    reads: int = 0
    end: str = ""  # completed, failed or cancelled, once it is so
    began: float = field(default_factory=time.monotonic)
    created: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    ended: dt.datetime | None = None

    @property
    def file(self) -> str:
        extension = FILES.get(self.engine) or ("mp4" if self.kind == "video" else "png")
        return f"/files/{self.id}/output.{extension}"

    @property
    def done(self) -> float:
        """How far it is, 0–1, by the clock or by the reads so far."""
        if self.seconds is not None:
            return min(1.0, (time.monotonic() - self.began) / max(self.seconds, 1e-9))
        return min(1.0, self.reads / max(self.polls, 1)) if self.polls is not None else 0.5

    def finish(self, end: str) -> None:
        self.end, self.ended = end, dt.datetime.now(dt.UTC)

    def read(self) -> None:
        """Someone looks: it goes on, and may end by this."""
        self.reads += 1
        self.settle()

    def settle(self) -> None:
        """Ends it if its time has come."""
        if not self.end and not self.word and self.done >= 1:
            self.finish("completed" if self.failure is None else "failed")


class FakeProvider:
    """`latency` seconds go before each answer; `cancel_status` answers a cancel (200, 202 or 204).

    `known_only=False` answers the status of ids it never gave out as of a job that runs for ever.
    """

    def __init__(
        self,
        *,
        polls: int | None = 2,
        seconds: float | None = None,
        latency: float = 0.0,
        cancel_status: int = 200,
        known_only: bool = True,
        bad_keys: Iterable[str] = (),
    ) -> None:
        self.url = ""  # set when it is served
        self.polls, self.seconds, self.latency = polls, seconds, latency
        self.cancel_status, self.known_only = cancel_status, known_only
        self.bad_keys = set(bad_keys)
        self.engines, self.presets, self.pricing = list(ENGINES), list(PRESETS), list(PRICING)
        self.faults: list[Fault] = []
        self.reset()

    def reset(self) -> None:
        """Forgets all jobs and counts; faults and settings stay."""
        self.jobs: dict[str, Job] = {}
        self.by_key: dict[str, list[Job]] = {}
        self.requests: Counter[str] = Counter()  # received, by route
        self.received: Counter[str] = Counter()  # creates received, by prompt
        self.creates: Counter[str] = Counter()  # jobs made, by prompt
        self.reads: Counter[str] = Counter()  # status requests, by job
        self.lists: Counter[str] = Counter()  # list requests, by key
        self.cancels: Counter[str] = Counter()  # cancel requests, by job
        self.webhooks: list[dict[str, Any]] = []  # delivered: url, job, status (0: nobody answered)
        self.last: dict[str, dict[str, Any]] = {}  # the last request of each route: key, headers, body, query
        self.leaks = 0  # requests for a result that carried a key

    # -- From tests --------------------------------------------------------------------------------------------------
    def fault(self, on: str, do: str, **details: Any) -> Fault:
        """From now on; see faults.py. Remove it from `faults`, or `clear()`, to end it."""
        fault = Fault(on, do, **details)
        self.faults.append(fault)
        return fault

    def clear(self) -> None:
        self.faults.clear()

    def add_job(self, key: str = "", prompt: str = "", kind: str = "image", engine: str = "", **details: Any) -> Job:
        engine = engine or ("video-veo-pro" if kind == "video" else "image-flux-fast")
        details = {"id": str(uuid.uuid4()), "polls": self.polls, "seconds": self.seconds, **details}
        job = Job(key=key, prompt=prompt, kind=kind, engine=engine, **details)
        self.jobs[job.id] = job
        self.by_key.setdefault(key, []).append(job)
        return job

    def with_prompt(self, prompt: str) -> list[Job]:
        return [job for job in self.jobs.values() if job.prompt == prompt]

    def counts(self) -> dict[str, Any]:
        return {
            "requests": dict(self.requests),
            "received": dict(self.received),
            "creates": dict(self.creates),
            "reads": dict(self.reads),
            "lists": dict(self.lists),
            "cancels": dict(self.cancels),
            "webhooks": list(self.webhooks),
            "leaks": self.leaks,
            "jobs": len(self.jobs),
            "states": dict(Counter(job.end or "open" for job in self.jobs.values())),
        }

    def control(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """{"reset": true, "clear": true, "faults": [{"on": …, "do": …}], "finish": "part of a prompt",
        "jobs": [{"key": …, "id": …, "prompt": …}], and any setting of the constructor}."""
        if wishes.get("reset"):
            self.reset()
        if wishes.get("clear"):
            self.clear()
        for name in {"polls", "seconds", "latency", "cancel_status", "known_only"} & wishes.keys():
            setattr(self, name, wishes[name])
        self.bad_keys |= set(wishes.get("bad_keys", ()))
        for fault in wishes.get("faults", ()):
            self.fault(**fault)
        for job in wishes.get("jobs", ()):
            self.add_job(**job)
        if "finish" in wishes:
            self.finish(wishes["finish"])
        return self.counts()

    def finish(self, prompt: str, end: str = "completed") -> None:
        """Ends every open job with this in its prompt."""
        for job in self.jobs.values():
            if not job.end and prompt in job.prompt:
                job.finish(end)

    # -- From the wire -----------------------------------------------------------------------------------------------
    def struck(self, route: str, key: str, prompt: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.strikes(route, key, prompt)), None)

    def authorise(self, key: str) -> None:
        if not key or key in self.bad_keys or key.startswith("wayscloud_gpu_bad"):
            raise RefusedError(401, {"error": {"code": "AUTH_FAILED", "message": "Invalid API key", "details": None}})

    def create(self, key: str, body: Any) -> Job:
        body = _checked(body)
        for job in self.by_key.get(key, ()):
            if body.get("reference") and job.reference == body["reference"]:
                return job
        self._check_terms(body)
        prompt = body["inputs"]["prompt"]
        job = self.add_job(
            key,
            prompt,
            body["type"],
            body["engine"],
            inputs=body["inputs"],
            preset=body.get("preset"),
            webhook_url=body.get("webhook_url") or "",
            reference=body.get("reference") or "",
        )
        self.creates[prompt] += 1
        self._spoil(job)
        return job

    def _check_terms(self, body: dict[str, Any]) -> None:
        engine = next((row for row in self.engines if row["engine"] == body["engine"]), None)
        if engine is None or engine["type"] != body["type"]:
            raise RefusedError(400, {"error": {"code": "INVALID_PARAMETER", "message": f"No engine {body['engine']}"}})
        if not engine["available"]:
            raise RefusedError(403, {"error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "Not in your plan"}})
        preset = body.get("preset")
        if preset is not None and not any((p["name"], p["type"]) == (preset, body["type"]) for p in self.presets):
            raise RefusedError(400, {"error": {"code": "INVALID_PARAMETER", "message": f"No preset {preset}"}})

    def _spoil(self, job: Job) -> None:
        fault = self.struck("job", job.key, job.prompt)
        if fault is None:
            return
        if fault.do == "done":
            job.finish("completed")
        elif fault.do == "fail":
            job.failure = fault.message
        elif fault.do == "never":
            job.polls = job.seconds = None
        elif fault.do == "word":
            job.word = fault.message
        elif fault.do == "files":
            job.files = fault.body

    def find(self, key: str, id: str) -> Job:
        job = self.jobs.get(id)
        if job is None and not self.known_only:
            job = self.add_job(key, id=id, polls=None, seconds=None)
        if job is None or job.key != key:
            raise RefusedError(404, {"detail": "Job not found"})
        return job

    def cancel(self, job: Job) -> None:
        job.settle()
        if job.end:
            raise RefusedError(409, {"detail": "Only queued or processing jobs can be cancelled"})
        job.finish("cancelled")

    def payload(self, job: Job) -> dict[str, Any]:
        """The job as the public reference shows it (`reference` and `inputs` only where a reference was given)."""
        done = job.end == "completed"
        cost = self._cost(job)
        payload = {
            "id": job.id,
            "type": job.kind,
            "engine": job.engine,
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
        url = self.url + job.file
        return {job.kind: url} if job.files is None else _put(job.files, url)

    def _cost(self, job: Job) -> dict[str, Any] | None:
        row = next((row for row in self.pricing if row["engine"] == job.engine), None)
        if row is None:
            return None
        count = job.inputs.get("duration_sec", 8) if row["unit"] == "second" else 1
        return {"amount": row["price_per_unit"] * count, "currency": row["currency"]}


def _put(files: Any, url: str) -> Any:
    if isinstance(files, str):
        return files.replace("{url}", url)
    if isinstance(files, list):
        return [_put(item, url) for item in files]
    return {name: _put(value, url) for name, value in files.items()} if isinstance(files, dict) else files


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
