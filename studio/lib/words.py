"""Times and sizes in plain words. Numbers and their units are held together by no-break spaces."""

from datetime import datetime, timedelta

NBSP = "\u00a0"
MINUTE, HOUR, DAY = 60, 3600, 86_400
SIZES = ("B", "kB", "MB", "GB", "TB")


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `2 min ago`, `3 h ago`, `yesterday`, `5 days ago`, then the date; `in 2 min` when it is to come."""
    seconds = round((now - then) / timedelta(seconds=1))
    if abs(seconds) < 10:
        return "just now"
    if seconds < 0:
        return f"in {_largest(-seconds)}"
    if seconds >= 7 * DAY:
        return _date(then, now)
    return "yesterday" if DAY <= seconds < 2 * DAY else f"{_largest(seconds)} ago"


def duration(seconds: float) -> str:
    """How long something took: `0.4 s`, `20 s`, `1 min 05 s`, `2 h 05 min`."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}{NBSP}s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole}{NBSP}s"
    if whole < HOUR:
        return f"{whole // MINUTE}{NBSP}min{NBSP}{whole % MINUTE:02}{NBSP}s"
    return f"{whole // HOUR}{NBSP}h{NBSP}{whole % HOUR // MINUTE:02}{NBSP}min"


def about(seconds: float) -> str:
    """How long something may take, no finer than one can know it: `a few seconds`, `about 20 s`, `about 3 min`."""
    if seconds < 4:
        return "a few seconds"
    if seconds < 57.5:
        return f"about{NBSP}{5 * max(1, round(seconds / 5))}{NBSP}s"
    if seconds < 59.5 * MINUTE:
        return f"about{NBSP}{round(seconds / MINUTE)}{NBSP}min"
    return f"about{NBSP}{round(seconds / HOUR)}{NBSP}h"


def size(count: int) -> str:
    """Of a file, in steps of a thousand: `740 B`, `12 kB`, `1.4 MB`."""
    value, unit = float(count), 0
    while unit < len(SIZES) - 1 and round(value) >= 1000:
        value, unit = value / 1000, unit + 1
    text = f"{value:.1f}" if unit and round(value, 1) < 10 else f"{value:.0f}"
    return f"{text}{NBSP}{SIZES[unit]}"


def _largest(seconds: int) -> str:
    if seconds < MINUTE:
        return f"{seconds}{NBSP}s"
    if seconds < HOUR:
        return f"{seconds // MINUTE}{NBSP}min"
    if seconds < DAY:
        return f"{seconds // HOUR}{NBSP}h"
    days = seconds // DAY
    return f"{days}{NBSP}day" if days == 1 else f"{days}{NBSP}days"


def _date(then: datetime, now: datetime) -> str:
    day = f"{then.day}{NBSP}{then:%b}"
    return day if then.year == now.year else f"{day}{NBSP}{then.year}"
