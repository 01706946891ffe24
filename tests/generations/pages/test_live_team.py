"""The live stream of a team's pages: what the others are told, and what ends it."""

import asyncio
import re

import pytest

from accounts.models import Membership
from generations.models import Job
from generations.models.states import State
from generations.together import comments
from generations.views import live
from generations.views.audiences import Audience, Counted, Watched
from studio import database
from tests.generations.pages import test_live
from tests.generations.pages.conftest import long_ago
from tests.generations.pages.test_live import change, cookie, looked, page, run
from tests.generations.together.cast import make_shared, make_team, person

pytestmark = pytest.mark.django_db(transaction=True)
watcher = test_live.watcher


@pytest.fixture
def team():
    return make_team()


def make(team, who: str = "Alice", state: str = State.PENDING, **fields) -> Job:
    return long_ago(make_shared(person(who), team, state=state, **fields), minutes=9)


class TestATeamsGallery:
    def test_what_one_makes_the_others_see_come(self, team):
        carols, bob = cookie(person("Carol")), person("Bob")

        async def test():
            async with page(carols, team=str(team.pk)) as opened:
                job = await database.query(make_shared, bob, team, state=State.QUEUED)
                await opened.until(lambda page: page.shows(job))
                assert f"event: came\ndata: {job.pk} {bob.pk}\n" in opened.text
                assert "by Bob: " in opened.text
                await change(job, state=State.RUNNING, progress=43)
                await opened.until(lambda page: "Generating, 43 %" in page.text)

        run(test())

    def test_what_is_shared_comes_and_what_is_taken_back_goes(self, team):
        job, carols = make(None), cookie(person("Carol"))
        other = make_team("Harbour", alice="owner")

        async def test():
            async with page(carols, team=str(team.pk)) as opened:
                for leaving in (None, other):
                    opened.fresh()
                    await database.query(job.share_with, team)
                    await opened.until(lambda page: page.shows(job))
                    assert job.prompt in opened.text
                    opened.fresh()
                    await database.query(job.share_with, leaving)
                    await opened.until(lambda page: page.shows(job))
                    assert f'hx-target="#job-{job.pk}" hx-swap="delete"' in opened.text
                    assert job.prompt not in opened.text

        run(test())

    def test_what_is_not_shared_is_not_told_of(self, team, watcher):
        private, elsewhere = make(None), make(make_team("Harbour", alice="owner"))
        shared, carols = make(team), cookie(person("Carol"))

        async def test():
            async with page(carols, team=str(team.pk)) as opened:
                for job in (private, elsewhere, shared):
                    await change(job, progress=1)
                await opened.until(lambda page: page.shows(shared))
                await looked(watcher)
                assert not opened.shows(private)
                assert not opened.shows(elsewhere)

        run(test())

    def test_a_stranger_is_told_nothing_of_it(self, team, watcher):
        job, daves, bobs = make(team), cookie(person("Dave")), cookie(person("Bob"))

        async def test():
            async with (
                page(daves, team=str(team.pk)) as prying,
                page(daves, job=str(job.pk)) as also,
                page(bobs, team=str(team.pk)) as opened,
            ):
                await change(job, progress=1)
                await opened.until(lambda page: page.shows(job))
                await looked(watcher)
                assert not prying.shows(job)
                assert not also.shows(job)

        run(test())


class TestATeammatesJob:
    def test_it_is_followed_without_what_is_its_owners(self, team):
        job, bobs, alices = make(team), cookie(person("Bob")), cookie(person("Alice"))

        async def test():
            async with page(bobs, job=str(job.pk)) as opened, page(alices, job=str(job.pk)) as own:
                await change(job, state=State.RUNNING, progress=43)
                for one in (opened, own):
                    await one.until(lambda page: "Generating, 43 %" in page.text)
                cancel = f"/jobs/{job.pk}/cancel/"
                assert cancel in own.text
                assert cancel not in opened.text
                assert '<article class="viewer"' in opened.text

        run(test())

    def test_what_is_said_makes_another_version_of_the_talk(self, team):
        job, bobs, carol = make(team), cookie(person("Bob")), person("Carol")
        seen = []

        async def test():
            async with page(bobs, job=str(job.pk)) as opened:
                for text in ("warmer-words", "colder-words"):
                    opened.fresh()
                    said = await database.query(comments.add, job, author=carol, text=text)
                    await opened.until(lambda page: page.shows(job))
                    seen.extend(re.findall(r'id="talk-version" data-version="([^"]+)"', opened.text))
                    assert said.text not in opened.text  # it is fetched by each reader as theirs

        run(test())
        assert len(set(seen)) == 2

    def test_its_page_lets_go_of_it_when_it_is_taken_back(self, team):
        job, bobs = make(team, prompt="a secret"), cookie(person("Bob"))

        async def test():
            async with page(bobs, job=str(job.pk)) as opened:
                await database.query(job.share_with, None)
                await opened.until(lambda page: page.shows(job))
                assert "It is not shared any more" in opened.text
                assert "a secret" not in opened.text

        run(test())


class TestTheEnd:
    def test_who_is_taken_out_of_the_team_is_told_so_at_once(self, team, watcher, monkeypatch):
        monkeypatch.setattr(live, "HEARTBEAT", 0.01)
        bobs, carols = cookie(person("Bob")), cookie(person("Carol"))

        async def test():
            async with page(bobs, team=str(team.pk)) as opened, page(carols, team=str(team.pk)) as staying:
                await opened.until(lambda page: page.text.count("still here") > 3)
                await looked(watcher)
                assert not opened.ended
                await database.query(Membership.objects.filter(user=bob).delete)
                await opened.until(lambda page: page.ended)
                assert "You cannot see this page any more" in opened.text
                assert not staying.ended

        bob = person("Bob")
        run(test())

    def test_an_audience_that_is_over_ends_its_streams_at_the_next_look(self, team, watcher):
        """As a link's does: asked once for all that are open, with a last word."""
        over, asked = set(), []

        class Passing(Counted):
            ends = True

            @classmethod
            def ended(cls, audiences):
                asked.append(len(audiences))
                return {audience: b"data: over\n\n" for audience in audiences if audience.owner in over}

        async def test():
            streams = [live.Stream(None, [Passing(number)], "") for number in (1, 1, 2)]
            for stream in streams:
                watcher.join(stream)
            await looked(watcher)
            assert set(asked) == {2}
            over.add(1)
            await looked(watcher)
            assert [stream.last for stream in streams] == [b"data: over\n\n", b"data: over\n\n", b""]
            assert await streams[0].next() == b""
            for stream in streams:
                watcher.leave(stream)
            async with asyncio.timeout(5):
                await watcher.task

        run(test())


def test_audiences_are_asked_for_together():
    class Named(Audience):
        @property
        def watched(self):
            return Watched(teams=frozenset({7}), owners=frozenset({1}))

    both = Watched.all([Named(), Counted(2)])
    assert both == Watched(owners=frozenset({1, 2}), teams=frozenset({7}))
