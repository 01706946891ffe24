"""WaveSpeedAI's envelope, and what the codes of its refusals and of failed tasks mean.

An answer is `{"code": 200, "message": "success", "data": …}`; a refusal `{"code", "message", "error_code"?}`, under its
HTTP status or under 200. A failed task is an answer: its own `status`, `error` and `code` stand in `data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.providers import errors, reading
from studio.providers.base import ErrorKind, Json, ProviderError, Response
from studio.providers.json_schema import scalar
from studio.providers.states import is_known_state


@dataclass(frozen=True, slots=True)
class Failure:
    """What a task's code stands for, said of the provider, and what a person can do about it."""

    kind: ErrorKind
    said: str
    advice: str


_INVALID = Failure("bad_request", "did not accept an input", "Check the settings and the media.")
_UNDONE = Failure(
    "unavailable", "could not do this task", "Try again; if it fails again, change the inputs or choose another model."
)
_BROKEN = Failure("unavailable", "failed", "Try again in a few minutes, or choose another model.")

TASKS: Mapping[int, Failure] = {
    1200: Failure("content_filtered", "refused this by its content rules", "Change the prompt or the media."),
    1400: _INVALID,
    1401: _INVALID,
    1402: Failure(
        "bad_request",
        "could not fetch a picture, clip or sound",
        "Choose it again, or use an address that anybody can open.",
    ),
    1403: _UNDONE,
    1405: _UNDONE,
    5000: _BROKEN,
    5003: _BROKEN,
    5004: Failure("unavailable", "took too long", "Try again, or with a shorter or smaller result."),
}
_BY_WORD = {
    "timeout": Failure("unavailable", "took too long", "Try again, or with a shorter or smaller result."),
    "deleted": Failure("not_found", "has deleted this task", "Make it again, if it is still wanted."),
    "expired": Failure("not_found", "has let this task expire", "Make it again, if it is still wanted."),
}
_ADVICE: Mapping[ErrorKind, str] = {
    "invalid_key": "Check the key, or make a new one at wavespeed.ai/accesskey.",
    "forbidden": "The account may be locked, or of a level that does not include this: see wavespeed.ai.",
    "insufficient_credits": "Top it up at wavespeed.ai, or choose a model or settings that cost less.",
    "rate_limited": "Wait a minute; accounts of a higher level may send more.",
    "bad_request": "Check the settings and the media.",
    "content_filtered": "Change the prompt or the media.",
}
NO_MODEL = "It may have left the catalogue: choose another model."


def data_of(label: str, response: Response, *, acts: bool) -> Json:
    """The `data` of a success. Raises ProviderError for everything else; `acts` as in `errors.refusal`."""
    payload = errors.payload(label, response, acts=acts) if response.ok else _json(response)
    fields = payload if isinstance(payload, dict) else {}
    data, code = fields.get("data"), scalar("integer", fields.get("code"))
    if response.ok and (code is None or 200 <= code < 300):
        return data if "data" in fields else payload
    if response.ok and isinstance(data, dict) and _is_task(data):  # a refusal that tells of its task is about that
        return {**data, "code": data.get("code") or code, "error": data.get("error") or fields.get("message")}
    raise _refusal(label, response, fields, code, acts=acts)


def failure(label: str, task: Mapping[str, Json]) -> tuple[ErrorKind | None, str]:
    """What a failed task's own fields mean: the kind, and sentences for people (empty where it says nothing)."""
    said = errors.words(task.get("error"))
    word = reading.text(task.get("status")).lower()
    means = _by_code(task.get("code"), task.get("error_code"), _inner(task)) or (None if said else _BY_WORD.get(word))
    if means is None:
        return ("content_filtered" if errors.is_content_filter(said) else None), said
    return means.kind, _sentences(label, means, said)


def _refusal(
    label: str, response: Response, fields: Mapping[str, Json], code: int | None, *, acts: bool
) -> ProviderError:
    status = code if response.ok and code is not None and 400 <= code < 600 else response.status
    means = _by_code(fields.get("error_code"), code)
    error = errors.refusal(label, replace(response, status=500 if 200 <= status < 300 else status), acts=acts)
    if means is None:
        advice = NO_MODEL if acts and error.kind == "not_found" else _ADVICE.get(error.kind, "")
        message = f"{error.message} {advice}".strip()
        return ProviderError(error.kind, message, sent=error.sent, retry_after=error.retry_after, status=error.status)
    never_began = means.kind in ("content_filtered", "bad_request")
    return ProviderError(
        means.kind,
        _sentences(label, means, errors.words(fields)),
        sent=error.sent and not (never_began and response.status < 500),
        retry_after=error.retry_after,
        status=error.status,
    )


def _sentences(label: str, means: Failure, words: str) -> str:
    said = f"{label} {means.said}" + (f": {words}" if words else "")
    return f"{said if said.endswith(('.', '!', '?', '…')) else f'{said}.'} {means.advice}"


def _by_code(*codes: Json) -> Failure | None:
    found = (scalar("integer", code) for code in codes)
    return next((TASKS[code] for code in found if code in TASKS), None)


def _inner(task: Mapping[str, Json]) -> Json:
    """The code of an error that is an object."""
    error = task.get("error")
    return error.get("code") if isinstance(error, dict) else None


def _is_task(data: Mapping[str, Json]) -> bool:
    return bool(reading.identifier(data.get("id"))) and is_known_state(data.get("status"))


def _json(response: Response) -> Json:
    try:
        return reading.decode(response.body)
    except ValueError:
        return None
