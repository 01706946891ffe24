"""What a provider's dialect is.

A dialect (a subclass of `Dialect`) builds requests and parses responses; it does no I/O, knows no database, no
settings and no web request. `http.py` and, for chat, `streaming.py` send what a dialect builds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from studio.providers import errors
from studio.providers.base import (
    Balance,
    JobSpec,
    Json,
    Kind,
    ModelInfo,
    Progress,
    Quote,
    Request,
    Response,
    Ticket,
)


class Dialect:
    """One provider's wire format: small pure methods, payload in, terms out.

    Every `parse_…` raises `ProviderError`; a `sent=False` there means that the provider's own answer proves that
    nothing was started. A method that a provider has no endpoint for keeps the default here.
    """

    name: ClassVar[str]  # the slug in records and addresses: "wayscloud-gpu"
    label: ClassVar[str]  # for people: "WAYSCloud GPU Studio"
    key_prefix: ClassVar[str] = ""  # what its keys begin with, for a hint in the form
    key_help: ClassVar[str] = ""  # where a person gets a key
    absent: ClassVar[str] = ""  # for people, where it is part of Studio and does not run here
    needs_key: ClassVar[bool] = True
    needs_secret: ClassVar[bool] = True  # its keys hold one; some servers of one's own want none
    has_address: ClassVar[bool] = False  # each key has the address of its own server
    addresses: ClassVar[Mapping[str, str]] = {}  # of servers that people use, by name, as examples
    other_paths: ClassVar[Mapping[str, str]] = {}  # where a check or a list may be instead, after a 404
    chats: ClassVar[bool] = False  # it answers messages instead of making jobs: a `ChatDialect`
    can_list: ClassVar[bool] = False  # one call tells of all of an account's jobs, so it can stand for many polls
    can_look_up: ClassVar[bool] = False  # a job whose answer was lost can be searched for
    can_cancel: ClassVar[bool] = False
    exact_lookup: ClassVar[bool] = False  # its jobs carry our reference
    can_delete: ClassVar[bool] = False  # a finished job and its files can be deleted at the provider
    can_type_models: ClassVar[bool] = False  # models that its catalogue does not name can be asked for by their id
    quotes: ClassVar[bool] = False  # it names the price of a job before it is sent
    requests_per_minute: ClassVar[int | None] = None  # for each key, polls included
    polls_apart: ClassVar[Mapping[str, float]] = {}  # seconds that it wants between two polls of a job, by kind
    concurrency: ClassVar[int | None] = None  # jobs of a key at once; more wait in Studio
    unit: ClassVar[str] = ""  # of its prices, where it has only one: "credits", "USD"
    # How it gets the media that a job begins from: by its own upload, by an address that it can open, or in the
    # request itself as a data: URI. "": its models take none.
    takes_media: ClassVar[Literal["", "upload", "link", "inline"]] = ""

    def base_of(self, address: str) -> str:
        """The base of a server's API, from its address as a person writes it. Raises ValueError, in words."""
        raise NotImplementedError

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

    def parse_answer(self, response: Response) -> Json:
        """One answer of the catalogue, decoded and fit to be kept."""
        return errors.payload(self.label, response, acts=False)

    def parse_catalogue(self, payloads: Mapping[str, Json]) -> Sequence[ModelInfo]:
        """Models from the decoded JSON of the catalogue's answers; a missing or odd payload yields what can be read."""
        raise NotImplementedError

    def known_models(self) -> Sequence[ModelInfo]:
        """Those that its documents name, for people who have no key yet and cannot be told the live list."""
        return ()

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        """The price by the provider's own price list, without asking the provider."""
        raise NotImplementedError

    def build_quotes(self, spec: JobSpec) -> Sequence[Request]:
        """What to ask for the price, the best first; the next where one is not there (404) or not understood."""
        return ()

    def parse_quote(self, response: Response, spec: JobSpec) -> Quote:
        raise NotImplementedError

    def unseen(self, spec: JobSpec, model: ModelInfo | None) -> Sequence[str]:
        """What the price may depend on and the provider was not shown, by its labels."""
        return ()

    def typed_model(self, model_id: str, kind: Kind) -> ModelInfo:
        """A model that the catalogue does not name: its prompt, and parameters as the person gives them."""
        raise NotImplementedError

    # -- The account -------------------------------------------------------------------------------------------------
    def build_balance(self) -> Request | None:
        """None: the provider does not tell."""
        return None

    def parse_balance(self, response: Response) -> Balance:
        raise NotImplementedError

    def build_webhook_secret(self) -> Request | None:
        return None

    def parse_webhook_secret(self, response: Response) -> str:
        raise NotImplementedError

    def webhook_is_genuine(self, secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
        """Is a callback signed with the account's secret? `headers` by lower-case name, `now` in Unix seconds."""
        raise NotImplementedError

    # -- Media that a job begins from --------------------------------------------------------------------------------
    def build_ticket(self, name: str, size: int, content_type: str) -> Request:
        raise NotImplementedError

    def parse_ticket(self, response: Response) -> Ticket:
        raise NotImplementedError

    def build_upload(self, name: str, content: bytes, content_type: str) -> Request:
        """The older way, for where there are no tickets."""
        raise NotImplementedError

    def parse_upload(self, response: Response) -> str:
        """The address of the uploaded file."""
        raise NotImplementedError

    # -- Jobs --------------------------------------------------------------------------------------------------------
    def build_submit(self, spec: JobSpec) -> Request:
        raise NotImplementedError

    def parse_submit(self, response: Response) -> Progress:
        raise NotImplementedError

    def build_statuses(self, remote_id: str, kind: str) -> Sequence[Request]:
        """Where to ask after a job; the next address where one answers 404."""
        raise NotImplementedError

    def parse_status(self, response: Response) -> Progress:
        raise NotImplementedError

    def build_list(self) -> Request:
        raise NotImplementedError

    def build_look_up(self, reference: str, model: str, since: dt.datetime, until: dt.datetime) -> Request:
        """The account's jobs among which one must be that was sent in that time; `parse_list` reads them."""
        return self.build_list()

    def parse_list(self, response: Response) -> Sequence[Progress]:
        raise NotImplementedError

    def build_cancel(self, remote_id: str) -> Request:
        raise NotImplementedError

    def parse_cancel(self, response: Response) -> None:
        """Returns when the provider took the cancel; the caller then reads the job again for its true state."""
        raise NotImplementedError

    def build_delete(self, remote_id: str) -> Request:
        raise NotImplementedError

    def parse_delete(self, response: Response) -> None:
        raise NotImplementedError
