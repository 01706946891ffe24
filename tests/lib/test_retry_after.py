import datetime as dt
import random

import httpx
import pytest

from studio.lib.retry_after import backoff, retry_after

NOW = dt.datetime(2026, 1, 1, 12, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "86400"}, 600),
        ({"retry-after": "inf"}, 600),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 -0000"}, 30),
        ({"retry-after": "Thursday, 01-Jan-26 12:00:30 GMT"}, 30),
        ({"retry-after": "Thu Jan  1 12:00:30 2026"}, 30),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "in a while"}, None),
        ({"retry-after": "Thu, 99 Jan 2026 12:00:30 GMT"}, None),
        ({"retry-after": "Thu, 01 Jan 99999999999999999999 12:00:30 GMT"}, None),
    ],
)
def test_what_the_server_says(headers, seconds):
    assert retry_after(headers, now=NOW, cap=600) == seconds


def test_real_headers_are_read_in_any_case():
    assert retry_after(httpx.Headers({"Retry-After": "7"}), now=NOW) == 7


def test_backoff_grows_is_capped_and_uses_its_whole_range():
    rng = random.Random(1)
    for attempt, ceiling in [(0, 1), (1, 2), (3, 8), (5, 30), (2000, 30)]:
        waits = [backoff(attempt, base=1, cap=30, rng=rng) for _ in range(500)]
        assert 0 <= min(waits) < ceiling * 0.1
        assert ceiling * 0.9 < max(waits) <= ceiling
