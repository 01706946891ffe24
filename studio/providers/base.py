"""The terms that every provider dialect is written in: requests, models and their options, jobs, money, errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from studio.lib.money import told

Json = Any
Kind = Literal["image", "video", "audio"]  # what a model makes
Media = Kind  # what it may begin from

RemoteState = Literal["pending", "running", "succeeded", "failed", "cancelled"]  # ours; `states` reads theirs
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

    Its body is `json`, or `content` of `content_type`. `reads`: a POST that only asks (a price, a search).
    `idempotent` says that sending it twice can neither charge nor change anything. `open`: also answered without a key.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Json = None
    content: bytes = b""
    content_type: str = ""
    reads: bool = False
    open: bool = False

    @property
    def idempotent(self) -> bool:
        return self.reads or self.method in {"GET", "HEAD"}

    @property
    def body(self) -> bytes:
        return self.content if self.json is None else json.dumps(self.json, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response: `headers` have lower-case names, `body` is as received (decoded from gzip and the like)."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


MAX_UNIT = 12  # characters


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in the provider's own unit: an ISO 4217 currency ("NOK", "USD") or "credits". Never converted."""

    amount: Decimal
    unit: str

    @classmethod
    def parse(cls, amount: Json, unit: Json) -> Cost | None:
        """A cost from untrusted JSON, or None where either half is missing, or none at all (see `money.told`)."""
        value, name = told(amount), unit.strip() if isinstance(unit, str) else ""
        if value is None or not 0 < len(name) <= MAX_UNIT or not name.isprintable() or ";" in name:
            return None
        return cls(value, name)

    def times(self, count: int) -> Cost:
        return Cost(self.amount * count, self.unit)


FREE = Cost(Decimal(0), "")


@dataclass(frozen=True, slots=True)
class Quote:
    """What a job will cost as far as can be known before it is sent.

    `cost` is None where no true price is known; `note` then says why in words for people. `estimate` marks a price
    that could not see every input, or that the provider itself has not named; `note` then says which. `pending`: the
    provider has been asked and has not answered yet.
    """

    cost: Cost | None
    note: str = ""
    estimate: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, in the provider's unit. `total` is what the plan gave; `ends_at` is ISO 8601."""

    left: Cost
    total: Decimal | None = None
    plan: str = ""
    ends_at: str = ""
    is_vip: bool = False


OptionType = Literal[
    "text",
    "integer",
    "number",
    "boolean",
    "choice",
    "aspect_ratio",
    "seed",
    "duration",  # down to here, one value each
    "media",  # a reference, which becomes an address when the job is sent; a list where `max_items` is above 1
    "list",  # rows of `fields`: [{"path": …, "scale": …}, …], or of single values where there is one field ""
    "json",  # any JSON, for what a schema cannot say
    "parameters",  # names and values that go beside the other options as they are (a model that no catalogue knows)
]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str | int | float
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One input of a model. The form, the validation and the "reuse" link are all built from this.

    `min` and `max` bound numbers (inclusive) or the length of a text; `advanced` options stand behind "More".
    `accept` and `max_items` are for media, `fields` and `max_items` for lists.
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
    accept: tuple[Media, ...] = ()
    max_items: int = 1
    fields: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """A row of a price list: `cost` for one `unit` ("image", "video", "second", …). `floor`: that much or more."""

    cost: Cost
    unit: str
    floor: bool = False


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model (an engine, in GPU Studio's words) as a person chooses it.

    `task` is the provider's word for what it does ("text-to-image"). `needs_prompt` is False for one that can do
    without a prompt, `takes_prompt` for one that has no place for it either (an upscaler).
    """

    id: str
    name: str
    kind: Kind
    description: str = ""
    maker: str = ""
    task: str = ""
    needs_prompt: bool = True
    takes_prompt: bool = True
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

    When it is sent, a medium's value is an address that the provider can open, or a data: URI (`Dialect.takes_media`).
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
    `remaining` is what the account holds after this job, `inference` the seconds that the model itself took, `flagged`
    the provider's own word, for each output in order, that it may be unfit for work.
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
    remaining: Cost | None = None
    inference: float | None = None
    flagged: tuple[bool, ...] = ()

    @property
    def ended(self) -> bool:
        return self.state in {"succeeded", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to upload one file: send its bytes there, without the key; it is then at `download_url`."""

    download_url: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


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
