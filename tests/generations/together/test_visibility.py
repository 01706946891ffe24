"""Who sees a job: what a person may choose, and what becomes of it."""

import re

import pytest

from accounts.models import Membership
from generations import jobs
from generations.models import Activity
from generations.together import activity, visibility
from studio.providers.base import FREE, ModelInfo, Quote
from tests.generations.together.cast import make_shared, make_team, person

pytestmark = pytest.mark.django_db

MODEL = ModelInfo("studio-image", "Studio Image", "image")


def order():
    return jobs.Order("local", None, MODEL, "a red fox", {}, Quote(FREE))


class TestChoosing:
    def test_a_viewer_shares_with_nobody(self):
        team = make_team()
        assert list(visibility.choices(person("Bob"))) == [team]
        assert not visibility.choices(person("Carol")).exists()
        with pytest.raises(ValueError, match=str(team.pk)):
            visibility.chosen(person("Carol"), str(team.pk))

    @pytest.mark.parametrize("asked", ["0", "x", "²", "9" * 40, "-1"])
    def test_what_is_no_team_of_theirs_is_refused(self, asked):
        make_team()
        with pytest.raises(ValueError, match=re.escape(asked)):
            visibility.chosen(person("Bob"), asked)

    def test_the_default_holds_while_they_may_write(self):
        team, bob = make_team(), person("Bob")
        visibility.make_usual(bob, team)
        assert visibility.chosen(bob, visibility.AS_USUAL) == team
        Membership.objects.filter(user=bob).update(role="viewer")
        assert visibility.chosen(bob, visibility.AS_USUAL) is None


class TestSharing:
    def test_it_is_written_down_once(self):
        team, bob = make_team(), person("Bob")
        job = make_shared(bob, None)
        assert visibility.share(bob, [job], team) == [job]
        job.refresh_from_db()
        assert job.team == team
        assert visibility.share(bob, [job], team) == []
        assert visibility.share(bob, [job], None) == [job]
        assert [event.kind for event in job.events.all()] == ["created", "shared", "unshared"]
        assert Activity.objects.filter(team=team, kind="shared", job=job).count() == 1

    def test_another_team_does_not_inherit_the_review(self):
        first, second = make_team(), make_team("Harbour", bob="member")
        job = make_shared(person("Bob"), first, review="approved")
        visibility.share(person("Bob"), [job], second)
        job.refresh_from_db()
        assert (job.team, job.review) == (second, "")


class TestMaking:
    def test_new_jobs_are_shared_as_the_click_says(self):
        team, bob = make_team(), person("Bob")
        made = jobs.create(bob, [order(), order()], team=team)
        assert {job.team for job in made} == {team}
        [(_, [line])] = activity.feed(team).days
        assert (line.kind, line.times, line.actor) == ("shared", 2, bob)

    def test_another_try_is_shared_as_the_first_while_they_may(self):
        team, bob = make_team(), person("Bob")
        [job] = jobs.create(bob, [order()], team=team)
        job.end_cancelled(charge="no", among=["queued"])
        assert jobs.retry(job, confirmed=True).team == team
        Membership.objects.filter(user=bob).delete()
        assert jobs.retry(job, confirmed=True, tries=1).team is None
