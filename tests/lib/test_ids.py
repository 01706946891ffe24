import datetime as dt
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.lib import ids
from studio.lib.ids import time_of, uuid7, uuid7_at


def test_it_is_version_7_of_the_rfc_variant():
    made = uuid7()
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_ids_grow_within_a_process_and_over_threads():
    made = [uuid7() for _ in range(5000)]
    assert made == sorted(set(made))
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: [uuid7() for _ in range(1000)], range(4)))
    assert all(run == sorted(run) for run in runs)
    assert len({made for run in runs for made in run}) == 4000


def test_ids_grow_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch):
    before = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert before < uuid7() < uuid7()


def test_a_full_counter_moves_on_to_the_next_millisecond(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(time, "time_ns", lambda: 5_000_000)
    clock = ids._Clock()
    clock._last = (5, (1 << ids.COUNTER_BITS) - 1)
    assert clock.tick()[0] == 6
    assert clock.tick()[0] == 6


def test_an_id_tells_when_it_was_made():
    before = dt.datetime.now(dt.UTC)
    made = time_of(uuid7())
    assert abs(made - before) < dt.timedelta(seconds=5)


def test_the_example_of_the_rfc():
    example = uuid.UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
    assert time_of(example) == dt.datetime(2022, 2, 22, 19, 22, 22, tzinfo=dt.UTC)


def test_a_moment_bounds_the_ids_from_below():
    moment = dt.datetime(2026, 5, 4, 3, 2, 1, 500_900, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    bound = uuid7_at(moment)
    assert bound.version == 7
    assert time_of(bound) == moment.replace(microsecond=500_000)
    assert uuid7_at(moment - dt.timedelta(milliseconds=1)) < bound
    assert bound <= ids._compose(ids._milliseconds(moment), 0, 0)
    assert uuid7_at(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)) < uuid7() < uuid7_at(dt.datetime(2200, 1, 1, tzinfo=dt.UTC))


def test_only_aware_moments_and_ids_of_version_7_are_taken():
    with pytest.raises(ValueError, match="time zone"):
        uuid7_at(dt.datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="version 7"):
        time_of(uuid.uuid4())
