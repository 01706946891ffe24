"""What can be asked of a provider, each as a flow: which requests in which order, and what their answers mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from studio.providers import reading
from studio.providers.base import (
    Balance,
    JobSpec,
    Json,
    ModelInfo,
    Progress,
    ProviderError,
    Quote,
    Request,
    Response,
    Ticket,
)
from studio.providers.chat import ChatSpec, Delta
from studio.providers.chat_dialect import ChatDialect
from studio.providers.dialect import Dialect
from studio.providers.flows import Flow, again, once

GONE = frozenset({400, 404, 409, 410, 422})  # what a cancel that came too late is answered
ELSEWHERE = frozenset({"not_found", "malformed"})  # what makes us ask at the next place


def check(dialect: Dialect) -> Flow[None]:
    """Returns when the provider took the key."""
    dialect.parse_check((yield from _there(dialect, dialect.build_check())))


def catalogue(dialect: Dialect) -> Flow[dict[str, Json]]:
    """The catalogue's raw payloads by name, fit to be stored; a minor one that failed is missing."""
    payloads: dict[str, Json] = {}
    for name, request in dialect.build_catalogue().items():
        try:
            response = yield from _there(dialect, request)
            payloads[name] = reading.storable(dialect.parse_answer(response))
        except ProviderError:
            if not payloads:
                raise
    return payloads


def _there(dialect: Dialect, request: Request) -> Flow[Response]:
    """The answer from where the dialect has it: after a 404, from its other path."""
    response = yield from again(request)
    if response.status == 404 and (other := dialect.other_paths.get(request.path)):
        response = yield from again(replace(request, path=other))
    return response


def quote(dialect: Dialect, spec: JobSpec, model: ModelInfo | None) -> Flow[Quote]:
    """The price as the provider names it now; by its price list where it names none."""
    for request in dialect.build_quotes(spec):
        try:
            told, unseen = dialect.parse_quote((yield from once(request)), spec), dialect.unseen(spec, model)
            if told.cost is None or told.cost.amount or not unseen:
                return _as_far_as_seen(told, unseen)
            break  # nothing, for nothing that it was shown
        except ProviderError as error:
            if error.kind not in ELSEWHERE:
                raise
    return dialect.quote(spec, model)


def _as_far_as_seen(told: Quote, unseen: Sequence[str]) -> Quote:
    """A price asked for without what it depends on is only where the price begins."""
    if told.cost is None or not unseen:
        return told
    note = f"It may change with {', '.join(unseen)}."
    return replace(told, estimate=True, note=f"{told.note} {note}".strip())


def balance(dialect: Dialect) -> Flow[Balance | None]:
    """None: the provider does not tell."""
    request = dialect.build_balance()
    return None if request is None else dialect.parse_balance((yield from again(request)))


def webhook_secret(dialect: Dialect) -> Flow[str]:
    """What the account's callbacks are signed with; "" where they are not."""
    request = dialect.build_webhook_secret()
    return "" if request is None else dialect.parse_webhook_secret((yield from again(request)))


def submit(dialect: Dialect, spec: JobSpec) -> Flow[Progress]:
    """Sent at most once. ProviderError.sent is False only where it is proved that nothing was started."""
    return dialect.parse_submit((yield from again(dialect.build_submit(spec))))


def status(dialect: Dialect, remote_id: str, kind: str) -> Flow[Progress]:
    """Asked once: the caller's next poll is the next try."""
    *others, last = dialect.build_statuses(remote_id, kind)
    for request in others:
        response = yield from once(request)
        if response.status != 404:
            return dialect.parse_status(response)
    return dialect.parse_status((yield from once(last)))


def list_jobs(dialect: Dialect, request: Request) -> Flow[Sequence[Progress]]:
    return dialect.parse_list((yield from once(request)))


def look_up(
    dialect: Dialect, reference: str, model: str, since: dt.datetime, until: dt.datetime
) -> Flow[Sequence[Progress]]:
    return list_jobs(dialect, dialect.build_look_up(reference, model, since, until))


def cancel(dialect: Dialect, remote_id: str, kind: str) -> Flow[Progress]:
    """Where the job stands after the provider took the cancel, or where it ended if that came too late."""
    response = yield from once(dialect.build_cancel(remote_id))
    try:
        dialect.parse_cancel(response)
    except ProviderError as refused:
        if refused.status not in GONE:
            raise
        progress = yield from status(dialect, remote_id, kind)
        if not progress.ended:
            raise
        return progress
    try:
        return (yield from status(dialect, remote_id, kind))
    except ProviderError as error:
        if error.kind != "not_found":
            raise
        return Progress(remote_id, "cancelled")  # taken, and the job is gone


def delete(dialect: Dialect, remote_id: str) -> Flow[None]:
    """A finished job and its files, at the provider. One that is gone already is deleted."""
    try:
        dialect.parse_delete((yield from once(dialect.build_delete(remote_id))))
    except ProviderError as error:
        if error.kind != "not_found":
            raise


def ticket(dialect: Dialect, name: str, size: int, content_type: str) -> Flow[Ticket | None]:
    """Leave to upload a file; None where this provider gives no tickets (any more, or yet)."""
    try:
        return dialect.parse_ticket((yield from once(dialect.build_ticket(name, size, content_type))))
    except ProviderError as error:
        if error.kind not in ELSEWHERE and error.status != 405:
            raise
        return None


def upload(dialect: Dialect, name: str, content: bytes, content_type: str) -> Flow[str]:
    """The address of the file, sent in the older way."""
    return dialect.parse_upload((yield from once(dialect.build_upload(name, content, content_type))))


def chat(dialect: Dialect, spec: ChatSpec) -> Flow[Delta]:
    """The whole answer at once. Sent once: whatever leaves may be charged."""
    assert isinstance(dialect, ChatDialect)
    response = yield from once(dialect.build_chat(replace(spec, stream=False)))
    return dialect.reader().read_whole(response)
