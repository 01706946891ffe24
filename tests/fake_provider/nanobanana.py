"""The Nano Banana API's wire format: credits that fall with each job, and a limit of requests for each key.

Keys begin with `nb_sk_`. One of `nb_sk_bad…` is refused, one of `nb_sk_disabled…` is forbidden everything, one of
`nb_sk_free…` has no subscription. Prices are its own, and not those of the published table; what it tells of itself is
as in the samples of its public reference: 150 credits, less 2 for an image from an image, less 15 for a clip.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.fake_provider import nanobanana_terms as terms
from tests.fake_provider.jobs import Job
from tests.fake_provider.wire import Answer, Call, RefusedError, Wire

KINDS = {"images": "image", "videos": "video"}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message}}


class NanoBanana(Wire):
    """`shape` is how results come back: "url" (`image_url`; of several, `image_urls` beside it), "urls", "images"
    (addresses), "objects" (`images` of objects) or "outputs". `runs_out`: an account is empty as soon as a price was
    asked. `good_status`: refusals come with HTTP 200. `filtered` is the word that the content rules refuse. `limit`
    requests are answered to a key in any `window` of seconds; 0: all of them.
    """

    routes: ClassVar[frozenset[str]] = frozenset({"create", "status", "credits", "cost", "models"})
    id_in_query: ClassVar[str] = "task_id"
    bodies: ClassVar[Mapping[int, Any]] = {
        400: _error("INVALID_PROMPT", "Prompt is empty or invalid"),
        401: _error("UNAUTHORIZED", "Missing or invalid API key"),
        402: _error("INSUFFICIENT_CREDITS", "Not enough credits for this operation"),
        403: _error("FORBIDDEN", "API key disabled, expired, or lacks required scope"),
        404: _error("TASK_NOT_FOUND", "Generation task does not exist"),
        429: _error("RATE_LIMIT_EXCEEDED", "Too many requests per minute"),
        451: _error("CONTENT_FILTERED", "Content was rejected by safety filters"),
        500: _error("INTERNAL_ERROR", "Server error, please retry"),
    }
    settings: ClassVar[Mapping[str, Any]] = {
        "limit": 60,
        "window": 60.0,
        "balance": 150,
        "shape": "url",
        "runs_out": 0,
        "good_status": 0,
        "filtered": "forbidden fruit",
    }
    limit: int
    window: float
    balance: int
    shape: str
    runs_out: int
    good_status: int
    filtered: str

    def reset(self) -> None:
        self.left: dict[str, int] = {}  # credits by key; what is not here has `balance`
        self.limited: Counter[str] = Counter()  # requests refused for the limit, by key
        self.busiest: Counter[str] = Counter()  # the most that were answered in any window, by key
        self.answered: dict[str, deque[float]] = {}
        self.image_models = [_listed(id, row[0], id == "nano-banana") for id, row in terms.IMAGES.items()]
        self.video_models = [_listed(id, row[0], False) for id, row in terms.VIDEOS.items()]

    def counts(self) -> dict[str, Any]:
        return {"limited": dict(self.limited), "busiest": dict(self.busiest), "credits": dict(self.left)}

    def route(self, method: str, path: str) -> tuple[str, str]:
        return _ROUTES.get((method, path.removeprefix("/api/v1")), "unknown"), ""

    def prompt(self, body: Any) -> str:
        return str(body.get("prompt", "")) if isinstance(body, dict) else ""

    def default_model(self, kind: str) -> str:
        return "veo-3.1-fast" if kind == "video" else "nano-banana"

    def fields(self, body: Any) -> list[dict[str, Any]]:
        return [body.get("data", body)]

    def refused(self, status: int) -> RefusedError:
        return self._refuse(status, self.bodies[status])

    def _refuse(self, status: int, body: Any) -> RefusedError:
        return RefusedError(200 if self.good_status else status, body)

    def authorise(self, key: str) -> None:
        if not key.startswith("nb_sk_") or key.startswith("nb_sk_bad") or key in self.fake.bad_keys:
            raise self.refused(401)
        if key.startswith("nb_sk_disabled"):
            raise self.refused(403)
        self._meter(key)

    def _meter(self, key: str) -> None:
        """A window that slides: no minute whatever holds more than the limit."""
        now, recent = time.monotonic(), self.answered.setdefault(key, deque())
        while recent and recent[0] <= now - self.window:
            recent.popleft()
        if self.limit and len(recent) >= self.limit:
            self.limited[key] += 1
            raise self.refused(429)
        recent.append(now)
        self.busiest[key] = max(self.busiest[key], len(recent))

    # -- Routes ------------------------------------------------------------------------------------------------------
    def on_models(self, call: Call) -> Answer:
        self.authorise(call.key)
        return _success({"image_models": self.image_models, "video_models": self.video_models})

    def on_credits(self, call: Call) -> Answer:
        self.authorise(call.key)
        paying = _pays(call.key)
        plan = {"plan": "pro", "end_date": "2027-12-31T00:00:00Z"} if paying else None
        return _success({"credits": self._left(call.key), "total_credits": 500, "subscription": plan, "is_vip": paying})

    def on_cost(self, call: Call) -> Answer:
        self.authorise(call.key)
        asked = call.body if isinstance(call.body, dict) else {}
        kind = asked.get("type")
        if kind not in KINDS.values():
            raise self._refuse(400, _error("INVALID_TYPE", "type must be image or video"))
        self._know(kind, asked)
        price = terms.price(kind, asked)
        if self.runs_out:
            self.left[call.key] = 0
        return _success({"type": kind, "credits_needed": price})

    def on_create(self, call: Call) -> Answer:
        self.authorise(call.key)
        kind, asked = KINDS[call.path.split("/")[3]], call.body if isinstance(call.body, dict) else {}
        self._check(kind, asked)
        price, left = terms.price(kind, asked), self._left(call.key)
        if terms.needs_subscription(kind, asked) and not _pays(call.key):
            raise self._refuse(403, _error("FORBIDDEN", "This model needs an active subscription"))
        if price > left:
            raise self.refused(402)
        self.left[call.key] = left - price
        model = asked.get("model", "nano-banana") if kind == "image" else asked["model_id"]
        extension = {"jpeg": "jpg"}.get(asked.get("output_format", ""), "png") if kind == "image" else "mp4"
        job = self.fake.create(call.key, asked["prompt"], kind, model, inputs=asked, extension=extension)
        reply = {"task_id": job.id, "status": job.end or job.word or ("pending" if kind == "image" else "processing")}
        reply |= {"credits_used": price, "credits_remaining": left - price}
        return _success(reply | ({"provider": "wavespeed"} if kind == "video" else {}) | self._results(job))

    def on_status(self, call: Call) -> Answer:
        self.authorise(call.key)
        job = self.fake.find(call.key, call.id)
        if job.kind != KINDS[call.path.split("/")[3]]:
            raise self.refused(404)
        return _success(self.payload(self.fake.look(job)))

    def _check(self, kind: str, asked: dict[str, Any]) -> None:
        prompt = asked.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise self.refused(400)
        if self.filtered in prompt:
            raise self.refused(451)
        self._know(kind, asked)
        if wrong := terms.wrong(kind, asked):
            raise self._refuse(400, _error("INVALID_PARAMETER", "; ".join(wrong)))

    def _know(self, kind: str, asked: dict[str, Any]) -> None:
        if terms.row(kind, asked) is None:
            raise self._refuse(400, _error("INVALID_MODEL", "Unknown model ID"))

    def _left(self, key: str) -> int:
        return self.left.get(key, self.balance)

    # -- A task ------------------------------------------------------------------------------------------------------
    def payload(self, job: Job) -> dict[str, Any]:
        done, ended = job.end == "completed", job.ended
        word = {"completed": "completed" if job.kind == "image" else "succeeded"}.get(job.end, job.end)
        payload: dict[str, Any] = {
            "task_id": job.id,
            "status": word or job.word or "processing",
            "progress": 100 if done else int(job.done * 100),
            **self._results(job),
        }
        if job.end == "failed":
            payload["error"] = {"code": job.code, "message": job.failure} if job.code else job.failure
        return payload | ({"completed_at": f"{ended:%Y-%m-%dT%H:%M:%SZ}"} if ended else {})

    def _results(self, job: Job) -> dict[str, Any]:
        if job.end != "completed":
            return {}
        if job.files is not None:
            files = self.fake.files(job)
            return files if isinstance(files, dict) else {"outputs": files}
        count = job.inputs.get("num_images", 1)
        place = f"{self.fake.url}/files/{job.id}/output"
        urls = [f"{place}{'' if n == 0 else f'-{n + 1}'}.{job.extension}" for n in range(count)]
        if job.kind == "video":
            return {"video_url": urls[0]}
        several = {"image_urls": urls} if count > 1 else {}
        return {
            "url": {"image_url": urls[0], **several},
            "urls": {"image_urls": urls},
            "images": {"images": urls},
            "objects": {"images": [{"url": url, "width": 128, "height": 96} for url in urls]},
            "outputs": {"outputs": urls},
        }[self.shape]


_ROUTES = {
    ("POST", "/images/generate"): "create",
    ("POST", "/videos/generate"): "create",
    ("GET", "/images/status"): "status",
    ("GET", "/videos/status"): "status",
    ("GET", "/account/credits"): "credits",
    ("POST", "/account/calculate-cost"): "cost",
    ("GET", "/models"): "models",
}


def _listed(id: str, name: str, default: bool) -> dict[str, Any]:
    return {"id": id, "name": name} | ({"is_default": True} if default else {})


def _pays(key: str) -> bool:
    return not key.startswith("nb_sk_free")


def _success(data: dict[str, Any]) -> Answer:
    return 200, {"success": True, "data": data}
