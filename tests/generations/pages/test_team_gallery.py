"""A team's gallery and its feed: what is there, for whom, and how it is paged."""

import pytest

from accounts.models import Membership
from generations import search
from generations.models import Album
from generations.together import activity, review
from tests.generations.pages.conftest import make_job, queries
from tests.generations.together.cast import browser, make_shared, make_team, person

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def team():
    return make_team()


def gallery(team, query: str = "", who: str = "Carol") -> str:
    return browser(person(who)).get(f"/teams/{team.pk}/{query}").content.decode()


def test_its_people_see_it_and_others_do_not(team):
    for who, status in (("Alice", 200), ("Carol", 200), ("Dave", 404)):
        for page in ("", "activity/"):
            assert browser(person(who)).get(f"/teams/{team.pk}/{page}").status_code == status


def test_it_shows_what_is_shared_with_it_alone(team):
    shared, other = make_shared(person("Alice"), team), make_team("Harbour", alice="owner")
    hidden = [make_job(person("Alice")), make_shared(person("Alice"), other), make_shared(person("Alice"), team)]
    hidden[2].hide()
    html = gallery(team)
    assert f'id="job-{shared.pk}"' in html
    assert not [job for job in hidden if str(job.pk) in html]


def test_it_takes_no_filter_by_the_marks_of_its_people(team):
    job = make_shared(person("Alice"), team, note="a secret", stars=3)
    html = gallery(team, "?stars=5&tag=x&key=1&favourite=1&colour=red&sort=stars")
    assert f'id="job-{job.pk}"' in html
    assert "data-arrivals" in html, "nothing narrows it"
    assert f'id="job-{job.pk}"' not in gallery(team, "?q=secret")
    page = browser(person("Carol")).get(f"/jobs/{job.pk}/", {"in": f"team={team.pk}&stars=5&kind=image"})
    assert "stars" not in page.context["strip"].search.kept


def test_it_can_be_one_persons(team):
    alices, bobs = make_shared(person("Alice"), team), make_shared(person("Bob"), team)
    html = gallery(team, f"?person={person('Bob').pk}")
    assert str(bobs.pk) in html
    assert str(alices.pk) not in html
    assert f'data-person="{person("Bob").pk}"' in html


def test_what_others_made_can_be_compared_and_downloaded_and_by_who_writes_shared_and_put_into_its_albums(team):
    job = make_shared(person("Alice"), team)
    parts = [f'value="{job.pk}" form="selection"', "data-compare", "data-zip", 'id="selection"']
    for who, writes in (("Bob", True), ("Carol", False)):
        html = gallery(team, who=who)
        assert [part for part in parts if part not in html] == []
        assert ["/links/selection/" in html, 'name="into"' in html] == [writes, writes]
        assert "data-delete" not in html


def test_a_new_album_of_its_gallery_is_the_teams(team):
    job, mine = make_shared(person("Alice"), team), Album.objects.create(owner=person("Bob"), title="Moods")
    asked = {"job": [job.pk], "do": "into", "into": "Moods", "team": team.pk}
    assert browser(person("Carol")).post("/organise/", asked).status_code == 404, "she only looks"
    for _ in range(2):
        browser(person("Bob")).post("/organise/", asked)
    album = Album.objects.exclude(pk=mine.pk).get()
    assert (album.title, album.team, album.owner) == ("Moods", team, person("Bob"))
    assert [item.job_id for item in album.items.all()] == [job.pk]
    listed = browser(person("Bob")).get(f"/organise/menu/?team={team.pk}", headers=HX).context["albums"]
    assert list(listed) == [album]


def test_cards_of_others_have_none_of_their_verbs_and_say_how_they_were_judged(team):
    job = make_shared(person("Alice"), team, state="failed")
    review.judge(job, person("Bob"), "rejected")
    html = gallery(team, who="Bob")
    assert "card-review is-rejected" in html
    assert "by Alice: " in html
    assert f"/jobs/{job.pk}/retry/" not in html


def test_an_empty_one_teaches_those_who_can_share(team):
    assert "Nothing is shared here yet" in gallery(team)
    assert "Choose from my gallery" in gallery(team, who="Bob")
    assert "Choose from my gallery" not in gallery(team, who="Carol")
    assert "Nothing matches" in gallery(team, "?kind=video")


def test_pages_go_on_where_the_last_one_ended_and_cost_the_same(team, monkeypatch):
    monkeypatch.setattr(search.asking, "PAGE", 3)
    made = [make_shared(person(who), team) for who in ("Alice", "Bob", "Alice", "Bob", "Alice")]
    first = gallery(team)
    assert [str(job.pk) in first for job in made] == [False, False, True, True, True]
    following = f"?before={made[2].pk}"
    rest = browser(person("Bob")).get(f"/teams/{team.pk}/{following}", headers=HX).content.decode()
    assert [f'id="job-{job.pk}"' in rest for job in made] == [True, True, False, False, False]
    assert "<html" not in rest
    few = len(queries(browser(person("Bob")), f"/teams/{team.pk}/"))
    monkeypatch.setattr(search.asking, "PAGE", 5)
    assert len(queries(browser(person("Bob")), f"/teams/{team.pk}/")) == few


class TestActivity:
    def test_it_says_who_did_what(self, team):
        job = make_shared(person("Alice"), team, prompt="a lighthouse")
        activity.note_shared(team, person("Alice"), [job, make_shared(person("Alice"), team)])
        activity.note(team, person("Bob"), "review", job=job, review="approved")
        activity.note(team, None, "comment", job=job, guest="Client")
        album = Album.objects.create(owner=person("Bob"), team=team, title="Sea")
        activity.note(team, person("Bob"), "album", album=album)
        activity.note(team, person("Bob"), "album", album=album, added=3)
        words = " ".join(browser(person("Carol")).get(f"/teams/{team.pk}/activity/").content.decode().split())
        for said in ("shared 2 results", "approved <a", "(by a link) commented on", "shared the album", "Sea"):
            assert said in words
        assert "put 3 results into the album" in words

    def test_who_joined_and_left_is_told_as_the_log_has_it(self, team):
        alices = browser(person("Alice"))
        Membership.objects.get(user=person("Bob")).delete()
        bobs = browser(person("Bob"))
        assert bobs.get(f"/teams/{team.pk}/activity/").status_code == 404
        alices.post(f"/teams/{team.pk}/people/{person('Carol').pk}/remove/")
        html = alices.get(f"/teams/{team.pk}/activity/").content.decode()
        assert "took Carol out of the team" in html

    @pytest.mark.parametrize("before", ["x", "2026-01-01", "9" * 300, "0001-01-01T00:00:00+00:00"])
    def test_an_odd_place_is_no_fault(self, team, before):
        assert browser(person("Bob")).get(f"/teams/{team.pk}/activity/", {"before": before}).status_code == 200


def test_what_one_puts_into_an_album_page_by_page_is_one_line(team):
    sea = Album.objects.create(owner=person("Bob"), team=team, title="Sea")
    sky = Album.objects.create(owner=person("Bob"), team=team, title="Sky")
    for album, detail in (
        (sea, {}),
        (sea, {"added": 36}),
        (sea, {"added": 36}),
        (sea, {"added": 3}),
        (sky, {"added": 1}),
    ):
        activity.note(team, person("Bob"), "album", album=album, **detail)
    [(_, lines)] = activity.feed(team).days
    assert [(line.album, line.detail.get("added")) for line in lines] == [(sky, 1), (sea, 75), (sea, None)]
