"""Comments, reactions and reviews, as records: who hears of what, and what a page that shows the job is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, Notice
from generations.models import Activity, Comment, Job
from generations.together import activity, comments, reactions, review
from tests.generations.together.cast import make_shared, make_team, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return make_shared(person("Alice"), make_team())


def told(name: str) -> list[str]:
    return [notice.event for notice in Notice.objects.filter(user=person(name)).order_by("pk")]


def stamp(job: Job):
    return Job.objects.get(pk=job.pk).changed_at


class TestComments:
    def test_the_owner_and_who_is_meant_hear_of_it_once_each(self, job):
        before = stamp(job)
        said = comments.add(job, author=person("Bob"), text="@Alice and @Carol: warmer?")
        assert (told("Alice"), told("Bob"), told("Carol")) == (["mention"], [], ["mention"])
        comments.add(job, author=person("Carol"), text="yes")
        comments.add(job, author=person("Alice"), text="fine @Alice")
        assert told("Alice") == ["mention", "comment"]
        assert Notice.objects.filter(user=person("Carol")).get().url == f"/jobs/{job.pk}/#comment-{said.pk}"
        assert stamp(job) > before

    def test_nobody_outside_is_meant(self, job):
        person("Dave")
        comments.add(job, author=person("Bob"), text="@Dave look")
        assert told("Dave") == []

    def test_who_is_meant_only_after_a_change_hears_of_it_then(self, job):
        said = comments.add(job, author=person("Bob"), text="@Alice")
        assert comments.edit(said, "@Alice @Carol")
        assert not comments.edit(said, "@Alice @Carol")
        assert (told("Alice"), told("Carol")) == (["mention"], ["mention"])
        assert Comment.objects.get().edited_at is not None

    @pytest.mark.parametrize("text", ["", " \n\t", "\0", "x" * (comments.LONGEST + 1)])
    def test_what_cannot_be_said(self, job, text):
        with pytest.raises(comments.Unfit):
            comments.add(job, author=person("Bob"), text=text)
        assert not Comment.objects.exists()

    def test_a_guest_tells_the_owner_and_mentions_nobody(self, job):
        comments.add(job, author=None, guest=" Client ", text="@Bob @Carol nice")
        assert (told("Alice"), told("Bob"), told("Carol")) == (["comment"], [], [])
        assert "Client commented" in Notice.objects.get().text
        assert Activity.objects.get(kind="comment").detail["guest"] == "Client"

    def test_pages_go_backwards_by_keyset(self, job, django_assert_num_queries):
        made = [Comment.objects.create(job=job, author=person("Bob"), text=str(n)) for n in range(comments.PAGE + 3)]
        comments.delete(made[5])
        with django_assert_num_queries(1):
            last = comments.page(job)
        assert [said.text for said in last.comments][::49] == ["2", "52"]
        first = comments.page(job, last.earlier)
        assert ([said.text for said in first.comments], first.earlier) == (["0", "1"], None)


def test_a_reaction_is_given_once_and_taken_back(job):
    assert reactions.toggle(job, person("Bob"), "👍")
    assert reactions.toggle(job, person("Carol"), "👍")
    first = reactions.counts(job, person("Bob"))[0]
    assert (len(first.people), first.is_mine, first.names) == (2, True, "Bob, Carol")
    reactions.toggle(job, person("Bob"), "👍")
    assert not reactions.counts(job, person("Bob"))[0].is_mine
    assert not reactions.toggle(job, person("Bob"), "<b>")


def test_a_review_tells_the_owner_and_says_who(job):
    assert not review.may_judge(person("Carol"), job)
    assert review.judge(job, person("Bob"), "to_review")
    assert review.judge(job, person("Bob"), "approved")
    assert not review.judge(job, person("Bob"), "approved")
    assert not review.judge(job, person("Bob"), "splendid")
    assert told("Alice") == ["review_wanted", "review"]
    assert [told("Bob"), told("Carol")] == [[], []], "who asks, and who only looks"
    last = review.last(job)
    assert (last.actor, last.detail["review"]) == (person("Bob"), "approved")
    assert review.judge(job, person("Bob"), "")
    assert review.last(job) is None


class TestActivity:
    def test_repeated_shares_of_one_person_are_one_line(self, job):
        team = job.team
        activity.note_shared(team, person("Bob"), [make_shared(person("Bob"), team) for _ in range(3)])
        activity.note(team, person("Carol"), "comment", job=job)
        activity.note_shared(team, person("Bob"), [make_shared(person("Bob"), team)])
        lines = [line for _, lines in activity.feed(team).days for line in lines]
        assert [(line.kind, line.times) for line in lines] == [("shared", 1), ("comment", 1), ("shared", 3)]

    def test_what_was_taken_back_is_not_told_of_and_who_came_is(self, job, rf):
        activity.note(job.team, person("Alice"), "shared", job=job)
        job.share_with(None)
        team = make_team("Harbour", alice="owner")
        assert not activity.feed(team).days
        assert not activity.feed(Membership.objects.filter(user=person("Bob")).get().team).days

    def test_every_entry_is_on_exactly_one_page(self, job):
        when = timezone.now().replace(hour=12) - timedelta(days=3)
        review = {"team": job.team, "actor": person("Bob"), "kind": "review", "job": job}
        rows = [Activity(**review, at=when + timedelta(minutes=minutes)) for minutes in range(130)]
        Activity.objects.bulk_create(rows)
        seen, before, pages = [], "", 0
        while pages == 0 or before:
            found = activity.feed(job.team, before)
            seen += [line.at for _, lines in found.days for line in lines]
            before, pages = found.following, pages + 1
        assert seen == sorted({row.at for row in rows}, reverse=True)
        assert pages == 3
