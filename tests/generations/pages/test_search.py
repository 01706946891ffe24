"""The query string as a search, and as words for the database."""

import pytest
from django.http import QueryDict

from generations.search import Search
from studio.lib.ids import uuid7
from tests.generations.pages.conftest import make_job


def read(text: str) -> Search:
    return Search.read(QueryDict(text))


@pytest.mark.parametrize(
    "text", ["", "q=", "kind=x", "state=queued", "before=x", "q=++", "other=1", "kind=image%00", "before=%F0%9F%A6%8A"]
)
def test_what_the_gallery_does_not_know_is_left_out(text):
    assert read(text) == Search()
    assert not read(text).is_narrowed


def test_it_reads_what_it_writes():
    search = Search("50 % & more", "video", "look")
    place = str(uuid7())
    assert read(search.query().removeprefix("?")) == search
    assert read(search.query(before=place).removeprefix("?")).before == place


def test_another_filter_begins_at_the_top():
    assert "before" not in Search(before=str(uuid7())).query(kind="image")


def test_a_search_has_an_end():
    assert len(read("q=" + "x" * 5000).text) == 200


@pytest.mark.django_db
class TestInPrompts:
    def find(self, alice, text: str) -> set[str]:
        jobs, _ = Search(text=text).page(alice)
        return {job.prompt for job in jobs}

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("fox", {"a red FOX", "fox_trot"}),
            ("RED", {"a red FOX"}),
            ("%", set()),
            ("_", set()),
            ("\\", set()),
            ("'", set()),
            ("🦊", set()),
            ("ثعلب", {"ثعلب أحمر"}),
            ("a%X", set()),
            ("nothing", set()),
        ],
    )
    def test_every_character_is_a_plain_one(self, alice, text, found):
        for prompt in ("a red FOX", "100 % wool", "fox_trot", "back\\slash", "o'clock", "🦊 in the snow", "ثعلب أحمر"):
            make_job(alice, prompt=prompt)
        assert self.find(alice, text) == found

    def test_a_character_that_not_every_database_keeps_is_left_out(self, alice):
        make_job(alice, prompt="fox")
        jobs, _ = read("q=f%00ox").page(alice)
        assert [job.prompt for job in jobs] == ["fox"]

    def test_outputs_come_along(self, alice, keep, django_assert_num_queries):
        for _ in range(3):
            keep(make_job(alice))
        with django_assert_num_queries(3):
            jobs, _ = Search().page(alice)
            assert [len(job.results) for job in jobs] == [1, 1, 1]


@pytest.mark.django_db
class TestNeighbours:
    def test_they_are_the_next_newer_and_older_ones_own(self, alice, bob):
        older, job = make_job(alice), make_job(alice)
        make_job(bob)
        newer = make_job(alice)
        assert Search().around(alice, job) == ([newer], [older])
        assert Search().around(alice, newer) == ([], [job])
        assert Search().around(alice, older) == ([job], [])

    def test_what_is_deleted_is_passed_over(self, alice):
        older, deleted, job = make_job(alice), make_job(alice), make_job(alice)
        deleted.hide()
        assert Search().around(alice, job) == ([], [older])
