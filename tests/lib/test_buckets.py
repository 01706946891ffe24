import pytest

from studio.lib.buckets import TokenBucket


def test_it_starts_full_and_gains_tokens_evenly():
    bucket = TokenBucket(60, burst=3)
    assert [bucket.take(10) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait(10) == pytest.approx(1)
    assert bucket.wait(10.75) == pytest.approx(0.25)
    assert bucket.take(11)
    assert not bucket.take(11)


def test_it_holds_no_more_than_its_burst():
    bucket = TokenBucket(60, burst=2)
    assert [bucket.take(now) for now in (0, 1000, 1000, 1000)] == [True, True, True, False]


def test_polls_leave_the_reserve_to_people():
    bucket = TokenBucket(60, burst=5, reserve=2)
    assert [bucket.take(0, poll=True) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait(0, poll=True) == pytest.approx(1)
    assert [bucket.take(0) for _ in range(3)] == [True, True, False]
    assert bucket.wait(0, poll=True) == pytest.approx(3)


def test_over_a_minute_it_gives_its_rate_and_its_burst():
    bucket = TokenBucket(30, burst=4)
    assert sum(bucket.take(tick / 100) for tick in range(6001)) == 34


def test_what_waited_as_long_as_told_gets_its_token():
    bucket = TokenBucket(7, burst=1)
    now = 0.1
    for _ in range(200):
        now += bucket.wait(now)
        assert bucket.take(now)


def test_a_provider_that_says_wait_is_believed():
    bucket = TokenBucket(60, burst=10, reserve=2)
    bucket.drain(0, 30)
    assert bucket.wait(0) == pytest.approx(30)
    assert not bucket.take(29)
    assert bucket.take(30.01)


def test_a_clock_that_is_set_back_gives_nothing_away():
    bucket = TokenBucket(60, burst=1)
    assert bucket.take(100)
    assert not bucket.take(50)
    assert not bucket.take(100.5)
    assert bucket.take(101)


@pytest.mark.parametrize(("rate", "burst", "reserve"), [(0, 1, 0), (60, 0, 0), (60, 3, 3)])
def test_a_bucket_that_could_never_give_is_refused(rate, burst, reserve):
    with pytest.raises(ValueError, match="bucket"):
        TokenBucket(rate, burst, reserve=reserve)
