"""Albums: what they hold, in which order, and who sees and changes them."""

import pytest
from django.utils import timezone

from generations.links import contents
from generations.models import Activity, Album, Job, Output
from generations.organising import albums, places
from generations.search.filters import albums_seen_by
from tests.generations.links.conftest import make_link
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def album(alice) -> Album:
    return albums.create(alice, "Sea")


def order(album: Album) -> list[str]:
    return [item.job.prompt for item in album.items.order_by("place", "pk").select_related("job")]


def filled(album: Album, names: str) -> dict[str, Job]:
    jobs = {name: make_job(album.owner, prompt=name) for name in names}
    albums.add(album.owner, album, [job.pk for job in jobs.values()])
    return jobs


class TestHolding:
    def test_what_is_put_in_comes_first_and_once(self, alice, album):
        filled(album, "cd")
        new = filled(album, "ab")
        assert order(album) == list("abcd")
        assert albums.add(alice, album, [new["a"].pk]) == []
        assert albums.remove(album, [new["a"].pk]) == [new["a"].pk]
        assert order(album) == list("bcd")

    def test_a_job_may_be_in_many(self, alice, album):
        jobs = filled(album, "a")
        other = albums.create(alice, "Sky")
        albums.add(alice, other, [jobs["a"].pk])
        assert set(albums.holding(alice, jobs["a"])) == {album, other}

    def test_ones_own_album_holds_ones_own(self, alice, bob, album):
        assert albums.add(alice, album, [make_job(bob).pk, make_job(alice, deleted_at=timezone.now()).pk]) == []

    def test_a_teams_holds_what_is_shared_with_it(self, alice, bob, team):
        ours = albums.create(alice, "Ours", team=team.pk)
        shared, private = make_job(alice, team=team), make_job(bob)
        assert albums.add(bob, ours, [shared.pk, private.pk]) == [shared.pk]
        assert Activity.objects.filter(team=team, kind="album", actor=bob, detail={"added": 1}).exists()

    def test_a_smart_one_is_filled_by_its_search_alone(self, alice):
        smart = albums.create(alice, "Stars", query="stars=5")
        assert albums.add(alice, smart, [make_job(alice).pk]) == []

    def test_a_cover_that_leaves_is_none_until_it_is_back(self, alice, album):
        jobs = filled(album, "ab")
        link, _ = make_link(alice, album=album, grows=True)
        for job in jobs.values():
            Output.objects.create(job=job, position=0, file="a.png", thumbnail="a.webp")
        albums.change(album, cover=jobs["b"])
        for is_there in (True, False, True):
            if is_there:
                albums.add(alice, album, [jobs["b"].pk])
            else:
                albums.remove(album, [jobs["b"].pk])
            expected = jobs["b" if is_there else "a"]
            assert [one.cover for one in albums.shown(alice, albums_seen_by(alice))] == [expected]
            assert contents.cover(link).job == expected


class TestOrder:
    @pytest.mark.parametrize(
        ("moved", "before", "then"), [("d", "b", "adbc"), ("a", "d", "bcad"), ("a", None, "bcda"), ("d", "a", "dabc")]
    )
    def test_one_goes_before_another(self, album, moved, before, then):
        jobs = filled(album, "abcd")
        item = album.items.get(job=jobs[moved])
        places.move(item, before=album.items.get(job=jobs[before]) if before else None)
        assert order(album) == list(then)

    def test_one_goes_a_step(self, album):
        jobs = filled(album, "abc")
        for later, then in (
            (True, "bac"),
            (True, "bca"),
            (True, "bca"),
            (False, "bac"),
            (False, "abc"),
            (False, "abc"),
        ):
            places.step(album.items.get(job=jobs["a"]), album.items.all(), later=later)
            assert order(album) == list(then)

    def test_there_is_always_room_for_another(self, album):
        jobs = filled(album, "abc")
        for turn in range(60):  # halved so often, no number lies between two others
            moved, before = ("b", "c") if turn % 2 else ("c", "b")
            places.move(album.items.get(job=jobs[moved]), before=album.items.get(job=jobs[before]))
            assert order(album) == ["a", moved, before]

    def test_pages_go_by_place(self, alice, album):
        filled(album, "abcdefg")
        seen, after = [], ""
        for _ in range(3):
            items, after = albums.page(alice, album, after, size=3)
            seen.append([item.job.prompt for item in items])
        assert (seen, after) == ([list("abc"), list("def"), list("g")], "")


class TestSeeing:
    def test_a_member_sees_what_is_shared_alone(self, alice, bob, team):
        ours = albums.create(alice, "Ours", team=team.pk)
        shared, private = make_job(alice, team=team), make_job(alice, team=team)
        albums.add(alice, ours, [private.pk, shared.pk])
        Job.objects.filter(pk=private.pk).update(team=None)
        for user, count, cover in ((alice, 2, private), (bob, 1, shared)):
            [one] = albums.shown(user, albums_seen_by(user))
            assert (one.count, one.cover) == (count, cover)
            assert len(albums.page(user, ours)[0]) == count

    def test_the_list_asks_the_same_however_many_there_are(self, alice, django_assert_num_queries):
        for title in "abcde":
            filled(albums.create(alice, title), "xy")
        with django_assert_num_queries(4):
            shown = albums.shown(alice, albums_seen_by(alice))
        assert [one.count for one in shown] == [2] * 5

    def test_who_looks_on_does_not_write(self, bob, carol, team):
        ours = albums.create(bob, "Ours", team=team.pk)
        assert list(albums_seen_by(carol)) == [ours]
        assert not albums.writable(carol).exists()

    def test_a_title_names_ones_own_first(self, alice, bob, team):
        theirs = albums.create(bob, "Sea", team=team.pk)
        assert albums.called(alice, "SEA") == theirs
        mine = albums.create(alice, "sea")
        assert albums.called(alice, "Sea") == mine
        assert albums.called(alice, "Sky").owner == alice
