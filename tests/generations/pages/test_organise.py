"""Marks by their addresses: for one job, for those that were chosen, and for everything found."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Team, TeamRole
from generations.models import Album, Job
from generations.organising import albums, tags
from generations.views.audiences import Change, InTeam
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def mark(client: Client, job: Job, **fields):
    return client.post(f"/jobs/{job.pk}/mark/", fields)


@pytest.fixture
def team(alice, bob) -> Team:
    made = Team.objects.create(name="North")
    Membership.objects.create(team=made, user=alice, role=TeamRole.OWNER)
    Membership.objects.create(team=made, user=bob, role=TeamRole.MEMBER)
    return made


def test_a_jobs_page_saves_each_mark(as_alice, alice):
    job = make_job(alice)
    sent = ({"favourite": "on"}, {"stars": "4"}, {"colour": "blue"}, {"note": "for <b>Bob</b>"}, {"tags": "sea, sky"})
    for fields in (*sent, {"into": "Covers"}):
        assert mark(as_alice, job, **fields)["Location"] == f"/jobs/{job.pk}/"
    html = as_alice.get(f"/jobs/{job.pk}/").content.decode()
    job.refresh_from_db()
    assert (job.is_favourite, job.stars, job.colour, job.note) == (True, 4, "blue", "for <b>Bob</b>")
    assert 'name="favourite" value="off"' in html
    assert 'name="stars" value="4" data-key="4" aria-label="4 of 5" checked' in html
    assert "for &lt;b&gt;Bob&lt;/b&gt;" in html
    assert 'name="untag" value="sea"' in html
    assert f'href="/albums/{Album.objects.get(title="Covers").pk}/"' in html
    mark(as_alice, job, untag="sea")
    mark(as_alice, job, leave=Album.objects.get().pk)
    assert [tag.name for tag in job.tags.all()] == ["sky"]
    assert not Album.objects.get().items.exists()


def test_all_that_is_chosen_is_done_however_far_one_scrolled(as_alice, alice):
    rows = [
        Job(owner=alice, provider="local", kind="image", prompt="a", due_at=None, state="succeeded")
        for _ in range(1200)
    ]
    chosen = [str(job.pk) for job in Job.objects.bulk_create(rows)]
    html = as_alice.post("/organise/", {"job": chosen, "do": "stars=3"}, headers=HTMX).content.decode()
    assert "1200 jobs given 3 of 5 stars." in html
    html = as_alice.post("/gallery/delete/", {"job": chosen}, headers=HTMX).content.decode()
    assert "Deleted 1200." in html
    as_alice.post("/gallery/restore/", {"job": chosen}, headers=HTMX)
    assert Job.objects.filter(owner=alice, deleted_at=None, stars=3).count() == 1200


@pytest.mark.parametrize("fields", [{"stars": "6"}, {"stars": "many"}, {"colour": "pink"}, {"favourite": "maybe"}])
def test_what_there_is_not_is_refused(as_alice, alice, fields):
    assert mark(as_alice, make_job(alice), **fields).status_code == 400


def test_htmx_gets_the_card_or_the_part_of_the_page(as_alice, alice):
    job = make_job(alice)
    address = f"/jobs/{job.pk}/mark/"
    card = as_alice.post(address, {"favourite": "on"}, headers=HTMX).content.decode()
    assert card.startswith("<article")
    assert 'aria-pressed="true"' in card
    part = as_alice.post(address, {"stars": "2", "as": "page"}, headers=HTMX).content.decode()
    assert f'id="organise-{job.pk}"' in part
    assert b"Saved" in as_alice.post(address, {"note": "x", "as": "note"}, headers=HTMX).content


def test_a_teammate_puts_it_into_an_album_and_marks_nothing(as_alice, alice, bob, team):
    theirs, private = make_job(bob, team=team), make_job(bob)
    ours = albums.create(alice, "Ours", team=team.pk)
    assert mark(as_alice, theirs, stars="5").status_code == 404
    assert mark(as_alice, theirs, note="mine").status_code == 404
    assert mark(as_alice, private, album=ours.pk).status_code == 404
    assert mark(as_alice, theirs, album=ours.pk).status_code == 302
    assert ours.items.get().job == theirs
    theirs.refresh_from_db()
    assert (theirs.stars, theirs.note) == (0, "")
    Job.objects.update(note="a private thought")
    theirs.refresh_from_db()
    html = as_alice.get(f"/jobs/{theirs.pk}/").content.decode()
    assert f'href="/albums/{ours.pk}/"' in html
    assert "a private thought" not in html
    live = InTeam(team.pk, theirs.pk).told([Change(theirs)], timezone.now())
    assert b"organise-" in live
    assert b"a private thought" not in live


def test_a_teammates_goes_into_albums_of_the_team_alone_by_those_who_write_in_it(as_alice, alice, bob, team):
    theirs = make_job(bob, team=team)
    own = albums.create(alice, "Best of")
    assert "a team album" in as_alice.get(f"/jobs/{theirs.pk}/").text
    mark(as_alice, theirs, into="Best of")
    assert Album.objects.exclude(pk=own.pk).get(title="Best of", team=team).items.get().job == theirs
    assert not own.items.exists()
    Membership.objects.filter(user=alice).update(role="viewer")
    assert 'name="into"' not in as_alice.get(f"/jobs/{theirs.pk}/").text
    assert mark(as_alice, theirs, into="Another").status_code == 404
    assert not Album.objects.filter(title="Another").exists()


def test_many_at_once(as_alice, alice, bob):
    mine, theirs = [make_job(alice), make_job(alice)], make_job(bob)
    chosen = {"job": [str(job.pk) for job in (*mine, theirs)], "tags": "typed and not sent"}
    html = as_alice.post("/organise/", {**chosen, "do": "stars=3"}, headers=HTMX).content.decode()
    assert "2 jobs given 3 of 5 stars." in html
    assert html.count("<article") == 2
    assert Job.objects.filter(stars=3).count() == 2
    as_alice.post("/organise/", {**chosen, "tags": "sea, sky", "do": "tags"})
    as_alice.post("/organise/", {**chosen, "tags": "sky", "do": "untag<tags"})
    assert [tag.name for tag in mine[0].tags.all()] == ["sea"]
    assert not theirs.tags.exists()


def test_everything_found_is_sent_as_its_search(as_alice, alice):
    found, other = make_job(alice), make_job(alice, kind="video")
    response = as_alice.post("/organise/", {"query": "?kind=image", "do": "favourite=on"}, headers=HTMX)
    assert response["HX-Refresh"] == "true"
    found.refresh_from_db()
    other.refresh_from_db()
    assert (found.is_favourite, other.is_favourite) == (True, False)


def test_nobody_elses_album_is_written_to(as_alice, alice, bob):
    theirs = albums.create(bob, "Theirs")
    response = as_alice.post("/organise/", {"job": [str(make_job(alice).pk)], "album": theirs.pk, "do": "album"})
    assert response.status_code == 404


def test_what_completes_ones_typing_is_ones_own(as_alice, alice, bob):
    tags.put(alice, [make_job(alice).pk], ["sea"])
    tags.put(bob, [make_job(bob).pk], ["secret"])
    albums.create(alice, "Covers")
    html = as_alice.get("/organise/menu/", headers=HTMX).content.decode()
    assert '<option value="sea">' in html
    assert '<option value="Covers">' in html
    assert "secret" not in html


class TestTags:
    def test_they_are_listed_renamed_merged_and_deleted(self, as_alice, alice):
        job = make_job(alice)
        tags.put(alice, [job.pk], ["sea", "sky"])
        sea, sky = tags.of(alice)
        assert "1 job" in as_alice.get("/tags/").content.decode()
        as_alice.post(f"/tags/{sea.pk}/rename/", {"name": "ocean"})
        as_alice.post(f"/tags/{sky.pk}/merge/", {"into": "Ocean", "sure": "yes"})
        assert [tag.name for tag in job.tags.all()] == ["ocean"]
        as_alice.post(f"/tags/{sea.pk}/delete/", {"sure": "yes"})
        assert "No tags yet" in as_alice.get("/tags/").content.decode()

    @pytest.mark.parametrize("sent", ["rename name=sky", "merge into=sky", "delete x="])
    def test_what_cannot_be_undone_is_asked_where_it_is_used(self, as_alice, alice, sent):
        verb, _, field = sent.partition(" ")
        name, _, value = field.partition("=")
        tags.put(alice, [make_job(alice).pk], ["sea"])
        [sea] = tags.of(alice)
        tags._named(alice, "sky")
        asked = as_alice.post(f"/tags/{sea.pk}/{verb}/", {name: value}).content.decode()
        assert "1 job" in asked
        assert 'name="sure"' in asked
        assert tags.of(alice).filter(name="sea").exists()
        as_alice.post(f"/tags/{sea.pk}/{verb}/", {name: value, "sure": "yes"})
        assert not tags.of(alice).filter(name="sea").exists()

    def test_one_that_no_job_has_goes_at_once(self, as_alice, alice):
        as_alice.post(f"/tags/{tags._named(alice, 'sea').pk}/delete/")
        assert not tags.of(alice).exists()

    def test_the_page_names_each_as_often_however_many_there_are(self, as_alice, alice):
        for number in range(9):
            tags._named(alice, f"word-{number}")
        assert as_alice.get("/tags/").content.decode().count('<option value="') == 9

    def test_anothers_is_not_there(self, as_alice, alice, bob):
        theirs, mine = tags._named(bob, "sea"), tags._named(alice, "sky")
        for verb, fields in (("rename", {"name": "x"}), ("merge", {"into": mine.name}), ("delete", {})):
            assert as_alice.post(f"/tags/{theirs.pk}/{verb}/", fields).status_code == 404
        as_alice.post(f"/tags/{mine.pk}/merge/", {"into": theirs.name})
        assert list(tags.of(alice)) == [mine]
