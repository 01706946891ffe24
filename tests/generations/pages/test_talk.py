"""The talk on a job's page: with htmx and without, one's own and others'."""

import pytest

from accounts.models import Membership
from generations.models import Comment, Job, Reaction
from generations.together import comments
from tests.generations.pages.conftest import make_job, queries
from tests.generations.together.cast import browser, make_shared, make_team, person

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def job():
    return make_shared(person("Alice"), make_team())


def say(job: Job, who: str, text: str) -> Comment:
    return comments.add(job, author=person(who), text=text)


class TestComments:
    def test_a_viewer_speaks_and_a_stranger_does_not(self, job):
        for who, status in (("Carol", 302), ("Dave", 404)):
            answer = browser(person(who)).post(f"/jobs/{job.pk}/comments/", {"text": f"by {who}"})
            assert answer.status_code == status
        assert [said.text for said in Comment.objects.all()] == ["by Carol"]

    def test_what_is_said_is_text(self, job):
        say(job, "Bob", "<script>alert(1)</script> https://x.example/?a=1&b=2 @Alice")
        html = browser(person("Alice")).get(f"/jobs/{job.pk}/").content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert (
            '<a href="https://x.example/?a=1&amp;b=2" rel="nofollow noreferrer noopener ugc" target="_blank">' in html
        )
        assert '<mark class="mention is-me">@Alice</mark>' in html

    def test_with_htmx_the_parts_come_and_the_field_is_empty_again(self, job):
        answer = browser(person("Bob")).post(f"/jobs/{job.pk}/comments/", {"text": "warmer?"}, headers=HX)
        html = answer.content.decode()
        assert 'hx-target="#talk-comments"' in html
        assert "warmer?" in html
        assert 'hx-target="#talk-new"' in html

    def test_what_cannot_be_said_is_refused_and_kept(self, job):
        bobs = browser(person("Bob"))
        assert bobs.post(f"/jobs/{job.pk}/comments/", {"text": " "}, headers=HX).status_code == 422
        long = bobs.post(f"/jobs/{job.pk}/comments/", {"text": "x" * (comments.LONGEST + 1)})
        assert long.status_code == 422
        assert "x" * comments.LONGEST in long.content.decode()

    @pytest.mark.parametrize("headers", [HX, {}], ids=["htmx", "page"])
    def test_what_is_deleted_can_be_brought_back_by_who_deleted_it(self, job, headers):
        said = say(job, "Bob", "warmer?")
        there = f"/jobs/{job.pk}/comments/{said.pk}/"
        for who in ("Bob", "Alice"):
            page = browser(person(who)).post(f"{there}delete/", headers=headers, follow=True).content.decode()
            assert f'action="{there}restore/"' in page
            assert not comments.of(job).exists()
            assert browser(person("Carol")).post(f"{there}restore/").status_code == 404
            browser(person(who)).post(f"{there}restore/", headers=headers)
            assert comments.of(job).get() == said
        assert browser(person("Bob")).post(f"{there}restore/").status_code == 404

    def test_too_many_at_once_wait(self, job, settings):
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "comment": "1/m/user"}
        bobs = browser(person("Bob"))
        said = [bobs.post(f"/jobs/{job.pk}/comments/", {"text": "again"}).status_code for _ in range(2)]
        assert said == [302, 429]

    def test_each_changes_their_own_and_the_owner_may_delete_any(self, job):
        said = say(job, "Bob", "colder")
        address = f"/jobs/{job.pk}/comments/{said.pk}/"
        for who, may in (("Alice", False), ("Carol", False), ("Dave", False), ("Bob", True)):
            status = browser(person(who)).post(address, {"text": f"by {who}"}).status_code
            assert (status == 302) is may, who
        assert browser(person("Bob")).get(address).status_code == 200
        said.refresh_from_db()
        assert said.text == "by Bob"
        for who, status in (("Carol", 404), ("Alice", 302), ("Alice", 404)):
            assert browser(person(who)).post(f"{address}delete/").status_code == status
        assert "by Bob" not in browser(person("Bob")).get(f"/jobs/{job.pk}/").content.decode()

    def test_who_has_left_changes_nothing(self, job):
        said = say(job, "Bob", "colder")
        Membership.objects.filter(user=person("Bob")).delete()
        assert browser(person("Bob")).post(f"/jobs/{job.pk}/comments/{said.pk}/delete/").status_code == 404

    def test_a_comment_is_found_under_its_own_job_only(self, job):
        said, other = say(job, "Bob", "colder"), make_shared(person("Bob"), job.team)
        assert browser(person("Bob")).get(f"/jobs/{other.pk}/comments/{said.pk}/").status_code == 404

    def test_earlier_ones_are_a_page_away(self, job):
        for number in range(comments.PAGE + 1):
            Comment.objects.create(job=job, author=person("Bob"), text=f"number {number}.")
        alices = browser(person("Alice"))
        html = alices.get(f"/jobs/{job.pk}/").content.decode()
        assert "number 0." not in html
        earlier = Comment.objects.order_by("pk")[1].pk
        assert f"?comments_before={earlier}#talk" in html
        assert "number 0." in alices.get(f"/jobs/{job.pk}/?comments_before={earlier}").content.decode()
        assert (
            "number 0."
            in alices.get(f"/jobs/{job.pk}/talk/?comments_before={earlier}&earlier=1", headers=HX).content.decode()
        )

    def test_the_page_asks_as_much_however_many_there_are(self, job):
        say(job, "Bob", "one")
        alices = browser(person("Alice"))
        few = len(queries(alices, f"/jobs/{job.pk}/"))
        for text in ("two", "three @Bob", "four"):
            say(job, "Carol", text)
        assert len(queries(alices, f"/jobs/{job.pk}/")) == few

    def test_of_ones_own_that_nobody_sees_there_is_no_talk(self):
        mine = make_job(person("Alice"))
        html = browser(person("Alice")).get(f"/jobs/{mine.pk}/").content.decode()
        assert "talk-text" not in html
        comments.add(mine, author=None, guest="Client", text="by a link")
        assert "talk-text" in browser(person("Alice")).get(f"/jobs/{mine.pk}/").content.decode()


class TestReactions:
    def test_a_click_gives_it_and_another_takes_it_back(self, job):
        carols = browser(person("Carol"))
        for count in (1, 0):
            html = carols.post(f"/jobs/{job.pk}/reactions/", {"emoji": "🎉"}, headers=HX).content.decode()
            assert ('title="Celebrate: Carol"' in html) is bool(count)
            assert Reaction.objects.count() == count
        assert carols.post(f"/jobs/{job.pk}/reactions/", {"emoji": "x"}).status_code == 404


class TestReview:
    def test_members_judge_and_viewers_do_not(self, job):
        for who, status in (("Carol", 404), ("Dave", 404), ("Bob", 302)):
            assert browser(person(who)).post(f"/jobs/{job.pk}/review/", {"review": "approved"}).status_code == status
        html = browser(person("Carol")).get(f"/jobs/{job.pk}/").content.decode()
        assert "Approved: Bob," in html
        assert 'name="review"' not in html

    def test_a_job_of_no_team_is_not_judged(self):
        mine = make_job(person("Alice"))
        assert browser(person("Alice")).post(f"/jobs/{mine.pk}/review/", {"review": "approved"}).status_code == 404
