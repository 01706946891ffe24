"""What can go wrong, on demand.

on       a route of the wire format (see its module), output or webhook; "*": every route; job: how a new job fares
do       for routes:
         status    `status` with `body` (a fitting one by default) and `retry_after` (seconds, or an HTTP-date)
         hang      never an answer (or none for `seconds`, then the true one)
         drop      the connection is closed without a byte
         html      a web page, with `status` (default 200)
         raw       `body` (text) as it is, with `status` (default 200) and `content_type`
         edit      the true answer with the fields of `set` put in and those of `remove` taken out
         slow      the true answer, its body in ten pieces over `seconds`
         redirect  a 302 to `location`
         truncate  the first half of the true answer, under the Content-Length of the whole
         huge      `size` bytes
         for jobs:
         fail      ends as failed with `message` (and with `code`, where the wire format has one)
         never     never ends
         done      is already completed in the reply to its create
         word      keeps the status word `message` for ever
         files     its results are `body`, with each "{url}" in it replaced by its file's address
after    the provider acts (makes the job, cancels it) and only then misbehaves: for status, hang, drop, html, raw
key, prompt   only for requests of this key; only for jobs with this in their prompt
skip, times   let so many pass first; then so often (None: until cleared)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ON_JOBS = frozenset({"fail", "never", "done", "word", "files"})
ON_ROUTES = frozenset({"status", "hang", "drop", "html", "raw", "edit", "slow", "redirect", "truncate", "huge"})


@dataclass
class Fault:
    on: str
    do: str
    after: bool = False
    key: str = ""
    prompt: str = ""
    skip: int = 0
    times: int | None = None
    status: int | None = None
    body: Any = None
    content_type: str = "application/json"
    retry_after: str | int = ""
    seconds: float | None = None
    set: dict[str, Any] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    location: str = ""
    size: int = 0
    message: str = ""
    code: int | str | None = None

    def __post_init__(self) -> None:
        if self.do not in (ON_JOBS if self.on == "job" else ON_ROUTES):
            raise ValueError(f"no such fault: {self.do!r} on {self.on!r}")

    def strikes(self, route: str, key: str, prompt: str) -> bool:
        """Does it strike here and now? Counts down when it does."""
        if self.times == 0 or (self.on != route and (self.on != "*" or route == "job")):
            return False
        if (self.key and self.key != key) or self.prompt not in prompt:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True
