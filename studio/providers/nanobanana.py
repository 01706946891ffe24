"""Nano Banana API: images and videos paid in credits, under /api/v1.

Keys (`nb_sk_…`) go as `Authorization: Bearer`. Every answer is an envelope, whatever its HTTP status:
`{"success": true, "data": {…}}` or `{"success": false, "error": {"code": …, "message": …}}`. There is no list of jobs,
no look-up, no cancel, no delete and no webhook. Source: its public API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

from studio.providers import errors, nanobanana_models, reading
from studio.providers.base import (
    Balance,
    Cost,
    ErrorKind,
    JobSpec,
    Json,
    Kind,
    ModelInfo,
    Output,
    Price,
    Progress,
    ProviderError,
    Quote,
    Request,
    Response,
)
from studio.providers.dialect import Dialect
from studio.providers.nanobanana_errors import unwrapped
from studio.providers.states import is_known_state, read_state

UNIT = "credits"
PRICED_BY: Mapping[Kind, tuple[str, ...]] = {
    "image": ("num_images", "resolution", "quality"),
    "video": ("resolution", "duration", "generate_audio"),
}


class NanoBanana(Dialect):
    name: ClassVar[str] = "nanobanana"
    label: ClassVar[str] = "Nano Banana API"
    key_prefix: ClassVar[str] = "nb_sk_"
    key_help: ClassVar[str] = "Made in the API Keys dashboard of your Nano Banana account."
    quotes: ClassVar[bool] = True
    requests_per_minute: ClassVar[int | None] = 60
    concurrency: ClassVar[int | None] = 5  # not documented; a key may be set otherwise
    unit: ClassVar[str] = UNIT
    takes_media: ClassVar[Literal["", "upload", "link", "inline"]] = "link"

    def headers(self, secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret}"}

    # -- The account -------------------------------------------------------------------------------------------------
    def build_check(self) -> Request:
        return self.build_balance()

    def parse_check(self, response: Response) -> None:
        self._data(response)

    def build_balance(self) -> Request:
        return Request("GET", "/api/v1/account/credits")

    def parse_balance(self, response: Response) -> Balance:
        data = self._data(response)
        left, total = Cost.parse(data.get("credits"), UNIT), Cost.parse(data.get("total_credits"), UNIT)
        if left is None:
            raise errors.malformed(self.label, response, "it says nothing of the credits", acts=False)
        plan = data.get("subscription")
        plan = plan if isinstance(plan, dict) else {}
        return Balance(
            left,
            total=total.amount if total else None,
            plan=errors.plain(reading.text(plan.get("plan"))),
            ends_at=errors.plain(reading.text(plan.get("end_date"))),
            is_vip=data.get("is_vip") is True,
        )

    # -- The catalogue -----------------------------------------------------------------------------------------------
    def build_catalogue(self) -> Mapping[str, Request]:
        return {"models": Request("GET", "/api/v1/models")}

    def parse_answer(self, response: Response) -> Json:
        return {"data": self._data(response)}

    def parse_catalogue(self, payloads: Mapping[str, Json]) -> Sequence[ModelInfo]:
        """The live list in its order, the default of each kind first; then what the tables know beside it."""
        answer = payloads.get("models")
        data = answer.get("data") if isinstance(answer, dict) else None
        lists = {kind: data.get(f"{kind}_models") for kind in _KINDS} if isinstance(data, dict) else {}
        if not any(isinstance(rows, list) for rows in lists.values()):
            return []
        models = {model.id: model for kind, rows in lists.items() for model in self._listed(kind, rows)}
        missing = (row for row in nanobanana_models.MODELS.values() if row.id not in models)
        return [*models.values(), *(self._model(row.id, row.kind, available=False) for row in missing)]

    def known_models(self) -> Sequence[ModelInfo]:
        return [self._model(row.id, row.kind) for row in nanobanana_models.MODELS.values()]

    def _listed(self, kind: Kind, rows: Json) -> Iterator[ModelInfo]:
        named = reading.rows(rows) or []
        for row in sorted(named, key=lambda row: row.get("is_default") is not True):
            if model_id := reading.identifier(row.get("id")):
                yield self._model(model_id, kind, row)

    def _model(
        self, model_id: str, kind: Kind, row: Mapping[str, Json] | None = None, *, available: bool = True
    ) -> ModelInfo:
        """`row` is what the live list says of it."""
        row, known = row or {}, nanobanana_models.known(model_id, kind)
        said = {name: errors.plain(reading.text(row.get(name))) for name in ("name", "description")}
        base = Cost.parse(known.from_text, UNIT) if isinstance(known, nanobanana_models.ImageModel) else None
        return ModelInfo(
            id=model_id,
            name=said["name"][:200] or (known.name if known else model_id),
            kind=kind,
            description=" ".join(filter(None, (said["description"], known.description if known else ""))),
            maker=known.maker if known else "",
            options=nanobanana_models.options(model_id, kind),
            price=Price(base, kind) if base else None,
            tier_required="subscription" if known and known.subscription else "",
            available=available,
            unavailable_reason="" if available else f"{self.label} does not list it for this key at present.",
        )

    # -- Prices ------------------------------------------------------------------------------------------------------
    def build_quotes(self, spec: JobSpec) -> Sequence[Request]:
        asked = {"type": spec.kind, **_model_names(spec)}
        if spec.kind == "image":
            asked["mode"] = _mode(spec)
        given = {name: value for name, value in _given(spec).items() if name in PRICED_BY[spec.kind]}
        return (Request("POST", "/api/v1/account/calculate-cost", json={**asked, **given}, reads=True),)

    def parse_quote(self, response: Response, spec: JobSpec) -> Quote:
        cost = Cost.parse(self._data(response).get("credits_needed"), UNIT)
        if cost is None:
            raise errors.malformed(self.label, response, "a price without an amount", acts=False)
        return Quote(cost)

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        """By the published tables, which the provider's own answers do not always agree with."""
        known = nanobanana_models.known(spec.model, spec.kind)
        cost = Cost.parse(known.credits(spec.settings), UNIT) if known else None
        if cost is None:
            return Quote(None, f"Price unknown: {self.label} publishes none for this.")
        return Quote(cost, f"An estimate from the published table of {self.label}; its own price may differ.", True)

    # -- Jobs --------------------------------------------------------------------------------------------------------
    def build_submit(self, spec: JobSpec) -> Request:
        body: dict[str, Json] = {"prompt": spec.prompt}
        if spec.kind == "image":
            body |= {"mode": _mode(spec), "model": spec.model}
        else:
            body["model_id"] = spec.model
        return Request("POST", f"/api/v1/{spec.kind}s/generate", json=body | _given(spec))

    def parse_submit(self, response: Response) -> Progress:
        progress = self._progress(response, acts=True)
        if not progress.remote_id:
            raise errors.malformed(self.label, response, "a task without an id", acts=True)
        return progress

    def build_statuses(self, remote_id: str, kind: str) -> Sequence[Request]:
        media = "videos" if kind == "video" else "images"
        return (Request("GET", f"/api/v1/{media}/status", params={"task_id": remote_id}),)

    def parse_status(self, response: Response) -> Progress:
        """A refusal by the content rules is of the task, not of the question. The task's id may be missing."""
        try:
            return self._progress(response, acts=False)
        except ProviderError as error:
            if error.kind != "content_filtered":
                raise
            return Progress("", "failed", message=error.message, error_kind=error.kind)

    # -- Reading -----------------------------------------------------------------------------------------------------
    def _data(self, response: Response, *, acts: bool = False) -> Mapping[str, Json]:
        return unwrapped(self.label, response, acts=acts)

    def _progress(self, response: Response, *, acts: bool) -> Progress:
        task = self._data(response, acts=acts)
        remote_id, word = reading.identifier(task.get("task_id")), task.get("status")
        if not remote_id and not is_known_state(word):
            raise errors.malformed(self.label, response, "a task without an id", acts=acts)
        state = read_state(word)
        message = errors.words(task.get("error")) or errors.words(task.get("message")) if state == "failed" else ""
        return Progress(
            remote_id=remote_id,
            state=state,
            percent=reading.percent(task.get("progress")),
            outputs=_outputs(task),
            actual=Cost.parse(task.get("credits_used"), UNIT),
            remaining=Cost.parse(task.get("credits_remaining"), UNIT),
            message=message,
            error_kind=_failure(task.get("error"), message) if state == "failed" else None,
            status_word=errors.plain(reading.text(word)),
        )


_KINDS: tuple[Kind, ...] = ("image", "video")


def _mode(spec: JobSpec) -> str:
    return "image" if spec.settings.get("image_url") else "text"


def _model_names(spec: JobSpec) -> dict[str, Json]:
    """What the price list calls the model: the reference names `model` for images and does not say for videos."""
    return {"model": spec.model} if spec.kind == "image" else {"model_id": spec.model, "model": spec.model}


def _given(spec: JobSpec) -> dict[str, Json]:
    """The values of the model's own options; what was left alone, or is not its own, is left out."""
    names = [option.name for option in nanobanana_models.options(spec.model, spec.kind)]
    return {name: spec.settings[name] for name in names if spec.settings.get(name) not in (None, "")}


def _outputs(task: Mapping[str, Json]) -> tuple[Output, ...]:
    """One image or clip, or several in any of the ways that lists of them come back. A clip's `image_url` is none."""
    videos = [task.get(name) for name in ("video_url", "video_urls", "videos")]
    images = [task.get(name) for name in ("image_url", "image_urls", "images")]
    clips = reading.outputs({"video": videos}, "video")
    return reading.outputs(
        {"video" if clips else "image": videos if clips else images, "output": task.get("outputs")}, "output"
    )


def _failure(error: Json, message: str) -> ErrorKind | None:
    code = reading.text(error.get("code")) if isinstance(error, dict) else ""
    return "content_filtered" if code == "CONTENT_FILTERED" or errors.is_content_filter(message) else None
