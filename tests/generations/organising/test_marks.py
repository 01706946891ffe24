"""Favourites, stars, colours, notes and tags: of one job and of many, and only of one's own."""

import pytest

from accounts.models import Membership
from generations.models import Job, JobTag, Tag
from generations.organising import bulk, marks, tags
from generations.organising.bulk import Wish
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db


def words(job: Job) -> list[str]:
    """As the full-text index reads them."""
    job.refresh_from_db()
    assert sorted(job.tag_words.split()) == sorted(" ".join(tag.name for tag in job.tags.all()).split())
    return sorted(tag.name for tag in job.tags.all())


def ids(*jobs: Job) -> list:
    return [job.pk for job in jobs]


class TestMarks:
    def test_each_is_set_and_taken_back(self, alice):
        job = make_job(alice)
        mine = Job.objects.filter(pk=job.pk)
        for verb, value, none in ((marks.favourite, True, False), (marks.stars, 4, 0), (marks.colour, "red", "")):
            assert verb(mine, value) == 1
            assert verb(mine, value) == 0, "it stands so already"
            assert verb(mine, none) == 1
        marks.note(mine, "  for the cover\0\r\n ")
        job.refresh_from_db()
        assert (job.is_favourite, job.stars, job.colour, job.note) == (False, 0, "", "for the cover")

    @pytest.mark.parametrize(("verb", "value"), [(marks.stars, 6), (marks.stars, -1), (marks.colour, "pink")])
    def test_what_there_is_not_is_not_set(self, alice, verb, value):
        make_job(alice)
        assert verb(Job.objects.all(), value) == 0

    def test_open_pages_are_told(self, alice):
        job = make_job(alice)
        bulk.named(alice, Wish(stars=3), [job.pk])
        before, _ = job.changed_at, job.refresh_from_db()
        assert job.changed_at > before


class TestTags:
    def test_names_are_read_as_people_write_them(self):
        assert tags.read(" sea,  #Red   fox , SEA,, \0") == ["sea", "Red fox"]
        assert len(tags.read(",".join(map(str, range(99))))) == tags.MOST
        assert tags.read("x" * 99) == ["x" * 60]

    def test_they_are_put_on_and_taken_off(self, alice):
        one, two = make_job(alice), make_job(alice)
        assert tags.put(alice, ids(one, two), ["sea", "red fox"]) == 2
        assert tags.put(alice, ids(one, two), ["Sea"]) == 0, "they have it already, however it is written"
        assert (words(one), words(two)) == (["red fox", "sea"], ["red fox", "sea"])
        assert tags.take(alice, ids(one), ["SEA", "nowhere"]) == 1
        assert (words(one), words(two)) == (["red fox"], ["red fox", "sea"])

    def test_nobody_elses_jobs_and_tags_are_touched(self, alice, bob):
        job = make_job(bob)
        tags.put(bob, ids(job), ["sea"])
        assert tags.put(alice, ids(job), ["sky"]) == 0
        assert tags.take(alice, ids(job), ["sea"]) == 0
        assert words(job) == ["sea"]

    def test_a_new_name_is_everywhere(self, alice):
        job = make_job(alice)
        tags.put(alice, ids(job), ["sea"])
        assert tags.rename(Tag.objects.get(), "Ocean, wide").name == "Ocean wide"
        assert words(job) == ["Ocean wide"]
        assert tags.rename(Tag.objects.get(), " , ") is None

    def test_under_a_name_that_is_taken_two_become_one(self, alice, monkeypatch):
        monkeypatch.setattr(tags, "BATCH", 2)
        both, *rest = [make_job(alice) for _ in range(5)]
        tags.put(alice, ids(both, *rest), ["sea"])
        tags.put(alice, ids(both), ["ocean"])
        kept = tags.rename(Tag.objects.get(name="sea"), "OCEAN")
        assert (kept.name, Tag.objects.count()) == ("ocean", 1)
        assert [words(job) for job in (both, *rest)] == [["ocean"]] * 5

    def test_a_deleted_one_is_taken_off(self, alice):
        one, two = make_job(alice), make_job(alice)
        tags.put(alice, ids(one, two), ["sea", "sky"])
        assert tags.delete(Tag.objects.get(name="sea")) == 2
        assert (words(one), words(two)) == (["sky"], ["sky"])

    def test_they_are_counted_without_what_is_deleted(self, alice):
        jobs = [make_job(alice) for _ in range(3)]
        tags.put(alice, ids(*jobs), ["sea"])
        Job.objects.filter(pk=jobs[0].pk).update(deleted_at=jobs[0].created_at)
        tags.put(alice, ids(jobs[1]), ["Alps"])
        assert [(tag.name, tag.used) for tag in tags.counted(alice)] == [("Alps", 1), ("sea", 2)]


class TestEverything:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch):
        monkeypatch.setattr("generations.search.asking.PAGE", 3)

    def test_all_that_a_search_finds_now(self, alice, bob):
        found = [make_job(alice, prompt="a sea") for _ in range(7)]
        other, theirs = make_job(alice, kind="video"), make_job(bob)
        outcome = bulk.everything(alice, Wish(tags=("sea",), stars=2), "?kind=image")
        assert (outcome.count, outcome.goes_on) == (7, False)
        assert set(JobTag.objects.values_list("job_id", flat=True)) == set(ids(*found))
        assert not Job.objects.filter(pk__in=ids(other, theirs), stars=2).exists()

    def test_what_it_changes_does_not_end_it(self, alice):
        for _ in range(7):
            make_job(alice, is_favourite=True)
        assert bulk.everything(alice, Wish(favourite=False), "favourite=1").count == 7
        assert not Job.objects.filter(is_favourite=True).exists()

    def test_a_task_sees_to_what_would_take_long(self, alice, monkeypatch):
        monkeypatch.setattr(bulk, "AT_ONCE", 3)
        sent = []
        monkeypatch.setattr(bulk, "async_task", lambda *arguments: sent.append(arguments))
        for _ in range(8):
            make_job(alice)
        assert bulk.everything(alice, Wish(colour="red"), "") == bulk.Outcome(3, goes_on=True)
        for _ in range(2):  # each time the rest; twice the same is once
            bulk.go_on(*sent[0][1:])
        bulk.go_on(*sent[-1][1:])
        assert Job.objects.filter(colour="red").count() == 8

    def test_the_rest_asks_again_whether_one_may_write(self, alice, bob, team):
        theirs, job = bulk.albums.create(bob, "Ours", team=team.pk), make_job(alice, team=team)
        Membership.objects.filter(user=alice).update(role="viewer")
        bulk.go_on(alice.pk, Wish(album=theirs).kept(), "")
        assert not theirs.items.exists()
        Membership.objects.filter(user=alice).update(role="member")
        bulk.go_on(alice.pk, Wish(album=theirs).kept(), "")
        assert theirs.items.get().job == job

    def test_an_album_gets_them_in_their_order(self, alice):
        jobs = [make_job(alice) for _ in range(7)]
        made = bulk.albums.create(alice, "Sea")
        assert bulk.everything(alice, Wish(album=made), "").count == 7
        assert list(made.items.values_list("job_id", flat=True)) == ids(*reversed(jobs))
