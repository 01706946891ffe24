import random

import pytest

from studio.lib.buckets import Rate


def most_within_a_minute(moments: list[float]) -> int:
    moments = sorted(moments)
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 60:
            first += 1
        most = max(most, last - first + 1)
    return most


LIMITS = [1, 2, 3, 5, 10, 30, 60, 100, 600, 3000]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("seed", range(4))
def test_no_minute_ever_sees_more_than_the_limit(limit, seed):
    """Polls and people take at random, from processes whose clocks differ, and requests bunch up on their way."""
    rng = random.Random(f"{limit} {seed}")
    rate, full_at, arrivals = Rate.within(limit), 0.0, []
    skews = [rng.uniform(-0.1, 0.1) for _ in range(4)]
    now = 1_700_000_000.0
    end = now + 400
    while now < end:
        idle = rng.random() < 0.002
        now += rng.uniform(20, 70) if idle else rng.expovariate(rng.choice([0.5, 5]) / rate.interval)
        poll, want = rng.random() < 0.5, rng.randint(1, 4)
        granted, full_at, _ = rate.take(full_at, now + rng.choice(skews), want, poll=poll)
        arrivals += [now + rng.choice([0, rng.uniform(0, 2.7)]) for _ in range(granted)]
    assert most_within_a_minute(arrivals) <= limit


@pytest.mark.parametrize("limit", [60, 100, 600, 3000])
def test_polls_can_use_nine_tenths_of_the_limit(limit):
    rate, full_at, now, polls = Rate.within(limit), 0.0, 1000.0, 0
    while now < 1600:
        granted, full_at, _ = rate.take(full_at, now, 100, poll=True)
        polls += granted
        now += 0.5
    assert polls / 10 >= 0.9 * limit


def test_people_find_a_place_while_polls_take_all_that_they_can():
    rate = Rate.within(60)
    full_at, now = 0.0, 1000.0
    for _ in range(200):
        now += 0.3
        _, full_at, _ = rate.take(full_at, now, 100, poll=True)
        assert rate.take(full_at, now)[0] == 1


def test_polls_wait_as_long_as_people_do():
    rate = Rate.within(60)
    full_at = rate.take(0, 1000, 3)[1]
    for tick in range(100):
        now = 1000 + tick / 10
        assert rate.take(full_at, now, poll=True)[0] == 0
        full_at = rate.take(full_at, now)[1]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("poll", [False, True])
def test_what_waits_as_long_as_it_is_told_gets_its_token(limit, poll):
    rate, full_at, now = Rate.within(limit), 0.0, 1000.0
    for _ in range(100):
        granted, full_at, wait = rate.take(full_at, now, poll=poll)
        now += 0.0 if granted else wait
        assert granted or rate.take(full_at, now, poll=poll)[0] == 1


def test_a_drained_rate_gives_nothing_before_its_time():
    rate = Rate.within(60)
    full_at = rate.drained(0, 1000, 30)
    assert rate.take(full_at, 1029)[0] == 0
    assert rate.take(full_at, 1000)[2] == pytest.approx(30)
    assert rate.take(full_at, 1030.01)[0] == 1
    assert rate.drained(full_at, 1000, 1) == full_at  # what was said before stays


def test_a_moment_far_ahead_was_written_by_a_clock_that_was_set_back():
    rate = Rate.within(60)
    assert rate.take(1_700_003_600.0, 1_700_000_000.0, 3)[0] == 3
    longest = rate.drained(0, 1_700_000_000.0, 1e9)
    assert rate.take(longest, 1_700_000_000.0)[0] == 0
