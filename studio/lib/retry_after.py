"""How long to wait before asking again: as the server says, or by exponential backoff with full jitter."""

import datetime as dt
import math
import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST = 3600.0


def retry_after(headers: Mapping[str, str], *, now: dt.datetime, cap: float = LONGEST) -> float | None:
    """Seconds until the server wants to hear from us again, within 0 and `cap`; None when it does not say.

    `Retry-After` holds seconds or an HTTP-date (RFC 9110), `retry-after-ms` milliseconds and is the more exact
    one. A plain mapping has its names in lower case. `now` is aware.
    """
    seconds = _number(headers.get("retry-after-ms", ""), per_second=1000)
    if seconds is None:
        said = headers.get("retry-after", "")
        seconds = _number(said)
        seconds = _until(said, now) if seconds is None else seconds
    return None if seconds is None else min(max(seconds, 0.0), cap)


def backoff(attempt: int, *, base: float, cap: float, rng: random.Random | None = None) -> float:
    """Seconds to wait after failure number `attempt` (from 0): anything up to `base` × 2^attempt, at most `cap`."""
    ceiling = min(cap, base * 2.0 ** min(attempt, 64))
    return (rng or random).uniform(0, ceiling)


def _number(text: str, *, per_second: int = 1) -> float | None:
    try:
        number = float(text) / per_second
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _until(text: str, now: dt.datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": UTC, of an unknown place
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - now).total_seconds()
