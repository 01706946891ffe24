"""Albums by their addresses."""

import re

import pytest

from accounts.models import Membership, Team, TeamRole
from generations.models import Album
from generations.organising import albums
from tests.generations.pages.conftest import make_job
from tests.generations.pages.test_gallery import ids, shown

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def album(alice) -> Album:
    return albums.create(alice, "Sea & <sky>")


def of(album: Album, verb: str = "") -> str:
    return f"/albums/{album.pk}/{verb}"


def test_one_is_made_changed_deleted_and_brought_back(as_alice, alice):
    assert "No albums yet" in as_alice.get("/albums/").content.decode()
    assert as_alice.post("/albums/new/", {"title": ""}).status_code == 422
    job = make_job(alice)
    there = as_alice.post("/albums/new/", {"title": "Sea", "job": [str(job.pk)]})["Location"]
    assert shown(as_alice.get(there)) == ids(job)
    as_alice.post(f"{there}change/", {"title": "Sky", "description": "Blue"})
    html = as_alice.post(f"{there}delete/", follow=True).content.decode()
    assert "Deleted the album Sky." in html
    assert f'action="{there}restore/"' in html
    assert as_alice.get(there).status_code == 404
    as_alice.post(f"{there}restore/")
    assert "Blue" in as_alice.get(there).content.decode()


def test_the_list_shows_covers_and_counts(as_alice, alice, album, keep):
    job = make_job(alice)
    keep(job)
    albums.add(alice, album, [job.pk, make_job(alice).pk])
    albums.create(alice, "Empty")
    html = as_alice.get("/albums/").content.decode()
    assert "Sea &amp; &lt;sky&gt;" in html
    assert f"/media/{job.pk}/0/thumbnail/" in html
    assert '<span class="figures">2</span> jobs' in html
    assert '<span class="figures">0</span> jobs' in html


def test_pages_come_in_its_order(as_alice, alice, album, monkeypatch):
    monkeypatch.setattr(albums, "PAGE", 2)
    jobs = [make_job(alice) for _ in range(3)]
    albums.add(alice, album, [job.pk for job in jobs])
    first = as_alice.get(of(album))
    assert shown(first) == ids(*jobs[:2])
    more = first.content.decode().partition('class="button grid-more" href="')[2].partition('"')[0]
    rest = as_alice.get(more, headers=HTMX)
    assert shown(rest) == ids(jobs[2])
    assert rest.content.decode().lstrip().startswith("<article")


def test_it_is_put_in_order(as_alice, alice, album):
    a, b, c = (make_job(alice) for _ in range(3))
    albums.add(alice, album, [a.pk, b.pk, c.pk])
    assert "arrange-item" in as_alice.get(of(album) + "?arrange").content.decode()
    for fields, then in (
        ({"to": "later"}, (b, a, c)),
        ({"after": c.pk}, (b, c, a)),
        ({"before": b.pk}, (a, b, c)),
        ({"after": b.pk}, (b, a, c)),
    ):
        assert as_alice.post(of(album, "move/"), {"job": a.pk, **fields}, headers=HTMX).status_code == 204
        assert shown(as_alice.get(of(album))) == ids(*then)
    assert as_alice.post(of(album, "move/"), {"job": a.pk, "after": make_job(alice).pk}).status_code == 404
    assert as_alice.post(of(album, "move/"), {"job": make_job(alice).pk, "to": "later"}).status_code == 302


def test_one_of_it_becomes_the_cover(as_alice, alice, album):
    job = make_job(alice)
    assert "Choose one" in as_alice.post(of(album, "cover/"), {"job": job.pk}, follow=True).content.decode()
    albums.add(alice, album, [job.pk])
    as_alice.post(of(album, "cover/"), {"job": job.pk})
    album.refresh_from_db()
    assert album.cover == job


def test_a_smart_one_shows_what_its_search_finds_now(as_alice, alice):
    there = as_alice.post("/albums/new/", {"title": "Films", "query": "?kind=video"})["Location"]
    video, _ = make_job(alice, kind="video"), make_job(alice)
    response = as_alice.get(there)
    assert shown(response) == ids(video)
    assert 'data-everything="kind=video"' in response.content.decode()


class TestTeam:
    @pytest.fixture
    def ours(self, alice, bob, operator) -> Album:
        team = Team.objects.create(name="North")
        roles = ((alice, TeamRole.OWNER), (bob, TeamRole.MEMBER), (operator, TeamRole.VIEWER))
        Membership.objects.bulk_create(Membership(team=team, user=user, role=role) for user, role in roles)
        return albums.create(alice, "Ours", team=team.pk)

    def test_a_member_changes_it_and_its_owner_deletes_it(self, as_bob, ours):
        assert as_bob.post(of(ours, "change/"), {"title": "Theirs", "team": ""}).status_code == 302
        ours.refresh_from_db()
        assert (ours.title, ours.team_id is not None) == ("Theirs", True)
        assert as_bob.post(of(ours, "delete/")).status_code == 404

    def test_who_looks_on_only_looks(self, as_operator, ours):
        html = as_operator.get(of(ours)).content.decode()
        assert "Edit" not in html
        for verb in ("change/", "cover/", "move/", "delete/"):
            assert as_operator.post(of(ours, verb), {"title": "x"}).status_code == 404

    def test_a_member_sees_none_but_what_is_shared(self, as_bob, alice, ours):
        shared, private = make_job(alice, team=ours.team), make_job(alice, team=ours.team)
        albums.add(alice, ours, [shared.pk, private.pk])
        private.team = None
        private.save()
        assert shown(as_bob.get(of(ours))) == ids(shared)


def test_anothers_is_not_there(as_bob, album):
    assert as_bob.get(of(album)).status_code == 404
    for verb in ("change/", "cover/", "move/", "delete/", "restore/"):
        assert as_bob.post(of(album, verb), {"title": "x"}).status_code == 404


def test_what_is_anothers_has_their_card_without_what_only_they_may_press(as_alice, alice, bob):
    team = Team.objects.create(name="North")
    for user in (alice, bob):
        Membership.objects.create(team=team, user=user, role=TeamRole.MEMBER)
    shared = albums.create(alice, "Ours", team=team.pk)
    mine, theirs = (make_job(user, "failed", team=team) for user in (alice, bob))
    albums.add(alice, shared, [mine.pk, theirs.pk])
    html = as_alice.get(of(shared)).content.decode()
    assert f"/jobs/{mine.pk}/retry/" in html
    assert f"/jobs/{theirs.pk}/retry/" not in html
    for job in (mine, theirs):
        assert f'name="job" value="{job.pk}" form="selection"' in html


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "page"])
def test_what_was_taken_out_can_be_put_back(as_alice, alice, album, headers):
    before, *jobs = (make_job(alice) for _ in range(3))
    albums.add(alice, album, [before.pk, *(job.pk for job in jobs)])
    for address, sent in (("/organise/", {"job": [jobs[0].pk]}), (f"/jobs/{jobs[1].pk}/mark/", {"as": "page"})):
        there = {"HTTP_REFERER": f"http://testserver{of(album)}"}
        page = as_alice.post(address, {**sent, "leave": album.pk}, headers=headers, follow=True, **there)
        undo = page.content.decode().partition("data-put-back")[2].partition("</form>")[0]
        assert f'name="album" value="{album.pk}"' in undo
        assert album.items.count() == 2
        [put_back] = [job.pk for job in jobs if f'name="job" value="{job.pk}"' in undo]
        was = re.findall(r'name="was" value="([^"]+)"', undo)
        as_alice.post("/organise/", {"job": [put_back], "album": album.pk, "was": [*was, "x@1", f"{put_back}@"]})
        stand = list(album.items.order_by("place").values_list("job", flat=True))
        assert stand == [before.pk, *(job.pk for job in jobs)], "where they stood"
