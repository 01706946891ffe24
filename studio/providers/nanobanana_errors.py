"""The envelope of the Nano Banana API, and what the codes of its refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from studio.providers import errors, reading
from studio.providers.base import Cost, Json, ProviderError, Response
from studio.providers.states import is_known_state


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP status that a code stands for, and what a person can do about it."""

    status: int
    advice: str = ""


REFUSALS: Mapping[str, Refusal] = {
    "UNAUTHORIZED": Refusal(401, "Check the key, or make a new one in its API Keys dashboard."),
    "INSUFFICIENT_CREDITS": Refusal(402, "Buy credits there, or choose settings or a model that cost less."),
    "FORBIDDEN": Refusal(
        403,
        "The key may be disabled, expired or without the scope for this, or the model may need a subscription: "
        "see its API Keys dashboard.",
    ),
    "RATE_LIMIT_EXCEEDED": Refusal(429, "Wait a minute; other programs that use this key count too."),
    "INVALID_PROMPT": Refusal(400, "Change the prompt."),
    "INVALID_MODEL": Refusal(400, "Choose another model."),
    "TASK_NOT_FOUND": Refusal(404, "It may have been too long ago, or made with a key of another account."),
    "CONTENT_FILTERED": Refusal(451, "Change the prompt or the image."),
    "INTERNAL_ERROR": Refusal(500),
}
BY_STATUS = {refusal.status: code for code, refusal in REFUSALS.items() if refusal.status != 400}
UNHEARD_OF = Refusal(500)  # a refusal of a code that no table has, under a good status: nothing is known of it

_NEEDED = ("credits_needed", "credits_required", "required_credits", "required")
_LEFT = ("credits_remaining", "credits_available", "available_credits", "available", "balance", "credits")


def unwrapped(label: str, response: Response, *, acts: bool) -> Mapping[str, Json]:
    """The `data` of a success. Raises ProviderError for everything else; `acts` as in `errors.refusal`.

    A "failure" that says how its task stands is an answer about that task.
    """
    envelope = _envelope(label, response, acts=acts)
    data = envelope.get("data")
    if not _refuses(response, envelope) and isinstance(data, dict):
        return data
    if response.ok and isinstance(data, dict) and data.get("task_id") and is_known_state(data.get("status")):
        return {**data, "error": data.get("error") or envelope.get("error")}
    if _refuses(response, envelope):
        raise _refusal(label, response, envelope, acts=acts)
    raise errors.malformed(label, response, "an answer without data", acts=acts)


def _envelope(label: str, response: Response, *, acts: bool) -> Mapping[str, Json]:
    try:
        payload = errors.payload(label, response, acts=acts) if response.ok else reading.decode(response.body)
    except ValueError:
        payload = None
    return payload if isinstance(payload, dict) else {}


def _refuses(response: Response, envelope: Mapping[str, Json]) -> bool:
    said = envelope.get("success")
    return not response.ok or said is False or (said is not True and bool(envelope.get("error")))


def _refusal(label: str, response: Response, envelope: Mapping[str, Json], *, acts: bool) -> ProviderError:
    """By its code where the reference has it, else by its status. A server error may always have acted."""
    code = _code(envelope) or (BY_STATUS.get(response.status, "") if not response.ok else "")
    means = REFUSALS.get(code, UNHEARD_OF if response.ok else Refusal(response.status))
    error = errors.refusal(label, replace(response, status=means.status), acts=acts)
    said = [error.message, _figures(envelope) if error.kind == "insufficient_credits" else "", means.advice]
    return ProviderError(
        error.kind,
        " ".join(filter(None, said)),
        sent=acts and (error.sent or response.status >= 500),
        retry_after=error.retry_after,
        status=response.status,
    )


def _code(envelope: Mapping[str, Json]) -> str:
    error = envelope.get("error")
    code = reading.text(error.get("code")) if isinstance(error, dict) else reading.text(error)
    return code.upper() if code.upper() in REFUSALS else ""


def _figures(envelope: Mapping[str, Json]) -> str:
    """The price and the balance, where a refusal names them."""
    needed, left = _figure(envelope, _NEEDED), _figure(envelope, _LEFT)
    said = [f"it needs {needed:f} credits" if needed is not None else ""]
    said += [f"the account has {left:f}" if left is not None else ""]
    sentence = " and ".join(filter(None, said))
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _figure(envelope: Mapping[str, Json], names: tuple[str, ...]) -> Decimal | None:
    error = envelope.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    parts = [part for part in (error, details, envelope.get("data"), envelope) if isinstance(part, dict)]
    costs = (Cost.parse(part.get(name), "credits") for part in parts for name in names)
    return next((cost.amount for cost in costs if cost), None)
