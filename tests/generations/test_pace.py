"""When the next step is due."""

from uuid import uuid4

import pytest

from generations.shift import pace
from generations.shift.report import Report
from studio.lib.buckets import Rate
from studio.providers.base import ProviderError


def error(kind="unavailable", sent=False, retry_after=None) -> ProviderError:
    return ProviderError(kind, "No.", sent=sent, retry_after=retry_after)


def test_a_job_is_watched_closely_when_it_is_about_to_end():
    beat = pace.rhythm("video")
    early, soon, late = (pace.interval(beat, age, usual=60) for age in (1, 58, 600))
    assert soon == beat.soonest
    assert early > soon
    assert late == beat.seldomest


@pytest.mark.parametrize("kind", ["image", "video"])
@pytest.mark.parametrize("age", [0, 1, 30, 10_000])
@pytest.mark.parametrize("usual", [None, 0.0, 0.5, 1e6])
def test_the_interval_stays_within_its_bounds(kind, age, usual):
    beat = pace.rhythm(kind)
    assert beat.soonest <= pace.interval(beat, age, usual) <= beat.seldomest


def test_what_is_beside_us_is_asked_often_enough_for_progress_each_second():
    assert pace.interval(pace.rhythm("video", beside_us=True), 3, 10) <= 1.0


def test_jobs_of_a_lane_fall_into_step():
    moments = [pace.in_step(1000 + offset / 10, 3.0, lane=7) for offset in range(20)]
    assert len(set(moments)) <= 2
    assert all(1.5 <= moment - (1000 + offset / 10) <= 4.5 for offset, moment in enumerate(moments))


def test_lanes_do_not_march_together():
    assert len({round(pace.in_step(1000, 3.0, lane=lane) % 3.0, 3) for lane in range(50)}) == 50


def test_only_what_was_not_sent_and_may_pass_is_sent_again():
    assert pace.send_again_in(error(), 0) is not None
    assert pace.send_again_in(error(sent=True), 0) is None
    assert pace.send_again_in(error("bad_request"), 0) is None
    assert pace.send_again_in(error(), pace.SEND_TRIES["unavailable"]) is None
    assert pace.send_again_in(error("rate_limited", retry_after=40), 0) >= 40


def test_a_failed_poll_is_tried_ever_more_seldom_and_never_sooner_than_asked():
    assert pace.after_failed_ask(0) <= 3
    assert pace.after_failed_ask(1000) <= pace.ASK_CAP + 1
    assert pace.after_failed_ask(0, error("rate_limited", retry_after=100)) >= 100


def test_looking_and_saving_come_to_an_end():
    assert pace.look_again_in(0) is not None
    assert pace.look_again_in(len(pace.LOOKUPS)) is None
    assert sum(pace.LOOKUPS) == pytest.approx(120, abs=10)
    assert pace.save_again_in(0) is not None
    assert pace.save_again_in(pace.SAVE_TRIES) is None


def test_lateness_is_counted_by_its_share():
    report = Report()
    for hundredths in range(100):
        report.begin("poll", hundredths / 100)
    assert report.lateness(0.5) == pytest.approx(0.5, abs=0.02)
    assert report.lateness(0.95) == pytest.approx(0.95, abs=0.02)
    assert report.steps == {"poll": 100}


class TestLoad:
    """Many jobs of one key, few requests: a simulation of a lane, second by second."""

    LIMIT = 60

    def simulate(self, wants: list[float], minutes: int = 30, first: float = 0.0) -> tuple[list[int], list[float]]:
        """Polls by job, and how late each poll was. All jobs are first due within `first` seconds."""
        load, rate = pace.Load(), Rate.within(self.LIMIT)
        load.allow(self.LIMIT)
        load.in_flight = len(wants)
        ids = [uuid4() for _ in wants]
        due = [first * number / len(wants) for number in range(len(wants))]
        waiting: dict[int, float] = {}
        polls, late, full_at = [0] * len(wants), [], 0.0
        for tick in range(minutes * 60 * 4):
            now = 1000 + tick / 4
            for job, moment in enumerate(due):
                if moment + 1000 <= now:
                    was = due[job]
                    due[job] = now - 1000 + load.interval(ids[job], wants[job], now, len(waiting), lists=False)
                    waiting.setdefault(job, was + 1000)
            granted, full_at, _ = rate.take(full_at, now, len(waiting), poll=True)
            for _ in range(granted):
                job = min(waiting, key=lambda job: waiting[job] + load.wanted(ids[job]))
                late.append(now - waiting.pop(job))
                polls[job] += 1
        return polls, late

    def test_no_request_is_wasted_and_no_poll_is_late_for_long(self):
        polls, late = self.simulate([10.0] * 200, first=217)
        interval = Rate.within(self.LIMIT).interval
        assert sum(polls) >= 0.98 * 30 * 60 / interval
        assert max(polls) - min(polls) <= 2
        assert sorted(late)[int(0.95 * len(late))] < 0.1 * 200 * interval

    def test_after_a_restart_with_everything_due_it_settles(self):
        polls, late = self.simulate([10.0] * 200, first=0.0)
        settled = late[len(late) // 2 :]
        assert max(settled) < 0.15 * 200 * Rate.within(self.LIMIT).interval
        assert min(polls) > 0

    def test_jobs_that_are_about_to_end_are_asked_more_often(self):
        polls, _ = self.simulate([1.0] * 10 + [10.0] * 100)
        often, seldom = polls[:10], polls[10:]
        assert sum(often) / 10 > 6 * sum(seldom) / 100
        assert min(seldom) > 0

    def test_where_there_is_room_every_job_has_its_own_interval(self):
        load = pace.Load()
        load.allow(self.LIMIT)
        load.in_flight = 3
        assert load.interval(uuid4(), 10.0, 1000, 0, lists=False) == 10.0
        load.allow(None)
        load.in_flight = 3000
        assert load.interval(uuid4(), 0.4, 1000, 50, lists=False) == 0.4

    def test_a_list_stands_for_many(self):
        load = pace.Load()
        load.allow(self.LIMIT)
        load.in_flight = 200
        assert load.interval(uuid4(), 5.0, 1000, 0, lists=True) == 5.0
        assert load.interval(uuid4(), 1.0, 1000, 0, lists=False) > 60

    def test_what_was_not_heard_of_again_is_forgotten(self):
        load = pace.Load()
        load.allow(self.LIMIT)
        for _ in range(100):
            load.interval(uuid4(), 1.0, 1000, 0, lists=False)
        assert load.interval(uuid4(), 5.0, 1001, 0, lists=False) > 20
        assert load.interval(uuid4(), 5.0, 9000, 0, lists=False) == 5.0

    def test_what_nobody_would_use_is_spare_only_where_jobs_would_like_more(self):
        load = pace.Load()
        assert load.spare(0, 1.0) == 0
        load.allow(self.LIMIT)
        assert load.spare(0, 1.0) == 0
        load.in_flight = 200
        load.interval(uuid4(), 1.0, 1000, 0, lists=False)
        assert load.spare(0, 1.0) == 1
        assert load.spare(1, 1.0) == 0
        assert load.spare(1, 5.0) == 4
