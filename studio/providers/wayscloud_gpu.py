"""WAYSCloud GPU Studio: engines, presets, prices and jobs under /v1/gpu.

It takes its key as `X-API-Key` (sent here) or as `Authorization: Bearer`. Keys begin with `wayscloud_gpu_` and open
this service alone. Source: its public API reference; error bodies as its clients meet them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote as quoted

from studio.lib.money import money
from studio.providers import errors, reading
from studio.providers.base import (
    Choice,
    Cost,
    ErrorKind,
    JobSpec,
    Json,
    Kind,
    ModelInfo,
    Option,
    Price,
    Progress,
    Quote,
    Request,
    Response,
)
from studio.providers.dialect import Dialect
from studio.providers.states import read_state

MAX_SEED = 2**31 - 1

NEGATIVE_PROMPT = Option("negative_prompt", "text", "Negative prompt", help="What to avoid.", max=2000, advanced=True)
SEED = Option(
    "seed",
    "seed",
    "Seed",
    help="The same seed, prompt and settings make the same result again.",
    min=0,
    max=MAX_SEED,
    step=1,
    advanced=True,
)

_ONCE = frozenset({"image", "video", "clip", "job", "generation", "request", "unit", "run", "output"})
_SECONDS = {"second": 1, "sec": 1, "s": 1, "minute": 60, "min": 60, "hour": 3600}


class WaysCloudGpu(Dialect):
    name: ClassVar[str] = "wayscloud-gpu"
    label: ClassVar[str] = "WAYSCloud GPU Studio"
    key_prefix: ClassVar[str] = "wayscloud_gpu_"
    key_help: ClassVar[str] = (
        "Made in the WAYSCloud console for the service GPU Studio. Keys of other WAYSCloud services do not work here."
    )
    can_list: ClassVar[bool] = True
    can_look_up: ClassVar[bool] = True
    can_cancel: ClassVar[bool] = True
    concurrency: ClassVar[int | None] = 10  # not documented; a key may be set otherwise
    unit: ClassVar[str] = "NOK"  # of every price in its reference

    # The options of each kind that stand in the body's `inputs`; `preset` stands beside them.
    inputs: ClassVar[Mapping[str, tuple[Option, ...]]] = {
        "image": (
            Option(
                "aspect_ratio",
                "aspect_ratio",
                "Aspect ratio",
                choices=tuple(Choice(ratio, ratio) for ratio in ("1:1", "4:5", "16:9", "9:16")),
                default="16:9",
            ),
            NEGATIVE_PROMPT,
            SEED,
        ),
        "video": (
            Option(
                "duration_sec",
                "duration",
                "Duration",
                help="Each engine has its own limits. Leave it empty for what the engine makes by itself.",
                min=1,
                step=1,
                unit="s",
            ),
            NEGATIVE_PROMPT,
            SEED,
        ),
    }

    def headers(self, secret: str) -> dict[str, str]:
        return {"X-API-Key": secret}

    # -- The key -----------------------------------------------------------------------------------------------------
    def build_check(self) -> Request:
        """The list of jobs: of the endpoints that cost nothing, the only one that wants a key."""
        return self.build_list()

    def parse_check(self, response: Response) -> None:
        self.parse_list(response)

    # -- The catalogue -----------------------------------------------------------------------------------------------
    def build_catalogue(self) -> Mapping[str, Request]:
        """They want no key; with one, the engines tell what is available to its account."""
        return {name: Request("GET", f"/v1/gpu/{name}", open=True) for name in ("engines", "presets", "pricing")}

    def parse_catalogue(self, payloads: Mapping[str, Json]) -> Sequence[ModelInfo]:
        presets = reading.rows(payloads.get("presets")) or []
        prices = _prices(reading.rows(payloads.get("pricing")) or [])
        models = (self._model(row, presets, prices) for row in reading.rows(payloads.get("engines")) or [])
        return list({model.id: model for model in models if model}.values())

    def _model(
        self, row: Mapping[str, Json], presets: Iterable[Mapping[str, Json]], prices: Mapping[str, Price]
    ) -> ModelInfo | None:
        engine, kind = reading.identifier(row.get("engine")), _kind(row.get("type"))
        if not engine or kind is None:
            return None
        tier = errors.plain(reading.text(row.get("tier_required")))
        available = row.get("available") is not False
        return ModelInfo(
            id=engine,
            name=errors.plain(reading.text(row.get("name")))[:200] or engine,
            kind=kind,
            description=errors.plain(reading.text(row.get("description"))),
            options=(*_preset_option(presets, kind), *self.inputs[kind]),
            price=prices.get(engine),
            tier_required=tier,
            available=available,
            unavailable_reason="" if available else self._reason(tier),
        )

    def _reason(self, tier: str) -> str:
        if tier:
            return f"Needs the {tier} plan at {self.label}."
        return f"{self.label} does not offer it to this account at present."

    # -- Prices ------------------------------------------------------------------------------------------------------
    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        price = model.price if model else None
        if price is None:
            return Quote(None, f"Price unknown: {self.label} lists none for this engine.")
        if price.unit in _ONCE:
            return Quote(price.cost)
        rate = f"{money(price.cost.amount, price.cost.unit)} a {price.unit}"
        if price.unit not in _SECONDS:
            return Quote(None, f"Price unknown until it is made: {rate}.")
        seconds = _seconds(spec)
        if seconds is None:
            return Quote(None, f"Price unknown without a duration: {rate}.")
        length = _SECONDS[price.unit]
        note = f"At {rate}; begun {price.unit}s may be rounded up." if length > 1 else f"At {rate}."
        cost = Cost(round(price.cost.amount * seconds / length, 6), price.cost.unit)
        return Quote(cost, note, estimate=length > 1)

    # -- Jobs --------------------------------------------------------------------------------------------------------
    def build_submit(self, spec: JobSpec) -> Request:
        body: dict[str, Json] = {"type": spec.kind, "engine": spec.model, "inputs": self._inputs(spec)}
        if preset := spec.settings.get("preset"):
            body["preset"] = preset
        if spec.webhook_url and spec.kind == "video":
            body["webhook_url"] = spec.webhook_url
        return Request("POST", "/v1/gpu/jobs", json=body)

    def _inputs(self, spec: JobSpec) -> dict[str, Json]:
        """The prompt and every option that was given; an option left alone is left to the provider."""
        given = {option.name: spec.settings.get(option.name) for option in self.inputs[spec.kind]}
        return {"prompt": spec.prompt, **{k: v for k, v in given.items() if v is not None and v != ""}}

    def parse_submit(self, response: Response) -> Progress:
        return self._progress(response, acts=True)

    def build_statuses(self, remote_id: str, kind: str) -> Sequence[Request]:
        return (Request("GET", f"/v1/gpu/jobs/{quoted(remote_id, safe='')}"),)

    def parse_status(self, response: Response) -> Progress:
        return self._progress(response, acts=False)

    def build_list(self) -> Request:
        return Request("GET", "/v1/gpu/jobs")

    def parse_list(self, response: Response) -> Sequence[Progress]:
        """The list may be only the first page of all there are: a job that is missing from it may yet exist."""
        jobs = reading.rows(errors.payload(self.label, response, acts=False))
        if jobs is None:
            raise errors.malformed(self.label, response, "the list of jobs is not a list", acts=False)
        return [progress for progress in map(self.read_job, jobs) if progress]

    def build_cancel(self, remote_id: str) -> Request:
        return Request("DELETE", f"/v1/gpu/jobs/{quoted(remote_id, safe='')}")

    def parse_cancel(self, response: Response) -> None:
        """200, 202 and 204 all mean taken; a body, if there is one, is not documented and not read."""
        if not response.ok:
            raise errors.refusal(self.label, response, acts=True)

    # -- Reading -----------------------------------------------------------------------------------------------------
    def _progress(self, response: Response, *, acts: bool) -> Progress:
        payload = errors.payload(self.label, response, acts=acts)
        progress = self.read_job(payload) if isinstance(payload, dict) else None
        if progress is None:
            raise errors.malformed(self.label, response, "a job without an id", acts=acts)
        return progress

    def read_job(self, job: Mapping[str, Json]) -> Progress | None:
        """A job object in our terms; None without an id. Every other field may be missing, null or odd."""
        remote_id = reading.identifier(job.get("id"))
        if not remote_id:
            return None
        state, kind = read_state(job.get("status")), reading.text(job.get("type"))
        message = errors.words(job.get("error_message"))
        inputs = job.get("inputs")
        prompt = inputs.get("prompt") if isinstance(inputs, dict) else None
        return Progress(
            remote_id=remote_id,
            state=state,
            percent=reading.percent(job.get("progress")),
            outputs=reading.outputs(job.get("output_files"), kind or "output"),
            estimated=_cost(job.get("estimated_cost")),
            actual=_cost(job.get("actual_cost")),
            message=message,
            error_kind=_failure(message) if state == "failed" else None,
            status_word=errors.plain(reading.text(job.get("status"))),
            model=reading.text(job.get("engine")),
            kind=kind,
            reference=reading.text(job.get("reference")),
            prompt=prompt if isinstance(prompt, str) else None,
            created_at=errors.plain(reading.text(job.get("created_at"))),
        )


def _kind(word: Json) -> Kind | None:
    return word if word in ("image", "video") else None


def _cost(payload: Json) -> Cost | None:
    """A GPUJobCost: {"amount": 2.0, "currency": "NOK"}."""
    return Cost.parse(payload.get("amount"), payload.get("currency")) if isinstance(payload, dict) else None


def _failure(message: str) -> ErrorKind | None:
    return "content_filtered" if errors.is_content_filter(message) else None


def _prices(rows: Sequence[Mapping[str, Json]]) -> dict[str, Price]:
    """Prices by engine: in the currency that prices the most of them, so that they can be compared as they are given.

    An engine that has none in it has its first; of several rows in one currency the first counts.
    """
    priced: dict[str, dict[str, Price]] = {}
    for row in rows:
        engine, cost = reading.text(row.get("engine")), Cost.parse(row.get("price_per_unit"), row.get("currency"))
        if engine and cost:
            priced.setdefault(engine, {}).setdefault(cost.unit, Price(cost, _unit(row)))
    usual = Counter(currency for prices in priced.values() for currency in prices).most_common(1)
    return {engine: prices.get(usual[0][0]) or next(iter(prices.values())) for engine, prices in priced.items()}


def _unit(row: Mapping[str, Json]) -> str:
    """A price row's unit in lower-case singular; a row that names none is taken to price one result."""
    unit = reading.text(row.get("unit")).lower().removeprefix("per ").removeprefix("per_")
    singular = unit[:-1] if len(unit) > 1 and unit.endswith("s") else unit
    return errors.plain(singular) or _kind(row.get("type")) or "job"


def _seconds(spec: JobSpec) -> Decimal | None:
    """The duration asked for, or None where there is none (every image, and a video left to its engine)."""
    value = spec.settings.get("duration_sec") if spec.kind == "video" else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        return None
    return Decimal(str(value))


def _preset_option(presets: Iterable[Mapping[str, Json]], kind: Kind) -> tuple[Option, ...]:
    """An option for the presets of a kind, each described by its provider; nothing where it has none of that kind."""
    choices = {
        name: Choice(name, name.replace("_", " ").capitalize(), errors.words(row.get("description")))
        for row in presets
        if row.get("type") == kind and (name := reading.identifier(row.get("name")))
    }
    return (Option("preset", "choice", "Preset", choices=tuple(choices.values())),) if choices else ()
