"""WaveSpeedAI's wire format. The models are in wavespeed_models.py."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from tests.fake_provider.jobs import Job
from tests.fake_provider.wavespeed_models import HIDDEN, catalogue
from tests.fake_provider.wavespeed_rules import check, kind_of, price, refusal
from tests.fake_provider.wire import Answer, Call, RefusedError, Wire

API = "/api/v3/"
ROUTES = {
    ("GET", "models"): "models",
    ("GET", "balance"): "balance",
    ("GET", "webhook/secret"): "secret",
    ("POST", "model/price"): "price",
    ("POST", "model/pricing"): "pricing",
    ("POST", "media/uploads"): "ticket",
    ("POST", "media/upload/binary"): "binary",
    ("POST", "predictions"): "list",
    ("POST", "predictions/delete"): "delete",
}


class WaveSpeed(Wire):
    """Settings: `models` rows in the catalogue at least; `prices` asked for by the "new" address, the "old" or by
    "none"; `tickets=0`: uploads go the older way alone; `bare=1`: only the bare address tells of a task; `objects=1`:
    outputs are objects; `balance` of every key at first; `discount`: a part of each price.
    """

    routes: ClassVar[frozenset[str]] = frozenset({*ROUTES.values(), "create", "status", "put", "upload", "elsewhere"})
    keyless: ClassVar[frozenset[str]] = frozenset({"output", "put", "upload", "elsewhere"})
    settings: ClassVar[Mapping[str, Any]] = {
        "models": 0, "prices": "new", "tickets": 1, "bare": 0, "objects": 0, "balance": 10.0, "discount": 0.0,
    }  # fmt: skip
    bodies: ClassVar[Mapping[int, Any]] = {
        400: refusal(400, 'property "prompt" is required', 1400),
        401: refusal(401, "Invalid API key"),
        402: refusal(402, "Insufficient credits. Please top up your account."),
        403: refusal(403, "Your account is locked"),
        404: refusal(404, "not found"),
        429: refusal(429, "Too many requests, please try again later"),
        451: refusal(451, "The prompt violates the content policy", 1200),
        500: refusal(500, "Internal server error"),
        503: refusal(503, "No worker is available", 5003),
    }

    models: int
    prices: str
    tickets: int
    bare: int
    objects: int
    balance: float
    discount: float

    def reset(self) -> None:
        self.spent: Counter[str] = Counter()  # by key
        self.uploads: dict[str, dict[str, Any]] = {}  # what was brought here, by id
        self.catalogue = catalogue(self.models)

    # -- What is asked -----------------------------------------------------------------------------------------------
    def route(self, method: str, path: str) -> tuple[str, str]:
        if path.startswith("/uploads/"):
            return {"PUT": "put", "GET": "upload"}.get(method, "unknown"), path.split("/")[2]
        if path.startswith("/elsewhere/"):
            return "elsewhere", path[11:]
        rest = path.removeprefix(API)
        if rest == path:
            return "unknown", ""
        if known := ROUTES.get((method, rest)):
            return known, ""
        if method == "GET" and rest.startswith("predictions/"):
            return "status", rest.split("/")[1]
        return ("create" if method == "POST" else "unknown"), ""

    def prompt(self, body: Any) -> str:
        return str(body.get("prompt") or body.get("text") or "") if isinstance(body, dict) else ""

    def default_model(self, kind: str) -> str:
        return {"video": "alibaba/wan-2.5/text-to-video", "audio": "minimax/speech-02-hd"}.get(
            kind, "wavespeed-ai/flux-dev"
        )

    def fields(self, body: Any) -> list[dict[str, Any]]:
        data = body.get("data", body)
        data = data["items"] if isinstance(data, dict) and "items" in data else data
        return data if isinstance(data, list) else [data]

    def authorise(self, key: str) -> None:
        if key.startswith("bad"):
            raise self.refused(401)
        super().authorise(key)

    # -- The account and the catalogue -------------------------------------------------------------------------------
    def on_models(self, call: Call) -> Answer:
        self.authorise(call.key)
        if len(self.catalogue) < self.models:
            self.catalogue = catalogue(self.models)
        return _said(self.catalogue)

    def on_balance(self, call: Call) -> Answer:
        self.authorise(call.key)
        return _said({"balance": round(self.left(call.key), 6)})

    def left(self, key: str) -> float:
        return self.balance - self.spent[key]

    def on_secret(self, call: Call) -> Answer:
        self.authorise(call.key)
        return _said({"secret": self.secret(call.key)})

    def secret(self, key: str) -> str:
        return "whsec_" + hashlib.sha256(key.encode()).hexdigest()[:32]

    # -- Prices ------------------------------------------------------------------------------------------------------
    def on_price(self, call: Call) -> Answer:
        price = self._asked(call, "new")
        discounted = {"discounted_price": round(price * (1 - self.discount), 6)} if self.discount else {}
        return _said({"price": price, **discounted, "currency": "USD"})

    def on_pricing(self, call: Call) -> Answer:
        return _said({"unit_price": self._asked(call, "old"), "currency": "USD"})

    def _asked(self, call: Call, way: str) -> float:
        self.authorise(call.key)
        if self.prices != way:
            raise self.refused(404)
        body = call.body if isinstance(call.body, dict) else {}
        return price(self._row(body.get("model_id")), body.get("inputs") or {})

    def _row(self, model_id: Any) -> dict[str, Any]:
        rows = (row for row in [*self.catalogue, HIDDEN] if isinstance(row, dict))
        found = next((row for row in rows if row.get("model_id") == model_id), None)
        if found is None:
            raise RefusedError(404, refusal(404, f"model {model_id} not found"))
        return found

    # -- Uploads -----------------------------------------------------------------------------------------------------
    def on_ticket(self, call: Call) -> Answer:
        self.authorise(call.key)
        body = call.body if isinstance(call.body, dict) else {}
        if not self.tickets:
            raise self.refused(404)
        if not body.get("filename") or not isinstance(body.get("size"), int):
            raise RefusedError(400, refusal(400, "filename and size are required"))
        name = f"{uuid.uuid4().hex}"
        self.uploads[name] = {**body, "content": None}
        put = {"method": "PUT", "url": f"{self.fake.url}/uploads/{name}", "headers": {"x-fake-token": name}}
        return _said({"download_url": self._at(name), "upload": put})

    def on_put(self, call: Call) -> Answer:
        waiting = self.uploads.get(call.id)
        if waiting is None or call.headers.get("x-fake-token") != call.id or len(call.content) != waiting["size"]:
            return 403, ("application/xml", b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        waiting["content"] = call.content
        return 200, b""

    def on_binary(self, call: Call) -> Answer:
        self.authorise(call.key)
        boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
        head, _, rest = call.content.partition(b"\r\n\r\n")
        if not boundary or b'name="file"' not in head or not rest.endswith(b"\r\n--" + boundary + b"--\r\n"):
            raise RefusedError(400, refusal(400, "file is required"))
        filename = head.partition(b'filename="')[2].partition(b'"')[0].decode()
        name, content = uuid.uuid4().hex, rest[: -len(boundary) - 8]
        self.uploads[name] = {"filename": filename, "size": len(content), "content": content}
        return _said({"type": "image", "download_url": self._at(name), "filename": filename, "size": len(content)})

    def _at(self, name: str) -> str:
        return f"{self.fake.url}/uploads/{name}/{self.uploads[name]['filename']}"

    def on_upload(self, call: Call) -> Answer:
        content = self.uploads.get(call.id, {}).get("content")
        if content is None:
            raise self.refused(404)
        return 200, ("application/octet-stream", content)

    def on_elsewhere(self, call: Call) -> Answer:
        raise self.refused(404)

    # -- Tasks -------------------------------------------------------------------------------------------------------
    def on_create(self, call: Call) -> Answer:
        self.authorise(call.key)
        row = self._row(call.path.removeprefix(API))
        body = dict(call.body) if isinstance(call.body, dict) else {}
        hook = body.pop("webhook_url", "") or call.query.get("webhook", "")
        check(row, body)
        cost = price(row, body)
        if cost > self.left(call.key):
            raise self.refused(402)
        self.spent[call.key] += cost
        kind = kind_of(row)
        ending = {"jpeg": "jpg", "png": "png", "webp": "webp"}.get(body.get("output_format", ""), "")
        extension = {"extension": ending} if kind == "image" and ending else {}
        job = self.fake.create(
            call.key, self.prompt(body), kind, row["model_id"], inputs=body, webhook_url=hook, **extension
        )
        if body.get("enable_sync_mode") is True:
            job.finish("completed")
        return _said(self.payload(job))

    def on_status(self, call: Call) -> Answer:
        self.authorise(call.key)
        if self.bare and call.path.endswith("/result"):
            raise self.refused(404)
        return _said(self.payload(self.fake.look(self.fake.find(call.key, call.id))))

    def on_list(self, call: Call) -> Answer:
        self.authorise(call.key)
        asked = call.body if isinstance(call.body, dict) else {}
        jobs = [job for job in reversed(self.fake.by_key.get(call.key, ())) if _is_wanted(job, asked)]
        size = min(int(asked.get("page_size", 20)), 100)
        start = (int(asked.get("page", 1)) - 1) * size
        inputs = asked.get("include_inputs") is True
        items = [self.payload(job) | ({"inputs": job.inputs} if inputs else {}) for job in jobs[start : start + size]]
        return _said({"page": asked.get("page", 1), "items": items})

    def on_delete(self, call: Call) -> Answer:
        self.authorise(call.key)
        for name in (call.body or {}).get("ids", ()):
            if self.fake.find(call.key, name):
                del self.fake.jobs[name]
        return _said(None)

    def payload(self, job: Job) -> dict[str, Any]:
        """A prediction. `urls` name another place than the one that is asked: nobody with a key should go there."""
        done, failed = job.end == "completed", job.end == "failed"
        outputs = self._outputs(job) if done else []
        task = {
            "id": job.id,
            "model": job.model,
            "outputs": outputs,
            "urls": {"get": f"{self.fake.url}/elsewhere/{job.id}"},
            "has_nsfw_contents": ["nsfw" in job.prompt.lower()] * len(outputs),
            "status": job.end or job.word or ("created" if job.done < 0.2 else "processing"),
            "created_at": f"{job.created:%Y-%m-%dT%H:%M:%S}.{job.created.microsecond // 1000:03d}Z",
            "error": (job.failure or "") if failed else "",
            "timings": {"inference": 2500 if done else 0},
        }
        return task | ({"code": job.code} if failed and job.code is not None else {})

    def _outputs(self, job: Job) -> Any:
        if job.files is not None:
            return self.fake.files(job)
        names = ["output", *(f"output-{number}" for number in range(2, int(job.inputs.get("num_images", 1)) + 1))]
        addresses = [f"{self.fake.url}/files/{job.id}/{name}.{job.extension}" for name in names]
        return [{"url": address, "type": job.kind} for address in addresses] if self.objects else addresses

    def callback(self, job: Job) -> tuple[bytes, dict[str, str]]:
        """The bare prediction with its input, signed with the account's secret."""
        body = orjson.dumps(self.payload(job) | {"input": job.inputs})
        return body, signed(self.secret(job.key), uuid.uuid4().hex, int(time.time()), body)


def signed(secret: str, name: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of a callback."""
    content = f"{name}.{at}.".encode() + body
    mark = hmac.new(secret.removeprefix("whsec_").encode(), content, hashlib.sha256).hexdigest()
    return {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": f"v3,{mark}"}


def _said(data: Any) -> Answer:
    return 200, {"code": 200, "message": "success", "data": data}


def _is_wanted(job: Job, asked: Mapping[str, Any]) -> bool:
    made = f"{job.created:%Y-%m-%dT%H:%M:%SZ}"
    within = asked.get("created_after", "") <= made <= asked.get("created_before", "9")
    return within and asked.get("model", job.model) == job.model
