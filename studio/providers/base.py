"""The terms that every provider dialect is written in.

A dialect (a subclass of `Dialect`) builds requests and parses responses; it does no I/O, knows no database, no
settings and no web request. `http.py` is the only module that sends what a dialect builds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal

Json = Any
Kind = Literal["image", "video"]

# The states a provider's job can be in, in our words. An unknown status word is read as "running": only our own
# deadline ends such a job.
RemoteState = Literal["pending", "running", "succeeded", "failed", "cancelled"]

ErrorKind = Literal[
    "invalid_key",
    "forbidden",
    "insufficient_credits",
    "rate_limited",
    "bad_request",
    "not_found",
    "content_filtered",
    "unavailable",
    "malformed",
]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, relative to the provider's base address.

    `idempotent` says that sending it twice can neither charge nor change anything (every GET here).
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Json = None

    @property
    def idempotent(self) -> bool:
        return self.method in {"GET", "HEAD"}

    @property
    def body(self) -> bytes:
        return b"" if self.json is None else json.dumps(self.json, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response: `headers` have lower-case names, `body` is as received (decoded from gzip and the like)."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


MAX_AMOUNT = Decimal(10) ** 12
MAX_UNIT = 12  # characters


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in the provider's own unit: an ISO 4217 currency ("NOK", "USD") or "credits". Never converted."""

    amount: Decimal
    unit: str

    @classmethod
    def parse(cls, amount: Json, unit: Json) -> Cost | None:
        """A cost from untrusted JSON, or None where either half is missing, negative or beyond all sense."""
        try:
            value = Decimal(str(amount))
        except InvalidOperation:
            return None
        if isinstance(amount, bool) or not value.is_finite() or not 0 <= value < MAX_AMOUNT:
            return None
        if not isinstance(unit, str) or not 0 < len(unit.strip()) <= MAX_UNIT:
            return None
        return cls(value, unit.strip())

    def times(self, count: int) -> Cost:
        return Cost(self.amount * count, self.unit)


FREE = Cost(Decimal(0), "")


@dataclass(frozen=True, slots=True)
class Quote:
    """What a job will cost as far as can be known before it is sent.

    `cost` is None where no true price is known; `note` then says why in words for people. `estimate` marks a price
    that could not see every input.
    """

    cost: Cost | None
    note: str = ""
    estimate: bool = False


OptionType = Literal["text", "integer", "number", "boolean", "choice", "aspect_ratio", "seed", "duration"]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str | int
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One input of a model. The form, the validation and the "reuse" link are all built from this.

    `min` and `max` bound numbers (inclusive) or the length of a text; `advanced` options stand behind "More".
    """

    name: str
    type: OptionType
    label: str
    help: str = ""
    choices: tuple[Choice, ...] = ()
    default: str | int | float | bool | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    unit: str = ""
    required: bool = False
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """A row of a price list: `cost` for one `unit` ("image", "video", "second", …)."""

    cost: Cost
    unit: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model (an engine, in GPU Studio's words) as a person chooses it."""

    id: str
    name: str
    kind: Kind
    description: str = ""
    maker: str = ""
    options: tuple[Option, ...] = ()
    price: Price | None = None
    tier_required: str = ""
    available: bool = True
    unavailable_reason: str = ""

    def option(self, name: str) -> Option | None:
        return next((option for option in self.options if option.name == name), None)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What to make. `settings` hold the values of the model's options by name; an absent name was left alone.

    `reference` is our own id for the job; only a dialect with a place for it sends it.
    """

    kind: Kind
    model: str
    prompt: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    reference: str = ""
    webhook_url: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """One result at the provider's address. `name` is the provider's key for it ("image", "video", "image-2")."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a provider's job stands. `percent` is 0–100 or None where the provider does not say.

    `status_word` is the provider's own word, kept for the log. `created_at` is ISO 8601 as the provider wrote it.
    """

    remote_id: str
    state: RemoteState
    percent: int | None = None
    outputs: tuple[Output, ...] = ()
    estimated: Cost | None = None
    actual: Cost | None = None
    message: str = ""
    error_kind: ErrorKind | None = None
    status_word: str = ""
    model: str = ""
    kind: str = ""
    reference: str = ""
    prompt: str | None = None
    created_at: str = ""

    @property
    def ended(self) -> bool:
        return self.state in {"succeeded", "failed", "cancelled"}


class ProviderError(Exception):
    """A provider's refusal or silence, in the terms its caller decides by.

    kind         what happened (`ErrorKind`)
    message      for people: one or two sentences, never a secret, never a stack trace
    sent         could the provider have acted on the request? True where it is not known
    retry_after  seconds the provider asked to wait, or None
    status       the HTTP status, or None where no response came
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        sent: bool,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.message = message
        self.sent = sent
        self.retry_after = retry_after
        self.status = status


PENDING_WORDS = frozenset({"created", "queued", "pending", "submitted", "starting"})
RUNNING_WORDS = frozenset({"processing", "running", "in_progress"})
SUCCESS_WORDS = frozenset({"completed", "succeeded", "success", "succeed"})
FAILED_WORDS = frozenset({"failed", "error", "timeout", "deleted", "expired"})
CANCELLED_WORDS = frozenset({"cancelled", "canceled"})

_STATES: dict[str, RemoteState] = {
    **dict.fromkeys(PENDING_WORDS, "pending"),
    **dict.fromkeys(RUNNING_WORDS, "running"),
    **dict.fromkeys(SUCCESS_WORDS, "succeeded"),
    **dict.fromkeys(FAILED_WORDS, "failed"),
    **dict.fromkeys(CANCELLED_WORDS, "cancelled"),
}


def read_state(word: Json) -> RemoteState:
    """Our state for a provider's status word; an unknown word is "running"."""
    return _STATES.get(word.strip().lower(), "running") if isinstance(word, str) else "running"


def is_known_state(word: Json) -> bool:
    return isinstance(word, str) and word.strip().lower() in _STATES


class Dialect:
    """One provider's wire format: small pure methods, payload in, terms out.

    Every `parse_…` raises `ProviderError`; a `sent=False` there means that the provider's own answer proves that
    nothing was started. A method that a provider has no endpoint for keeps the default here.
    """

    name: ClassVar[str]  # the slug in records and addresses: "wayscloud-gpu"
    label: ClassVar[str]  # for people: "WAYSCloud GPU Studio"
    key_prefix: ClassVar[str] = ""  # what its keys begin with, for a hint in the form
    key_help: ClassVar[str] = ""  # where a person gets a key
    needs_key: ClassVar[bool] = True
    can_list: ClassVar[bool] = False  # one call tells of all of an account's jobs
    can_cancel: ClassVar[bool] = False
    exact_lookup: ClassVar[bool] = False  # its jobs carry our reference
    requests_per_minute: ClassVar[int | None] = None  # for each key, polls included

    def headers(self, secret: str) -> dict[str, str]:
        """The headers that carry the key."""
        raise NotImplementedError

    def build_check(self) -> Request:
        """A request that costs nothing and that only a valid key is answered well."""
        raise NotImplementedError

    def parse_check(self, response: Response) -> None:
        raise NotImplementedError

    def build_catalogue(self) -> Mapping[str, Request]:
        """The requests, by name, whose answers `parse_catalogue` makes models of.

        Without the first there are no models; the others may fail.
        """
        raise NotImplementedError

    def parse_catalogue(self, payloads: Mapping[str, Json]) -> Sequence[ModelInfo]:
        """Models from the decoded JSON of the catalogue's answers; a missing or odd payload yields what can be read."""
        raise NotImplementedError

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        """The price by the provider's own price list, without asking the provider."""
        raise NotImplementedError

    def build_submit(self, spec: JobSpec) -> Request:
        raise NotImplementedError

    def parse_submit(self, response: Response) -> Progress:
        raise NotImplementedError

    def build_status(self, remote_id: str) -> Request:
        raise NotImplementedError

    def parse_status(self, response: Response) -> Progress:
        raise NotImplementedError

    def build_list(self, reference: str = "") -> Request:
        raise NotImplementedError

    def parse_list(self, response: Response) -> Sequence[Progress]:
        raise NotImplementedError

    def build_cancel(self, remote_id: str) -> Request:
        raise NotImplementedError

    def parse_cancel(self, response: Response) -> None:
        """Returns when the provider took the cancel; the caller then reads the job again for its true state."""
        raise NotImplementedError
