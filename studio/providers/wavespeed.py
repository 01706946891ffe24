"""WaveSpeedAI: hundreds of models, each with its own inputs, under /api/v3.

A job is a POST to the model's own id. Keys are any text, sent as `Authorization: Bearer`; the `urls` of an answer are
never followed, so that the key goes to the configured address alone. Source: its public API reference, and what its
official clients send and accept.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal
from urllib.parse import quote as quoted

from studio.providers import errors, reading, wavespeed_models
from studio.providers import wavespeed_uploads as uploads
from studio.providers.base import (
    Balance,
    Cost,
    JobSpec,
    Json,
    Kind,
    ModelInfo,
    Progress,
    ProviderError,
    Quote,
    Request,
    Response,
    Ticket,
)
from studio.providers.dialect import Dialect
from studio.providers.json_schema import bound
from studio.providers.schema_options import wants_list
from studio.providers.states import read_state
from studio.providers.wavespeed_errors import data_of, failure
from studio.providers.wavespeed_models import NEVER, PARAMETERS, UNIT

API = "/api/v3"
SIGNED_WITHIN = 300  # seconds between a callback's signature and its arrival
PAGE = 100

# References to what only Studio can open, as they stand in settings before a job is sent.
_OWN = re.compile(r"(asset:[0-9a-f-]{36}|output:[0-9a-f-]{36}/\d+|data:\S*)")


class WaveSpeed(Dialect):
    name: ClassVar[str] = "wavespeed"
    label: ClassVar[str] = "WaveSpeedAI"
    key_help: ClassVar[str] = "Made at wavespeed.ai/accesskey."
    can_look_up: ClassVar[bool] = True
    can_delete: ClassVar[bool] = True
    can_type_models: ClassVar[bool] = True
    quotes: ClassVar[bool] = True
    polls_apart: ClassVar[Mapping[str, float]] = {"image": 2.0, "audio": 2.0, "video": 5.0}
    concurrency: ClassVar[int | None] = 3  # of the lowest account level
    unit: ClassVar[str] = UNIT
    takes_media: ClassVar[Literal["", "upload", "link", "inline"]] = "upload"

    def headers(self, secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret}"}

    def _data(self, response: Response, *, acts: bool = False) -> Json:
        return data_of(self.label, response, acts=acts)

    def _object(self, response: Response) -> Mapping[str, Json]:
        data = self._data(response)
        return data if isinstance(data, dict) else {}

    def _odd(self, response: Response, why: str, *, acts: bool = False) -> ProviderError:
        return errors.malformed(self.label, response, why, acts=acts)

    # -- The account -------------------------------------------------------------------------------------------------
    def build_check(self) -> Request:
        return self.build_balance()

    def parse_check(self, response: Response) -> None:
        self._data(response)

    def build_balance(self) -> Request:
        return Request("GET", f"{API}/balance")

    def parse_balance(self, response: Response) -> Balance:
        """{"balance": 12.5}. What is overdrawn is nothing."""
        left = bound(self._object(response), "balance")
        cost = None if left is None else Cost.parse(max(left, 0), UNIT)
        if cost is None:
            raise self._odd(response, "a balance without an amount")
        return Balance(cost)

    def build_webhook_secret(self) -> Request:
        return Request("GET", f"{API}/webhook/secret")

    def parse_webhook_secret(self, response: Response) -> str:
        data = self._data(response)
        secret = reading.text(data.get("secret") if isinstance(data, dict) else data)
        if not secret:
            raise self._odd(response, "no secret")
        return secret

    def webhook_is_genuine(self, secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
        """`webhook-signature: v3,<hex>`: HMAC-SHA256 of "id.timestamp.body", with the secret as the text it is."""
        at, name = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
        if not secret or not name or not re.fullmatch(r"\d{1,12}", at, re.ASCII) or abs(now - int(at)) > SIGNED_WITHIN:
            return False
        signed = f"{name}.{at}.".encode("latin-1", "replace") + body
        expected = hmac.digest(secret.removeprefix("whsec_").encode(), signed, "sha256").hex().encode()
        given = (each.partition(",") for each in headers.get("webhook-signature", "").split())
        return any(v == "v3" and hmac.compare_digest(found.lower().encode(), expected) for v, _, found in given)

    # -- The catalogue -----------------------------------------------------------------------------------------------
    def build_catalogue(self) -> Mapping[str, Request]:
        return {"models": Request("GET", f"{API}/models")}

    def parse_answer(self, response: Response) -> Json:
        models = self._data(response)
        if reading.rows(models) is None:
            raise self._odd(response, "the list of models is not a list")
        return models

    def parse_catalogue(self, payloads: Mapping[str, Json]) -> Sequence[ModelInfo]:
        return wavespeed_models.models(reading.rows(payloads.get("models")) or [])

    def typed_model(self, model_id: str, kind: Kind) -> ModelInfo:
        return wavespeed_models.typed(model_id, kind)

    # -- Prices ------------------------------------------------------------------------------------------------------
    def build_quotes(self, spec: JobSpec) -> Sequence[Request]:
        asked = {"model_id": spec.model, "inputs": _priced(spec)}
        return tuple(Request("POST", f"{API}/model/{name}", json=asked, reads=True) for name in ("price", "pricing"))

    def parse_quote(self, response: Response, spec: JobSpec) -> Quote:
        """{price, discounted_price?, currency?}, or of the older address {unit_price, currency}."""
        data = self._object(response)
        unit = data.get("currency") or UNIT
        listed = Cost.parse(data.get("price", data.get("unit_price")), unit)
        cost = Cost.parse(data.get("discounted_price") or None, unit) or listed  # a discount to nothing is none
        if cost is None:
            raise self._odd(response, "a price without an amount")
        if listed is None or cost.amount >= listed.amount:
            return Quote(cost)
        return Quote(cost, f"Discounted from {listed.amount.normalize():f} {listed.unit}.")

    def unseen(self, spec: JobSpec, model: ModelInfo | None) -> Sequence[str]:
        """Media that the provider does not have yet, and what the model needs and was not given."""
        shown = _priced(spec)
        options = {option.name: option for option in model.options} if model else {}
        missing = [name for name, option in options.items() if option.required and name not in shown]
        names = dict.fromkeys([*(name for name in _fields(spec) if name not in shown), *missing])
        labels = [options[name].label if name in options else name for name in names]
        speaks = model is not None and model.needs_prompt and spec.kind == "audio" and not spec.prompt
        return [*(f"“{label}”" for label in labels), *(["the prompt"] if speaks else [])]

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        price = model.price if model else None
        if price is None:
            return Quote(None, f"Price unknown: {self.label} lists none for this model.")
        note = f"From {self.label}'s price list, where its price begins: settings can make it more."
        return Quote(price.cost, note, estimate=True)

    # -- Media -------------------------------------------------------------------------------------------------------
    def build_ticket(self, name: str, size: int, content_type: str) -> Request:
        asked = {"filename": uploads.filename(name), "size": size, "content_type": uploads.mime(content_type)}
        return Request("POST", f"{API}/media/uploads", json=asked)

    def parse_ticket(self, response: Response) -> Ticket:
        ticket = uploads.ticket(self._object(response))
        if ticket is None:
            raise self._odd(response, "leave to upload that says not where")
        return ticket

    def build_upload(self, name: str, content: bytes, content_type: str) -> Request:
        body, form = uploads.form(name, content, content_type)
        return Request("POST", f"{API}/media/upload/binary", content=body, content_type=form)

    def parse_upload(self, response: Response) -> str:
        at = uploads.address(self._object(response).get("download_url"))
        if not at:
            raise self._odd(response, "an upload without an address")
        return at

    # -- Jobs --------------------------------------------------------------------------------------------------------
    def build_submit(self, spec: JobSpec) -> Request:
        """The callback goes both ways: the reference has it in the body, its page on webhooks in the query."""
        if not wavespeed_models.is_path(spec.model):
            raise ProviderError("bad_request", f"“{spec.model[:100]}” is no model of {self.label}.", sent=False)
        path = "/".join(quoted(segment, safe="") for segment in spec.model.split("/"))
        body, params = _fields(spec), {}
        if spec.webhook_url:
            body, params = {**body, "webhook_url": spec.webhook_url}, {"webhook": spec.webhook_url}
        return Request("POST", f"{API}/{path}", params=params, json=body)

    def parse_submit(self, response: Response) -> Progress:
        return self._progress(response, acts=True)

    def build_statuses(self, remote_id: str, kind: str) -> Sequence[Request]:
        """Where every client asks, then where the reference does."""
        path = f"{API}/predictions/{quoted(remote_id, safe='')}"
        return Request("GET", f"{path}/result"), Request("GET", path)

    def parse_status(self, response: Response) -> Progress:
        return self._progress(response, acts=False)

    def build_look_up(self, reference: str, model: str, since: dt.datetime, until: dt.datetime) -> Request:
        after, before = (f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in (since, until))
        asked = {"page": 1, "page_size": PAGE, "model": model, "created_after": after, "created_before": before}
        return Request("POST", f"{API}/predictions", json={**asked, "include_inputs": True}, reads=True)

    def parse_list(self, response: Response) -> Sequence[Progress]:
        jobs = reading.rows(self._data(response))
        if jobs is None:
            raise self._odd(response, "the list of jobs is not a list")
        return [progress for progress in map(self.read_job, jobs) if progress]

    def build_delete(self, remote_id: str) -> Request:
        return Request("POST", f"{API}/predictions/delete", json={"ids": [remote_id]})

    def parse_delete(self, response: Response) -> None:
        if response.body.strip() or not response.ok:
            self._data(response, acts=True)

    # -- Reading -----------------------------------------------------------------------------------------------------
    def _progress(self, response: Response, *, acts: bool) -> Progress:
        data = self._data(response, acts=acts)
        progress = self.read_job(data) if isinstance(data, dict) else None
        if progress is None:
            raise self._odd(response, "a task without an id", acts=acts)
        return progress

    def read_job(self, task: Mapping[str, Json]) -> Progress | None:
        """A prediction in our terms; None without an id. Every other field may be missing, null or odd."""
        remote_id = reading.identifier(task.get("id"))
        if not remote_id:
            return None
        state = read_state(task.get("status"))
        kind, message = failure(self.label, task) if state in ("failed", "cancelled") else (None, "")
        flags = task.get("has_nsfw_contents")
        return Progress(
            remote_id=remote_id,
            state=state,
            outputs=reading.outputs(task.get("outputs"), "output"),
            message=message,
            error_kind=kind if state == "failed" else None,
            status_word=errors.plain(reading.text(task.get("status"))),
            model=reading.text(task.get("model")),
            prompt=_prompt(task),
            created_at=errors.plain(reading.text(task.get("created_at"))),
            inference=_inference(task),
            flagged=tuple(flag is True for flag in flags) if isinstance(flags, list) else (),
        )


def _fields(spec: JobSpec) -> dict[str, Json]:
    """The body: the prompt, and what was given under the model's own names; what was left alone is left to it."""
    given = {"prompt": spec.prompt, **spec.settings}
    typed = given.pop(PARAMETERS.name, None)
    said = {name: value for name, value in given.items() if value is not None and value not in ("", [])}
    body = {name: [value] if isinstance(value, str) and wants_list(name) else value for name, value in said.items()}
    body |= typed if isinstance(typed, dict) else {}
    return {name: value for name, value in body.items() if name not in NEVER}


def _priced(spec: JobSpec) -> dict[str, Json]:
    """The body as far as the provider could open what it names."""
    return {name: value for name, value in _fields(spec).items() if not _is_own(value)}


def _is_own(value: Json) -> bool:
    """Is it, or holds it, media that only Studio has?"""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(_is_own(each) for each in value)
    return isinstance(value, str) and bool(_OWN.fullmatch(value))


def _prompt(task: Mapping[str, Json]) -> str | None:
    """The prompt that a task was made with, where it tells its inputs."""
    told = [task[name] for name in ("input", "inputs") if isinstance(task.get(name), dict)]
    prompt = told[0].get("prompt") if told else None
    return prompt if isinstance(prompt, str) else None


def _inference(task: Mapping[str, Json]) -> float | None:
    """Seconds that the model took, from milliseconds; 0 is of one that has not run."""
    timings = task.get("timings")
    told = bound(timings, "inference") if isinstance(timings, dict) else None
    return told / 1000 if told is not None and told > 0 else None
