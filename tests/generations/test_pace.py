"""When the next step is due."""

import pytest

from generations.shift import pace
from generations.shift.report import Report
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
