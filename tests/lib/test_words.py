import datetime as dt

import pytest

from studio.lib.words import about, ago, duration, size

NOW = dt.datetime(2026, 3, 10, 12, 0, tzinfo=dt.UTC)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (9, "just now"),
        (-9, "just now"),
        (45, "45 s ago"),
        (60, "1 min ago"),
        (150, "2 min ago"),
        (3599, "59 min ago"),
        (3 * 3600, "3 h ago"),
        (30 * 3600, "yesterday"),
        (5 * 86400, "5 days ago"),
        (9 * 86400, "1 Mar"),
        (90 * 86400, "10 Dec 2025"),
        (-120, "in 2 min"),
        (-86400, "in 1 day"),
        (-3 * 86400, "in 3 days"),
    ],
)
def test_when_something_was(seconds, text):
    assert plain(ago(NOW - dt.timedelta(seconds=seconds), NOW)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.42, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (20.4, "20 s"),
        (59.6, "1 min 00 s"),
        (65, "1 min 05 s"),
        (3599.7, "1 h 00 min"),
        (7530, "2 h 05 min"),
    ],
)
def test_how_long_it_took(seconds, text):
    assert plain(duration(seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a few seconds"),
        (4, "about 5 s"),
        (18, "about 20 s"),
        (57, "about 55 s"),
        (58, "about 1 min"),
        (170, "about 3 min"),
        (3590, "about 1 h"),
        (7300, "about 2 h"),
    ],
)
def test_how_long_it_may_take(seconds, text):
    assert plain(about(seconds)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (740, "740 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_990, "10 kB"),
        (12_400, "12 kB"),
        (999_600, "1.0 MB"),
        (1_400_000, "1.4 MB"),
        (3_200_000_000, "3.2 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_how_large_it_is(count, text):
    assert plain(size(count)) == text
