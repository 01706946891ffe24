"""How long a job takes, from the last ones like it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from generations import history, jobs
from generations.models import Job
from generations.models.states import State
from tests.generations.conftest import IMAGE, PAID, make_job

pytestmark = pytest.mark.django_db


def made(key, seconds: float, settings=None, **fields) -> Job:
    """A job that took so long."""
    settings = settings or {}
    sent = timezone.now() - timedelta(hours=1)
    job = make_job(key)
    fields = {"state": State.SUCCEEDED, "submitted_at": sent, "made_at": sent + timedelta(seconds=seconds), **fields}
    Job.objects.filter(pk=job.pk).update(settings=settings, settings_digest=history.digest(settings), **fields)
    return job


def running(key, settings=None, ago: float = 0, **fields) -> Job:
    [job] = jobs.create(key.owner, [jobs.Order(key.provider, key, IMAGE, "a fox", settings or {}, PAID)])
    fields = {"state": State.RUNNING, "submitted_at": timezone.now() - timedelta(seconds=ago), **fields}
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


class TestDigest:
    @pytest.mark.parametrize(
        "other",
        [
            {"seed": 7},
            {"negative_prompt": "blur"},
            {"style_prompt": "in oil"},
            {"style": None, "note": ""},
            {"caption": "words " * 20},
        ],
    )
    def test_what_takes_no_time_does_not_count(self, other):
        assert history.digest({"size": "1K", **other}) == history.digest({"size": "1K"})

    def test_one_picture_is_like_another_and_two_are_not(self):
        link, upload = {"images": ["https://a.example/1.png"]}, {"images": ["asset:1"]}
        assert history.digest(link) == history.digest(upload)
        assert history.digest({"images": ["asset:1", "asset:2"]}) != history.digest(upload)
        assert history.digest({}) != history.digest(upload)

    def test_the_order_of_settings_does_not_count_and_their_values_do(self):
        assert history.digest({"a": 1, "b": [1, 2]}) == history.digest({"b": [1, 2], "a": 1})
        assert history.digest({"duration": 5}) != history.digest({"duration": 10})
        assert history.digest({"audio": False}) != history.digest({"audio": True})
        assert len(history.digest({"lora": {"path": "https://x.example/a", "scale": 0.5}})) == 16


class TestUsual:
    def test_it_is_the_median_of_the_last_like_it(self, key):
        for seconds in (500, *range(1, 20), 30):
            made(key, seconds)
        job = running(key)
        assert history.usual(job) == 10.5

    def test_fewer_than_three_say_nothing(self, key):
        for _ in range(2):
            made(key, 9)
        assert history.usual(running(key)) is None
        cache.clear()
        made(key, 9)
        assert history.usual(running(key)) == 9

    def test_other_settings_and_models_are_another_matter(self, key):
        for _ in range(3):
            made(key, 9, {"size": "4K"})
            made(key, 5, model="another")
        assert history.usual(running(key)) is None
        assert history.usual(running(key, {"size": "4K", "seed": 8})) == 9

    def test_a_team_learns_together(self, key, bob):
        for _ in range(3):
            job = made(key, 9)
            Job.objects.filter(pk=job.pk).update(owner=bob)
        assert history.usual(running(key)) == 9

    def test_the_worker_goes_by_the_model_where_the_settings_are_new(self, key):
        made(key, 40, {"size": "4K"})
        assert history.expected(key.provider, IMAGE.id, history.digest({"size": "1K"})) == 40
        assert history.expected(key.provider, "another", "") is None

    def test_many_cards_of_a_model_cost_one_query(self, key, django_assert_num_queries):
        for _ in range(3):
            made(key, 60)
        cards = [running(key, {"size": n}) for n in range(10)]
        with django_assert_num_queries(1):
            for job in cards:
                history.left(job, timezone.now())


class TestLeft:
    def test_it_is_what_remains_of_the_usual_time(self, key):
        for _ in range(3):
            made(key, 60)
        now = timezone.now()
        assert history.left(running(key, ago=20), now) == pytest.approx(40, abs=1)
        assert history.left(running(key, ago=61), now) is None
        assert history.left(running(key, ago=5, state=State.SAVING), now) is None
        assert history.left(running(key, ago=5, submitted_at=None), now) is None
