"""The provider behind the wire: its jobs, its counts and what is to go wrong."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from tests.fake_provider.faults import Fault
from tests.fake_provider.jobs import Job
from tests.fake_provider.wires import WIRES

SETTINGS = frozenset({"polls", "seconds", "latency", "cancel_status", "known_only"})


class FakeProvider:
    """`latency` seconds go before each answer; `cancel_status` answers a cancel (200, 202 or 204).

    `known_only=False` answers the status of ids it never gave out as of a job that runs for ever. `settings` are the
    wire format's own.
    """

    def __init__(
        self,
        *,
        wire: str = "gpu",
        polls: int | None = 2,
        seconds: float | None = None,
        latency: float = 0.0,
        cancel_status: int = 200,
        known_only: bool = True,
        bad_keys: Iterable[str] = (),
        **settings: Any,
    ) -> None:
        self.url = ""  # set when it is served
        self.noticed: Callable[[Job, str], None] = lambda job, was: None  # set when it is served: a job was looked at
        self.made: Callable[[Job], None] = lambda job: None
        self.polls, self.seconds, self.latency = polls, seconds, latency
        self.cancel_status, self.known_only = cancel_status, known_only
        self.bad_keys = set(bad_keys)
        self.faults: list[Fault] = []
        self.wire = WIRES[wire](self)
        self._set(settings)
        self.reset()

    def _set(self, settings: dict[str, Any]) -> None:
        if unknown := settings.keys() - SETTINGS - self.wire.settings.keys():
            raise ValueError(f"no such settings: {', '.join(sorted(unknown))}")
        for name, value in settings.items():
            setattr(self if name in SETTINGS else self.wire, name, value)

    def reset(self) -> None:
        """Forgets all jobs and counts; faults and settings stay."""
        self.jobs: dict[str, Job] = {}
        self.by_key: dict[str, list[Job]] = {}
        self.requests: Counter[str] = Counter()  # by route
        self.received: Counter[str] = Counter()  # creates that arrived, by prompt
        self.creates: Counter[str] = Counter()  # creates that made a job, by prompt
        self.reads: Counter[str] = Counter()  # by job id
        self.lists: Counter[str] = Counter()  # by key
        self.cancels: Counter[str] = Counter()  # by job id
        self.webhooks: list[dict[str, Any]] = []  # calls made: url, job, status
        self.last: dict[str, dict[str, Any]] = {}  # the last request of each route: key, headers, body, query
        self.leaks = 0  # requests for a result that carried a key
        self.wire.reset()

    # -- From tests --------------------------------------------------------------------------------------------------
    def fault(self, on: str, do: str, **details: Any) -> Fault:
        """From now on; see faults.py. Remove it from `faults`, or `clear()`, to end it."""
        if on not in {"job", "output", "webhook", "*"} | self.wire.routes:
            raise ValueError(f"no such fault: {do!r} on {on!r}")
        fault = Fault(on, do, **details)
        self.faults.append(fault)
        return fault

    def clear(self) -> None:
        self.faults.clear()

    def add_job(self, key: str = "", prompt: str = "", kind: str = "image", model: str = "", **details: Any) -> Job:
        model = model or self.wire.default_model(kind)
        details = {
            "id": str(uuid.uuid4()),
            "polls": self.polls,
            "seconds": self.seconds,
            "extension": self.wire.extension(kind, model),
            **details,
        }
        job = Job(key=key, prompt=prompt, kind=kind, model=model, **details)
        self.jobs[job.id] = job
        self.by_key.setdefault(key, []).append(job)
        return job

    def with_prompt(self, prompt: str) -> list[Job]:
        return [job for job in self.jobs.values() if job.prompt == prompt]

    def counts(self) -> dict[str, Any]:
        return {
            "requests": dict(self.requests),
            "received": dict(self.received),
            "creates": dict(self.creates),
            "reads": dict(self.reads),
            "lists": dict(self.lists),
            "cancels": dict(self.cancels),
            "webhooks": list(self.webhooks),
            "leaks": self.leaks,
            "jobs": len(self.jobs),
            "states": dict(Counter(job.end or "open" for job in self.jobs.values())),
            **self.wire.counts(),
        }

    def control(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """{"reset": true, "clear": true, "faults": [{"on": …, "do": …}], "finish": "part of a prompt",
        "jobs": [{"key": …, "id": …, "prompt": …}], and any setting of the constructor}."""
        if wishes.get("reset"):
            self.reset()
        if wishes.get("clear"):
            self.clear()
        self._set({name: value for name, value in wishes.items() if name not in _WISHES})
        self.bad_keys |= set(wishes.get("bad_keys", ()))
        for fault in wishes.get("faults", ()):
            self.fault(**fault)
        for job in wishes.get("jobs", ()):
            self.add_job(**job)
        if "finish" in wishes:
            self.finish(wishes["finish"])
        return self.counts()

    def finish(self, prompt: str, end: str = "completed") -> None:
        """Ends every open job with this in its prompt."""
        for job in self.jobs.values():
            if not job.end and prompt in job.prompt:
                job.finish(end)

    # -- From the wire -----------------------------------------------------------------------------------------------
    def struck(self, route: str, key: str, prompt: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.strikes(route, key, prompt)), None)

    def create(self, key: str, prompt: str, kind: str, model: str, **details: Any) -> Job:
        """A job that a request asked for: counted, spoilt if it is to be, watched for its webhook."""
        job = self.add_job(key, prompt, kind, model, **details)
        self.creates[prompt] += 1
        self._spoil(job)
        self.made(job)
        return job

    def _spoil(self, job: Job) -> None:
        fault = self.struck("job", job.key, job.prompt)
        if fault is None:
            return
        if fault.do == "done":
            job.finish("completed")
        elif fault.do == "fail":
            job.failure, job.code = fault.message, fault.code
        elif fault.do == "never":
            job.polls = job.seconds = None
        elif fault.do == "word":
            job.word = fault.message
        elif fault.do == "files":
            job.files = fault.body

    def find(self, key: str, id: str) -> Job:
        job = self.jobs.get(id)
        if job is None and not self.known_only:
            job = self.add_job(key, id=id, polls=None, seconds=None)
        if job is None or job.key != key:
            raise self.wire.refused(404)
        return job

    def look(self, job: Job) -> Job:
        """Somebody reads it, and it goes on."""
        was = job.end
        job.read()
        self.noticed(job, was)
        return job

    def cancel(self, job: Job) -> None:
        job.settle()
        if job.end:
            raise self.wire.refused(409)
        job.finish("cancelled")
        self.noticed(job, "")

    def files(self, job: Job) -> Any:
        """What a fault says that its results are, with their address in it."""
        return _put(job.files, self.url + job.file)


_WISHES = frozenset({"reset", "clear", "faults", "jobs", "finish", "bad_keys"})


def _put(files: Any, url: str) -> Any:
    if isinstance(files, str):
        return files.replace("{url}", url)
    if isinstance(files, list):
        return [_put(item, url) for item in files]
    return {name: _put(value, url) for name, value in files.items()} if isinstance(files, dict) else files
