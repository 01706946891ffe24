"""What a wire format is to the fake provider: which requests there are, what they say and what they answer.

To add one: a module beside this one with a subclass of `Wire`, and a line in wires.py. The machinery (jobs, counts,
faults, webhooks, results, serving) is the same for all of them. A subclass says
    routes     its routes by name. Three names mean something to the machinery: `create` (its prompt is counted),
               `status` and `cancel` (their id is a job's); `list` is counted by key
    route      which of them a request is for, and the id in its address; `id_in_query` where it is in the query
    keyless    those to which no key should ever come: one that does is a leak
    on_<name>  what each answers: a method that takes the `Call`. Raise `RefusedError` for a refusal
    bodies     what a refusal looks like, by status
    payload    a job as the wire shows it
    settings   what else can be set about it, with defaults: by `FakeProvider(wire=…, name=value)`, on the command
               line, and by `control`. Each is an attribute of the wire
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from tests.fake_provider import media
from tests.fake_provider.jobs import Job

if TYPE_CHECKING:
    from tests.fake_provider.provider import FakeProvider

Answer = tuple[int, Any]  # a status; JSON, bytes that are JSON, or (content type, bytes)


class RefusedError(Exception):
    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status, self.body = status, body


@dataclass(slots=True)
class Call:
    """One request. `id` is what its route found in the address, `body` its JSON (None where it is none)."""

    method: str
    path: str
    route: str
    id: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # by lower-case name
    content: bytes = b""
    body: Any = None


class Wire:
    routes: ClassVar[frozenset[str]]
    keyless: ClassVar[frozenset[str]] = frozenset({"output"})
    bodies: ClassVar[Mapping[int, Any]]
    settings: ClassVar[Mapping[str, Any]] = {}
    id_in_query: ClassVar[str] = ""

    def __init__(self, fake: FakeProvider) -> None:
        self.fake = fake
        for name, value in self.settings.items():
            setattr(self, name, value)
        self.reset()

    def reset(self) -> None:
        """Forgets what it keeps beside jobs."""

    def counts(self) -> dict[str, Any]:
        """What it counts beside requests and jobs."""
        return {}

    # -- To be said by each ------------------------------------------------------------------------------------------
    def route(self, method: str, path: str) -> tuple[str, str]:
        """The route's name ("unknown" for none) and the id in the address."""
        raise NotImplementedError

    def payload(self, job: Job) -> Any:
        raise NotImplementedError

    def prompt(self, body: Any) -> str:
        """The prompt in the body of a create."""
        raise NotImplementedError

    def default_model(self, kind: str) -> str:
        raise NotImplementedError

    # -- Where they are mostly alike ---------------------------------------------------------------------------------
    def key(self, headers: Mapping[str, str]) -> str:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def authorise(self, key: str) -> None:
        if not key or key in self.fake.bad_keys:
            raise self.refused(401)

    def refused(self, status: int) -> RefusedError:
        return RefusedError(status, self.bodies[status])

    def fields(self, body: Any) -> list[dict[str, Any]]:
        """The objects of an answer that the fault "edit" edits."""
        return body if isinstance(body, list) else [body]

    def extension(self, kind: str, model: str) -> str:
        return {"video": "mp4", "audio": "wav"}.get(kind, "png")

    def callback(self, job: Job) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of a webhook call."""
        return orjson.dumps(self.payload(job)), {}

    def on_output(self, call: Call) -> Answer:
        job = self.fake.jobs.get(call.id)
        if job is None or not call.path.endswith(f".{job.extension}"):
            raise self.refused(404)
        return 200, (media.TYPES[job.extension], media.output(job.extension))

    def on_unknown(self, call: Call) -> Answer:
        raise self.refused(404)
