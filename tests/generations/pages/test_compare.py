"""Results beside one another."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.comparison import Comparison, Entry
from generations.models import Output
from generations.models.states import State
from studio.lib.ids import uuid7
from tests.generations.pages.conftest import make_job, make_paid_job, queries
from tests.generations.pages.test_create import PAGE, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def address(*jobs) -> str:
    return "/compare/?" + "&".join(f"job={job.pk}" for job in jobs)


def shown(html: str) -> list[str]:
    return re.findall(r'class="compare-words"><a href="/jobs/([^/]+)/"', html)


class TestThePage:
    def test_they_stand_in_the_order_of_the_address(self, as_alice, alice, keep):
        jobs = [make_job(alice) for _ in range(3)]
        for job in jobs:
            keep(job)
        html = text_of(as_alice.get(address(jobs[2], jobs[0], jobs[1], jobs[0])))
        assert shown(html) == [str(job.pk) for job in (jobs[2], jobs[0], jobs[1])]
        assert html.count("?download") == 3

    def test_the_frames_have_the_shape_of_the_tallest(self, as_alice, alice, keep):
        wide, tall = make_job(alice), make_job(alice)
        keep(wide, width=1600, height=900)
        keep(tall, width=900, height=1600)
        page = text_of(as_alice.get(address(wide, tall)))
        assert 'class="compare-stage n-2 r-9-16"' in page

    def test_any_two_pictures_can_be_laid_over_one_another(self, as_alice, alice, keep):
        jobs = [make_job(alice) for _ in range(3)]
        for job in jobs:
            keep(job)
        two, three = (text_of(as_alice.get(address(*some))) for some in (jobs[:2], jobs))
        assert re.findall(r'name="way" value="(\w+)"', two) == ["side", "slider", "fade", "blink"]
        assert 'id="split" type="range"' in two
        assert 'id="above"' not in two
        assert re.search(r'id="above"[^>]*><option value="0">1</option><option value="1" selected>', three)

    def test_a_clip_is_not_laid_over_a_picture(self, as_alice, alice, keep):
        picture, clip = make_job(alice), make_job(alice, kind="video")
        keep(picture)
        keep(clip, kind="video", content_type="video/mp4", duration=4)
        assert 'id="split"' not in text_of(as_alice.get(address(picture, clip)))

    def test_clips_play_together_and_have_no_zoom(self, as_alice, alice, keep):
        jobs = [make_job(alice, kind="video") for _ in range(2)]
        for job in jobs:
            keep(job, kind="video", content_type="video/mp4", duration=4)
        html = text_of(as_alice.get(address(*jobs)))
        assert 'id="play-all"' in html
        assert 'data-step="1"' in html
        assert "data-zoom-by" not in html

    def test_one_that_is_not_there_yet_says_where_it_stands(self, as_alice, alice, keep):
        done, running = make_job(alice), make_job(alice, State.RUNNING, progress=43)
        keep(done)
        assert "Generating, 43 %" in text_of(as_alice.get(address(done, running)))

    def test_only_what_differs_is_listed_and_the_rest_on_demand(self, as_alice, alice, keep):
        one, other = (make_job(alice, settings={"size": size, "format": "png"}) for size in (512, 768))
        for job in (one, other):
            keep(job)
        html = text_of(as_alice.get(address(one, other)))
        same = re.findall(r'<tr class="is-same"><th scope="row">([^<]+)<', html)
        differ = re.findall(r'<tr><th scope="row">([^<]+)<', html)
        assert differ == ["Size"]
        assert "Format" in same
        assert 'id="show-all"' in html

    @pytest.mark.parametrize("count", [0, 1])
    def test_fewer_than_two_say_how(self, as_alice, alice, count):
        jobs = [make_job(alice) for _ in range(count)]
        assert "Choose 2 to 8" in text_of(as_alice.get(address(*jobs)))

    def test_one_alone_is_compared_by_its_results(self, as_alice, alice, keep):
        job = make_job(alice)
        for position in range(3):
            keep(job, position=position)
        html = text_of(as_alice.get(address(job)))
        assert shown(html) == [str(job.pk)] * 3
        assert [f"/media/{job.pk}/{position}/?download" in html for position in range(3)] == [True] * 3
        assert f"/compare/?job={job.pk}" in text_of(as_alice.get(f"/jobs/{job.pk}/"))

    def test_eight_are_the_most(self, as_alice, alice):
        jobs = [make_job(alice) for _ in range(9)]
        assert len(shown(text_of(as_alice.get(address(*jobs))))) == 8

    def test_its_queries_do_not_grow(self, as_alice, alice, keep):
        jobs = [make_job(alice) for _ in range(8)]
        for job in jobs:
            keep(job)
        assert len(queries(as_alice, address(*jobs))) == len(queries(as_alice, address(*jobs[:2])))

    def test_somebody_elses_or_a_deleted_one_is_not_there(self, as_alice, alice, bob):
        mine = make_job(alice)
        assert as_alice.get(address(mine, make_job(bob))).status_code == 404
        assert as_alice.get(address(mine, make_job(alice, deleted_at=timezone.now()))).status_code == 404

    @pytest.mark.parametrize("query", ["job=x", "job=", "group=x", "group=01a1fd40-c93d-7637-8110-90c59c03664c"])
    def test_an_odd_address_is_not_there(self, as_alice, query):
        assert as_alice.get(f"/compare/?{query}").status_code == 404

    def test_it_is_for_the_signed_in(self, client):
        assert client.get("/compare/").status_code == 302


class TestAClick:
    def test_its_done_results_are_compared(self, as_alice, alice, bob, keep):
        group = uuid7()
        jobs = [make_job(alice, group=group, position=place) for place in range(3)]
        keep(jobs[0])
        keep(jobs[1])
        failed = make_job(alice, State.FAILED, group=group, position=3)
        html = text_of(as_alice.get(f"/compare/?group={group}"))
        assert str(failed.pk) not in html
        assert shown(html) == [str(job.pk) for job in jobs]
        theirs = make_job(bob)
        assert as_alice.get(f"/compare/?group={theirs.group}").status_code == 404

    def test_a_group_of_several_links_to_it(self, as_alice, alice):
        group = uuid7()
        make_job(alice, group=group)
        assert "/compare/?group=" not in text_of(as_alice.get(PAGE))
        make_job(alice, group=group, position=1)
        assert f"/compare/?group={group}" in text_of(as_alice.get(PAGE))


class TestFacts:
    @pytest.mark.parametrize(
        ("fields", "price"),
        [
            ({"actual_amount": Decimal(3), "actual_unit": "NOK", "estimated_amount": 9}, "3.00\u00a0NOK"),
            ({"estimated_amount": Decimal(0), "estimated_unit": "NOK"}, "0.00\u00a0NOK estimated"),
            ({}, "2.00\u00a0NOK quoted"),
            ({"quoted_amount": None}, "price unknown"),
        ],
    )
    def test_the_best_known_price_with_its_word(self, gpu, fields, price):
        assert Entry(make_paid_job(gpu, **fields)).price == price

    def test_free_is_free(self, alice):
        assert Entry(make_job(alice)).price == "free"

    @pytest.mark.parametrize(
        ("seconds", "words"), [(0, "0.0\u00a0s"), (3.21, "3.2\u00a0s"), (61, "61\u00a0s"), (600, "10\u00a0min")]
    )
    def test_how_long_it_took(self, alice, seconds, words):
        now = timezone.now()
        assert Entry(make_job(alice, submitted_at=now, made_at=now + timedelta(seconds=seconds))).took == words

    def test_what_is_not_known_is_not_said(self, alice):
        assert Entry(make_job(alice)).took == ""

    def test_a_setting_that_one_does_not_have(self, alice):
        jobs = [make_job(alice, settings={"sound": False}), make_job(alice, settings={})]
        lines = {line.name: line for line in Comparison([Entry(job) for job in jobs]).lines}
        assert list(lines["Sound"].values) == ["no", "–"]
        assert lines["Sound"].differs
        assert not lines["Model"].differs


def test_an_output_that_is_not_saved_is_not_shown(as_alice, alice):
    jobs = [make_job(alice, State.SAVING) for _ in range(2)]
    for job in jobs:
        Output.objects.create(job=job, position=0, name="image", remote_url="https://x.example/1")
    assert "?download" not in text_of(as_alice.get(address(*jobs)))
