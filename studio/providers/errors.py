"""A provider's refusals in our terms: which kind, whether it could have acted, and words for people.

Bodies seen in the field, all read here:
    {"detail": "…"}   {"detail": {"code": …, "message": …}}   {"detail": [{"loc": […], "msg": …}, …]}
    {"error": "…"}    {"error": {"code": …, "message": …, "details": …}}   {"detail": {"error": …}}
    {"message": "…"}  a web page, plain text, or nothing
Where several stand side by side, `detail` is the nearest to the point, then `message`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from studio.lib.retry_after import retry_after
from studio.providers import reading
from studio.providers.base import ErrorKind, Json, ProviderError, Response

# What a provider answers before it does anything. 408 and 409 are not here: a request that timed out at the provider,
# or that met an earlier one, may have been acted on. 501: the provider does not have this (yet).
NOT_STARTED = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 428, 429, 431, 451, 501})

MAX_DETAIL = 300
MAX_TEXT = 4096  # bytes of a plain text that are looked at

_BY_STATUS: dict[int, ErrorKind] = {
    401: "invalid_key",
    402: "insufficient_credits",
    403: "forbidden",
    404: "not_found",
    408: "unavailable",
    410: "not_found",
    429: "rate_limited",
    451: "content_filtered",
    501: "bad_request",
}

# Within a refusal (4xx) the body's own code is nearer to the truth than the status.
_BY_CODE: tuple[tuple[re.Pattern[str], ErrorKind], ...] = (
    (
        re.compile(r"CONTENT_?(POLICY|FILTER|MODERATION)|MODERAT|NSFW|(^|_)SAFETY(_|$)|POLICY_VIOLATION"),
        "content_filtered",
    ),
    (
        re.compile(r"INSUFFICIENT_(CREDIT|BALANCE|FUND|QUOTA)|PAYMENT_REQUIRED|OUT_OF_CREDIT"),
        "insufficient_credits",
    ),
    (re.compile(r"INSUFFICIENT_PERMISSION|FORBIDDEN|ACCESS_DENIED|TIER_REQUIRED"), "forbidden"),
    (re.compile(r"AUTH_FAILED|UNAUTHORI[SZ]ED|UNAUTHENTICATED|(INVALID|EXPIRED)_(API_?)?KEY"), "invalid_key"),
    (re.compile(r"RATE_?LIMIT|TOO_MANY_REQUESTS"), "rate_limited"),
)

# Where no status stands beside it, inside an answer that began well.
_BY_CODE_ALONE: tuple[tuple[re.Pattern[str], ErrorKind], ...] = (
    *_BY_CODE,
    (re.compile(r"NOT_?FOUND"), "not_found"),
    (re.compile(r"INVALID_?REQUEST|BAD_?REQUEST|INVALID_PARAMETER|CONTEXT_LENGTH"), "bad_request"),
)

_FILTERED = re.compile(
    r"\bcontent[ _-](policy|filter|moderation|rules)|\bmoderation\b|\bnsfw\b"
    r"|\bsafety (system|filter|policy|check|rules)|\b(policy violation|prohibited content)\b",
    re.IGNORECASE,
)

_EMPTY = re.compile(
    r"\b(insufficient|not enough) (account )?(credit|balance|fund)|\b(balance|credits?) (is|are) (too low|insufficient)"
    r"|\bout of credits?\b|\btop up\b",
    re.IGNORECASE,
)

_SENTENCES: dict[ErrorKind, str] = {
    "invalid_key": "{label} did not accept the key",
    "forbidden": "{label} does not allow this with this key",
    "insufficient_credits": "The account at {label} has too little credit for this",
    "rate_limited": "{label} is getting too many requests with this key",
    "bad_request": "{label} refused the request",
    "not_found": "{label} does not have what was asked for",
    "content_filtered": "{label} refused this by its content rules",
    "unavailable": "{label} could not answer",
    "malformed": "{label} gave an answer that Studio cannot read",
}


def payload(label: str, response: Response, *, acts: bool) -> Json:
    """The JSON of a 2xx response. Raises ProviderError for anything else. `acts` as in `refusal`."""
    if not response.ok:
        raise refusal(label, response, acts=acts)
    try:
        return reading.decode(response.body)
    except ValueError:
        page = response.body.lstrip()[:1] == b"<"
        why = "a web page instead of data" if page else "not JSON" if response.body else "nothing at all"
        raise malformed(label, response, why, acts=acts) from None


def refusal(label: str, response: Response, *, acts: bool) -> ProviderError:
    """The error that a response other than 2xx means. `acts`: the request would have started or changed something."""
    body = _json(response)
    code, detail = _code(body), words(body)
    kind = _kind(response.status, code, detail)
    return ProviderError(
        kind,
        sentence(kind, label, detail or _without_words(response)),
        sent=acts and response.status not in NOT_STARTED,
        retry_after=retry_after(response.headers, now=dt.datetime.now(dt.UTC)),
        status=response.status,
    )


def is_error(payload: Mapping[str, Json]) -> bool:
    """Is this an error instead of a piece of an answer?"""
    if payload.get("error"):
        return True
    if "choices" in payload:
        return False
    return payload.get("object") == "error" or payload.get("type") == "error" or bool(payload.get("detail"))


def inside(label: str, payload: Json) -> ProviderError:
    """The error that a provider tells of inside an answer that it began with 200: it has acted by then."""
    code, detail = _code(payload), words(payload)
    status = next((found for part in _parts(payload) if (found := _status(part))), 0)
    kind = _kind(status, code, detail) if status else _kind_alone(code, detail)
    return ProviderError(kind, sentence(kind, label, detail), sent=True)


def malformed(label: str, response: Response, why: str, *, acts: bool) -> ProviderError:
    """The error that a 2xx response means whose body is not what the dialect says."""
    return ProviderError("malformed", sentence("malformed", label, why), sent=acts, status=response.status)


def sentence(kind: ErrorKind, label: str, detail: str = "") -> str:
    """A sentence for people, ended by a full stop: what happened, and the provider's own words for it if any."""
    said = _SENTENCES[kind].format(label=label) + (f": {detail}" if detail else "")
    return said if said.endswith((".", "!", "?", "…")) else said + "."


def is_content_filter(message: str) -> bool:
    """Does a provider's free text speak of its content rules?"""
    return bool(_FILTERED.search(message))


def plain(value: str) -> str:
    """A provider's text on one line, at most `MAX_DETAIL` characters, without control characters."""
    printable = value if value.isprintable() else "".join(c if c.isprintable() else " " for c in value)
    line = " ".join(printable.split())
    return line if len(line) <= MAX_DETAIL else line[: MAX_DETAIL - 1].rstrip() + "…"


def _json(response: Response) -> Json:
    try:
        return reading.decode(response.body)
    except ValueError:
        return None


def _kind(status: int, code: str, detail: str) -> ErrorKind:
    if not 400 <= status < 500:
        return _BY_STATUS.get(status, "unavailable") if status >= 500 else "malformed"
    for pattern, kind in _BY_CODE:
        if pattern.search(code):
            return kind
    if status in {400, 403, 422} and is_content_filter(detail):
        return "content_filtered"
    if status in {400, 403} and _EMPTY.search(detail):
        return "insufficient_credits"
    return _BY_STATUS.get(status, "bad_request")


def _kind_alone(code: str, detail: str) -> ErrorKind:
    for pattern, kind in _BY_CODE_ALONE:
        if pattern.search(code):
            return kind
    if is_content_filter(detail):
        return "content_filtered"
    return "insufficient_credits" if _EMPTY.search(detail) else "unavailable"


def _status(part: Mapping[str, Json]) -> int:
    """An HTTP status that stands in a body as its code; 0 for none."""
    for name in ("code", "status", "status_code"):
        value = part.get(name)
        if isinstance(value, int) and 400 <= value < 600:
            return value
        if isinstance(value, str) and re.fullmatch("[45][0-9]{2}", value):
            return int(value)
    return 0


def _without_words(response: Response) -> str:
    if 300 <= response.status < 400:
        return "it redirects to another address, which Studio does not follow"
    if response.body.lstrip()[:1] == b"<":
        return f"it sent a web page, HTTP {response.status}"
    written = response.headers.get("content-type", "").lower().startswith("text/plain")
    return (plain(response.body[:MAX_TEXT].decode(errors="replace")) if written else "") or f"HTTP {response.status}"


def _code(payload: Json) -> str:
    """The error codes of a body in one text, upper-case, words joined by "_"."""
    codes = (
        str(part[name])
        for part in _parts(payload)
        for name in ("code", "type", "error_code", "error")
        if isinstance(part.get(name), str)
    )
    return re.sub(r"[^A-Z0-9]+", "_", " ".join(codes).upper())


def _parts(payload: Json, depth: int = 2) -> Iterator[Mapping[str, Json]]:
    """The objects of an error body that may hold a code: the body itself, its `error`, its `detail`, and theirs."""
    if isinstance(payload, dict):
        yield payload
        if depth:
            for name in ("error", "detail"):
                yield from _parts(payload.get(name), depth - 1)


def words(payload: Json, depth: int = 4) -> str:
    """The provider's own words for people, or the empty text."""
    if isinstance(payload, str):
        return plain(payload)
    if isinstance(payload, list) and depth:
        return plain("; ".join(filter(None, (_field(item, depth - 1) for item in payload[:5]))))
    if isinstance(payload, dict) and depth:
        for name in ("detail", "message", "msg", "error", "error_message", "title", "details"):
            if found := words(payload.get(name), depth - 1):
                return found
        return plain(reading.text(payload.get("code")))
    return ""


def _field(item: Json, depth: int) -> str:
    """One refused field of a list: {"loc": ["body", "inputs", "prompt"], "msg": "field required"}."""
    said = words(item, depth)
    loc = item.get("loc") if isinstance(item, dict) else None
    place = plain(".".join(str(part) for part in loc if part != "body")) if isinstance(loc, list) else ""
    return f"{place}: {said}" if place and said else said or place
