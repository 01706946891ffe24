import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.lib import ids
from studio.lib.ids import uuid7


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


def test_an_id_begins_with_the_millisecond_of_its_making():
    before = time.time_ns() // 1_000_000
    assert before <= uuid7().int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_the_example_of_the_rfc():
    counter = (0xCC3 << 30) | 0x18C4DC0C
    assert ids._compose(0x017F22E279B0, counter, 0x0C07398F) == uuid.UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
