"""Flows: what is asked of a provider in which order, and what is tried again, apart from how it is sent.

A flow is a generator that yields a Request (to be sent) or a Wait (to be slept) and gets the Response back, or has a
ProviderError thrown in. `drive` runs one in a thread, `adrive` in an event loop.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from studio.lib.retry_after import backoff, retry_after
from studio.providers.base import ProviderError, Request, Response

RETRIES = 2
LONGEST_WAIT = 4.0  # seconds between two tries; a provider that asks for more is not asked again here
TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wait:
    """A step of a flow: sleep so many seconds."""

    seconds: float


Flow = Generator[Request | Wait, Response | None, T]


def once(request: Request) -> Flow[Response]:
    response = yield request
    assert response is not None
    return response


def again(request: Request) -> Flow[Response]:
    """Sends, and sends again where nothing can be charged for it: what only reads, and what provably never left."""
    for attempt in range(RETRIES):
        try:
            response = yield from once(request)
        except ProviderError as error:
            if error.sent or error.kind != "unavailable":
                raise
            yield Wait(backoff(attempt, base=0.5, cap=LONGEST_WAIT))
            continue
        if not request.idempotent or response.status not in TRANSIENT:
            return response
        wanted = retry_after(response.headers, now=dt.datetime.now(dt.UTC))
        if wanted is not None and wanted > LONGEST_WAIT:
            return response
        yield Wait((wanted or 0.0) + backoff(attempt, base=0.5, cap=LONGEST_WAIT))
    return (yield from once(request))


def drive(flow: Flow[T], send: Callable[[Request], Response], sleep: Callable[[float], None]) -> T:
    """Runs a flow in this thread."""
    result: Response | ProviderError | None = None
    try:
        while True:
            step = flow.throw(result) if isinstance(result, ProviderError) else flow.send(result)
            try:
                result = None
                if isinstance(step, Wait):
                    sleep(step.seconds)
                else:
                    result = send(step)
            except ProviderError as error:
                result = error
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def adrive(
    flow: Flow[T],
    send: Callable[[Request], Awaitable[Response]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Runs a flow in this event loop."""
    result: Response | ProviderError | None = None
    try:
        while True:
            step = flow.throw(result) if isinstance(result, ProviderError) else flow.send(result)
            try:
                result = None
                if isinstance(step, Wait):
                    await sleep(step.seconds)
                else:
                    result = await send(step)
            except ProviderError as error:
                result = error
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
