"""The gallery: pages by keyset, filters, search, and a selection that can be deleted and brought back."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from generations.models import Album, Job
from generations.models.states import State
from generations.organising import tags
from generations.search import asking, finding, looking, words
from studio.lib.ids import first_at, uuid7
from tests.generations.pages.conftest import make_job, queries
from tests.generations.together.cast import make_team, person

pytestmark = pytest.mark.django_db

GALLERY, DELETE, RESTORE = "/gallery/", "/gallery/delete/", "/gallery/restore/"
HTMX = {"HX-Request": "true"}


def shown(response) -> list[str]:
    """The ids of the cards, in their order."""
    return re.findall(r'<article class="card[^>]+id="job-([^"]+)"', response.content.decode())


def ids(*jobs: Job) -> list[str]:
    return [str(job.pk) for job in jobs]


def following(response) -> str | None:
    found = re.search(r'class="button grid-more" href="([^"]+)"', response.content.decode())
    return found and found[1].replace("&amp;", "&")


def test_a_job_of_several_pictures_shows_four_of_them(as_alice, alice, keep):
    one, five = make_job(alice), make_job(alice)
    keep(one)
    for position in range(5):
        keep(five, position=position)
    html = as_alice.get(GALLERY).content.decode()
    assert html.count('class="card-several') == 1
    assert "card-several has-4" in html
    assert html.count('class="card-part"') == 4


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(asking, "PAGE", 3)


class TestPages:
    def test_empty_teaches(self, as_alice):
        html = as_alice.get(GALLERY).content.decode()
        assert "Nothing here yet" in html
        assert f'href="{reverse("create")}"' in html

    def test_newest_first_and_nobody_elses(self, as_alice, alice, bob):
        jobs = [make_job(alice) for _ in range(3)]
        make_job(bob)
        assert shown(as_alice.get(GALLERY)) == ids(*reversed(jobs))

    @pytest.mark.usefixtures("small_pages")
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_every_job_is_on_one_page(self, as_alice, alice, headers):
        jobs = [make_job(alice) for _ in range(8)]
        seen, address = [], GALLERY
        while address:
            response = as_alice.get(address, headers=headers)
            seen.append(shown(response))
            address = following(response)
        assert [len(page) for page in seen] == [3, 3, 2]
        assert [job for page in seen for job in page] == ids(*reversed(jobs))

    @pytest.mark.usefixtures("small_pages")
    def test_what_comes_meanwhile_shifts_no_page(self, as_alice, alice):
        jobs = [make_job(alice) for _ in range(5)]
        onwards = following(as_alice.get(GALLERY))
        make_job(alice)
        assert shown(as_alice.get(onwards)) == ids(jobs[1], jobs[0])

    @pytest.mark.usefixtures("small_pages")
    def test_a_full_last_page_offers_no_other(self, as_alice, alice):
        for _ in range(3):
            make_job(alice)
        assert following(as_alice.get(GALLERY)) is None

    @pytest.mark.usefixtures("small_pages")
    def test_the_next_page_is_narrowed_like_this_one(self, as_alice, alice):
        for _ in range(5):
            make_job(alice, prompt="a & b")
            make_job(alice, kind="video")
        onwards = following(as_alice.get(f"{GALLERY}?q=a+%26+b&kind=image&state=done"))
        assert "q=a+%26+b&kind=image&state=done&before=" in onwards
        assert len(shown(as_alice.get(onwards))) == 2

    @pytest.mark.usefixtures("small_pages")
    def test_no_page_is_reached_by_counting(self, as_alice, alice):
        for _ in range(9):
            make_job(alice)
        for _ in range(3):
            address = following(as_alice.get(GALLERY))
            sql = queries(as_alice, address)
            assert any("LIMIT" in query for query in sql)
            assert not any("OFFSET" in query for query in sql)
            assert not any(
                "COUNT(*)" in query and "generations_job" in query and "GROUP BY" not in query for query in sql
            )

    def test_htmx_gets_the_results_alone(self, as_alice, alice):
        make_job(alice)
        html = as_alice.get(GALLERY, headers=HTMX).content.decode()
        assert html.lstrip().startswith('<div id="results">')
        assert 'id="q"' not in html, "what one is typing in is not swapped under one's fingers"

    @pytest.mark.usefixtures("small_pages")
    def test_htmx_gets_the_next_cards_alone(self, as_alice, alice):
        for _ in range(4):
            make_job(alice)
        html = as_alice.get(following(as_alice.get(GALLERY)), headers=HTMX).content.decode()
        assert html.lstrip().startswith("<article")

    def test_coming_back_to_it_needs_the_whole_page(self, as_alice):
        response = as_alice.get(f"{GALLERY}?q=fox", headers={**HTMX, "HX-History-Restore-Request": "true"})
        assert "<html" in response.content.decode()


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "states"),
        [
            ("", set(State)),
            ("state=done", {State.SUCCEEDED}),
            ("state=running", {State.QUEUED, State.SUBMITTING, State.PENDING, State.RUNNING, State.SAVING}),
            ("state=look", {State.UNCONFIRMED}),
            ("state=failed", {State.FAILED, State.CANCELLED}),
            ("state=nonsense", set(State)),
        ],
    )
    def test_by_state(self, as_alice, alice, query, states):
        jobs = {state: make_job(alice, state) for state in State}
        assert set(shown(as_alice.get(f"{GALLERY}?{query}"))) == {str(jobs[state].pk) for state in states}

    def test_by_kind(self, as_alice, alice):
        image, video = make_job(alice), make_job(alice, kind="video")
        assert shown(as_alice.get(f"{GALLERY}?kind=image")) == ids(image)
        assert shown(as_alice.get(f"{GALLERY}?kind=video")) == ids(video)
        assert len(shown(as_alice.get(f"{GALLERY}?kind=sound"))) == 2

    def test_what_was_chosen_stays_chosen(self, as_alice):
        html = as_alice.get(f"{GALLERY}?q=%3Cfox%3E&kind=video&state=look").content.decode()
        assert 'value="&lt;fox&gt;"' in html
        assert 'value="video" checked' in html
        assert 'value="look" selected' in html

    def test_nothing_found_offers_everything(self, as_alice, alice):
        make_job(alice)
        html = as_alice.get(f"{GALLERY}?q=hare").content.decode()
        assert "Nothing matches" in html
        assert "Nothing here yet" not in html

    def test_without_favourites_it_says_how_one_gets_them(self, as_alice, alice):
        job = make_job(alice)
        assert "No favourites yet" in as_alice.get(f"{GALLERY}?favourite=1").content.decode()
        assert "Nothing matches" in as_alice.get(f"{GALLERY}?favourite=1&kind=video").content.decode()
        Job.objects.filter(pk=job.pk).update(is_favourite=True)
        assert shown(as_alice.get(f"{GALLERY}?favourite=1")) == ids(job)

    def test_one_star_is_no_stars(self, as_alice):
        said = [
            re.findall(r'<span dir="auto">([^<]+)', as_alice.get(f"{GALLERY}?stars={n}").content.decode())
            for n in "125"
        ]
        assert said == [["1 star or more"], ["2 stars or more"], ["5 stars"]]

    @pytest.mark.parametrize("before", ["x", "", "0", "%00", "-1"])
    def test_an_odd_place_to_go_on_from_is_the_beginning(self, as_alice, alice, before):
        job = make_job(alice)
        assert shown(as_alice.get(f"{GALLERY}?before={before}")) == ids(job)


class TestDeleting:
    def test_a_selection_goes_and_the_answer_offers_to_undo_it(self, as_alice, alice):
        gone, stays = [make_job(alice), make_job(alice)], make_job(alice)
        html = as_alice.post(DELETE, {"job": ids(*gone)}, headers=HTMX).content.decode()
        assert "Deleted 2." in html
        for job in gone:
            assert f'<hx-partial hx-target="#job-{job.pk}" hx-swap="delete">' in html
            assert f'<input type="hidden" name="job" value="{job.pk}">' in html
        assert shown(as_alice.get(GALLERY)) == ids(stays)

    def test_undo_brings_them_back(self, as_alice, alice):
        jobs = [make_job(alice), make_job(alice)]
        as_alice.post(DELETE, {"job": ids(*jobs)})
        response = as_alice.post(RESTORE, {"job": ids(*jobs)}, headers=HTMX)
        assert response["HX-Refresh"] == "true"
        assert set(shown(as_alice.get(GALLERY))) == set(ids(*jobs))

    def test_without_scripts_the_next_page_offers_to_undo_it(self, as_alice, alice):
        jobs = [make_job(alice), make_job(alice)]
        response = as_alice.post(DELETE, {"job": ids(*jobs)}, follow=True)
        html = response.content.decode()
        assert response.redirect_chain == [(GALLERY, 302)]
        assert f'action="{RESTORE}"' in html
        for job in jobs:
            assert f'<input type="hidden" name="job" value="{job.pk}">' in html
        assert as_alice.post(RESTORE, {"job": ids(*jobs)})["Location"] == GALLERY
        assert len(shown(as_alice.get(GALLERY))) == 2

    def test_without_scripts_the_selection_can_be_sent(self, as_alice, alice):
        job = make_job(alice)
        html = as_alice.get(GALLERY).content.decode()
        assert f'name="job" value="{job.pk}" form="selection"' in html
        form = re.search(r'<form class="selection" id="selection"[^>]*>', html)[0]
        assert "hidden" not in form

    def test_others_jobs_are_left_alone(self, as_alice, bob):
        job = make_job(bob)
        html = as_alice.post(DELETE, {"job": ids(job)}, headers=HTMX).content.decode()
        assert html.strip() == ""
        job.refresh_from_db()
        assert job.deleted_at is None

    def test_others_jobs_are_not_brought_back(self, as_alice, as_bob, bob):
        job = make_job(bob)
        as_bob.post(DELETE, {"job": ids(job)})
        as_alice.post(RESTORE, {"job": ids(job)})
        job.refresh_from_db()
        assert job.deleted_at is not None

    def test_odd_ids_are_passed_over(self, as_alice, alice):
        job = make_job(alice)
        as_alice.post(DELETE, {"job": ["x", "", "\0", *ids(job)]})
        assert shown(as_alice.get(GALLERY)) == []

    def test_nothing_chosen_deletes_nothing(self, as_alice, alice):
        make_job(alice)
        response = as_alice.post(DELETE, follow=True)
        assert len(shown(response)) == 1
        assert "Deleted" not in response.content.decode()

    def test_what_is_under_way_is_cancelled_first(self, as_alice, alice):
        job = make_job(alice, State.QUEUED)
        as_alice.post(DELETE, {"job": ids(job)})
        job.refresh_from_db()
        assert job.state == State.CANCELLED


class TestFinding:
    def test_each_filter_is_a_chip_that_can_be_taken_away(self, as_alice, alice):
        job = make_job(alice, kind="video", stars=4)
        album = Album.objects.create(owner=alice, title="Best <of>")
        html = as_alice.get(f"{GALLERY}?kind=video&stars=3&album={album.pk}&sort=stars").content.decode()
        assert 'aria-label="Without Album: Best &lt;of&gt;"' in html
        assert 'href="/gallery/?kind=video&amp;stars=3&amp;sort=stars" aria-label="Without Album' in html
        assert shown(as_alice.get(f"{GALLERY}?kind=video&stars=3&sort=stars")) == ids(job)

    def test_a_teams_albums_are_among_those_to_choose_from(self, as_alice, alice):
        ours, theirs = make_team("Us", alice="viewer"), make_team("Them", bob="owner")
        album, _ = (Album.objects.create(owner=person("Bob"), title="Moods", team=team) for team in (ours, theirs))
        html = as_alice.get(GALLERY).content.decode()
        assert re.findall(r'<option value="([^"]+)">Moods([^<]*)<', html) == [(str(album.pk), " · Us")]

    def test_a_search_can_be_kept_as_a_smart_album(self, as_alice, alice):
        job = make_job(alice, prompt="A <b>fox</b>", note="")
        make_job(alice, prompt="A hare")
        html = as_alice.get(f"{GALLERY}?q=fox&kind=image&before={uuid7()}").content.decode()
        kept = re.search(r'name="query" value="([^"]*)"', html)[1].replace("&amp;", "&")
        assert kept == "q=fox&kind=image"
        as_alice.post(reverse("album-create"), {"title": "Foxes", "query": kept})
        album = Album.objects.get(title="Foxes")
        assert shown(as_alice.get(reverse("album", args=[album.pk]))) == ids(job)

    @pytest.mark.parametrize("asked", ["aspect=9:21", "q=fox&aspect=9:21"])
    def test_a_page_looks_for_a_while_and_the_next_goes_on(self, as_alice, alice, monkeypatch, asked):
        wanted, *_ = [make_job(alice, prompt="A fox", settings={"aspect_ratio": r}) for r in ("9:21", "1:1", "1:1")]
        monkeypatch.setattr(looking, "STEP", 1)
        monkeypatch.setattr(looking, "READING", 1)
        monkeypatch.setattr(looking, "BLIND", 1)
        monkeypatch.setattr(finding, "PATIENCE", 0)
        monkeypatch.setattr(finding, "FURTHER", 0)
        monkeypatch.setattr(words, "FEW", 0)
        first = as_alice.get(f"{GALLERY}?{asked}")
        assert shown(first) == []
        assert "Nothing matches" not in first.text
        second = as_alice.get(following(first), headers=HTMX)
        assert shown(second) == ids(wanted)
        last = as_alice.get(following(second), headers=HTMX)
        assert "grid-month" in second.text
        assert (shown(last), following(last)) == ([], None)
        assert "That is all." in last.text

    def test_the_words_are_marked_where_they_are(self, as_alice, alice):
        make_job(alice, prompt="A <b>fox</b>")
        make_job(alice, prompt="A hare", note="like the foxes of Rome")
        html = as_alice.get(f"{GALLERY}?q=fox").content.decode()
        assert "A &lt;b&gt;<mark>fox</mark>&lt;/b&gt;" in html
        assert "like the <mark>foxes</mark> of Rome" in html
        make_job(alice, prompt="A hat, apart")
        alone = as_alice.get(f"{GALLERY}?q=a").content.decode()
        assert re.findall("<mark>([^<]+)", alone) == ["A", "A", "A"], "and no word that goes on after that letter"

    def test_another_tag_is_asked_for_beside_the_first(self, as_alice, alice):
        tags.put(alice, [make_job(alice).pk], ["sea", "sky"])
        assert "filter-tags" not in as_alice.get(GALLERY, headers=HTMX).content.decode()
        field = (
            as_alice.get(f"{GALLERY}?tag=sea", headers=HTMX).content.decode().partition('hx-target="#filter-tags"')[2]
        )
        assert "Another tag" in field
        assert "<option>sky</option>" in field
        assert "<option>sea" not in field
        assert '<input type="hidden" name="tag" value="sea"' in field

    @pytest.mark.usefixtures("small_pages")
    def test_months_head_the_list_once_and_can_be_jumped_to(self, as_alice, alice):
        jobs = [make_job(alice, id=on(month, n)) for n, month in enumerate((3, 4, 4, 4, 6))]
        first = as_alice.get(GALLERY)
        assert re.findall(r'class="grid-month"[^>]*>([^<]+)', first.content.decode()) == ["June 2026", "April 2026"]
        rest = as_alice.get(following(first), headers=HTMX).content.decode()
        assert re.findall(r'class="grid-month"[^>]*>([^<]+)', rest) == ["March 2026"]
        months = as_alice.get(f"{GALLERY}?kind=image&timeline=1", headers=HTMX).content.decode()
        links = re.findall(r'href="([^"]+)"><span>(\w+)', months)
        assert [name for _, name in links] == ["June", "April", "March"]
        there = as_alice.get(links[1][0].replace("&amp;", "&"))
        assert shown(there) == ids(*jobs[3:0:-1])
        assert "From the beginning" in there.content.decode()
        months = as_alice.get(f"{GALLERY}?sort=oldest&timeline=1", headers=HTMX).content.decode()
        links = re.findall(r'href="([^"]+)"><span>(\w+)', months)
        there = as_alice.get(links[1][0].replace("&amp;", "&"))
        assert shown(there) == ids(*jobs[1:4])
        assert re.findall(r'class="grid-month"[^>]*>([^<]+)', there.content.decode()) == ["April 2026"]
        counted = as_alice.get(f"{GALLERY}?timeline=1").content.decode()
        assert re.findall(r'timeline-count figures">(\d+)', counted) == ["1", "3", "1"]

    def test_all_from_a_place_on_is_the_same_for_a_zip_as_for_a_mark(self, as_alice, alice, keep):
        older, newer = make_job(alice, prompt="older"), make_job(alice, prompt="newer")
        for job in (older, newer):
            keep(job)
        query = f"?before={newer.pk}"
        answer = as_alice.post("/gallery/zip/", {"query": query})

        async def read() -> bytes:
            return b"".join([piece async for piece in answer])

        packed = async_to_sync(read)()
        assert b"older" in packed
        assert b"newer" not in packed
        as_alice.post("/organise/", {"query": query, "do": "stars=2"})
        assert list(Job.objects.filter(stars=2)) == [older]

    def test_alike_prompts_stand_behind_one_another(self, as_alice, alice):
        older, other, newer = (make_job(alice, prompt=text) for text in ("A red fox", "A hare", "a fox, red!"))
        response = as_alice.get(f"{GALLERY}?grouped=1")
        assert shown(response) == ids(newer, other)
        assert f'href="/gallery/?similar={newer.pk}"' in response.content.decode()
        assert shown(as_alice.get(f"{GALLERY}?similar={newer.pk}")) == ids(newer, older)

    @pytest.mark.parametrize(("cookie", "size"), [("large", "large"), ("<x>", "medium"), ("", "medium")])
    def test_the_size_of_cards_is_remembered(self, as_alice, alice, cookie, size):
        make_job(alice)
        as_alice.cookies["density"] = cookie
        assert f'class="grid is-{size}"' in as_alice.get(GALLERY).content.decode()

    def test_prices_are_compared_in_one_unit_at_a_time(self, as_alice, alice):
        make_job(alice, quoted_amount=3, quoted_unit="NOK")
        make_job(alice, quoted_amount=9, quoted_unit="credits")
        html = as_alice.get(f"{GALLERY}?sort=price&unit=NOK").content.decode()
        assert 'unit=NOK" aria-current="true">NOK</a>' in html
        assert ">credits</a>" in html

    @pytest.mark.parametrize(
        "query", ["before=ffffffff-ffff-ffff-ffff-ffffffffffff", "from=0001-01-01", "to=9999-12-31"]
    )
    def test_the_ends_of_time_are_no_fault(self, as_alice, alice, query):
        make_job(alice)
        assert as_alice.get(f"{GALLERY}?{query}").status_code == 200

    def test_a_page_asks_as_often_whatever_is_on_it(self, as_alice, alice):
        make_job(alice, stars=3)
        few = len(queries(as_alice, f"{GALLERY}?q=fox&grouped=1"))
        for n in range(5):
            make_job(alice, stars=n, prompt=f"A fox {n}")
        assert len(queries(as_alice, f"{GALLERY}?q=fox&grouped=1")) == few


def on(month: int, number: int) -> UUID:
    moment = datetime(2026, month, 15, 12, tzinfo=UTC).timestamp()
    return UUID(int=first_at(int(moment * 1000)).int + number)
