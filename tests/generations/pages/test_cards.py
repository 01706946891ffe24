"""Cards of a list: drawn once for all pages, with nothing of one page in another."""

import re
import runpy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from generations import drawn as drawn_cards
from generations.models import Job, Output
from generations.models.states import State
from generations.templatetags import cards
from studio.lib.shelf import Shelf
from tests.generations.pages.conftest import make_job
from tests.generations.together.cast import make_team

pytestmark = pytest.mark.django_db
TOKENS = r'name="csrfmiddlewaretoken" value="([^"]+)"'


@pytest.fixture(autouse=True)
def drawn(monkeypatch) -> list[str]:
    """What was drawn, by the name of its template."""
    monkeypatch.setattr(drawn_cards, "shelf", Shelf(1_000_000))
    found: list[str] = []
    get_template = cards.get_template

    def watched(name: str):
        template = get_template(name)

        class Watched:
            @staticmethod
            def render(parts):
                found.append(name)
                return template.render(parts)

        return Watched

    monkeypatch.setattr(cards, "get_template", watched)
    return found


def test_a_card_is_drawn_once_and_carries_what_is_its_pages_own(as_alice, alice, drawn):
    jobs = [make_job(alice, stars=1) for _ in range(2)]
    first, second = as_alice.get("/gallery/").text, as_alice.get("/gallery/?stars=1").text
    assert len(drawn) == 2
    for job in jobs:
        assert f'href="/jobs/{job.pk}/"' in first
        assert f'href="/jobs/{job.pk}/?in=stars%3D1"' in second
    tokens = [set(re.findall(TOKENS, page)) for page in (first, second)]
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    assert not any(place in first + second for place in (cards.TOKEN_PLACE, cards.WITHIN_PLACE))


def _review(job: Job) -> None:
    job.judge("approved")


def _previews(job: Job) -> None:
    job.outputs.update(thumbnail="a.webp", previews=Output.Previews.READY)
    job.note_facts(remaining=None, inference=1.5)


@pytest.mark.parametrize("address", ["/gallery/", "/teams/{}/"])
def test_of_cards_that_are_there_no_more_than_the_heads_are_read(as_alice, alice, address):
    team = make_team(alice="owner")
    page = address.format(team.pk)
    jobs = [make_job(alice, team=team, prompt=f"Prompt {number}") for number in range(4)]
    first = as_alice.get(page).text
    with CaptureQueriesContext(connection) as again:
        assert _cards(as_alice.get(page).text) == _cards(first)
    assert not any('"generations_job"."prompt"' in one["sql"] for one in again)
    jobs[2].judge("approved")
    with CaptureQueriesContext(connection) as changed:
        assert "Approved" in as_alice.get(page).text
    (read,) = [one["sql"] for one in changed if '"generations_job"."prompt"' in one["sql"]]
    shown = [job.pk for job in jobs if str(job.pk) in read or job.pk.hex in read]
    assert shown == [jobs[2].pk]


@pytest.mark.parametrize(
    ("change", "shown"), [(_review, "Approved"), (_previews, "/0/thumbnail/")], ids=["review", "previews"]
)
def test_what_changes_is_drawn_anew(as_alice, alice, keep, drawn, change, shown):
    job = make_job(alice)
    keep(job, thumbnail="", previews=Output.Previews.PENDING)
    assert shown not in _card(as_alice.get("/gallery/").text)
    change(job)
    assert shown in _card(as_alice.get("/gallery/").text)


def test_a_mark_shows_at_once(as_alice, alice):
    job = make_job(alice)
    assert "card-said" not in _card(as_alice.get("/gallery/").text)
    as_alice.post(f"/jobs/{job.pk}/mark/", {"stars": "3"})
    assert "3 of 5 stars" in _card(as_alice.get("/gallery/").text)


def test_what_is_under_way_is_always_drawn(as_alice, alice, drawn):
    make_job(alice, State.RUNNING)
    for _ in range(2):
        as_alice.get("/gallery/?state=running")
    assert len(drawn) == 2


def test_found_words_are_marked_in_a_card_that_was_drawn_before(as_alice, alice, drawn):
    make_job(alice, prompt="A <b>blue</b> fox")
    plain = '<p class="card-prompt" dir="auto">A &lt;b&gt;blue&lt;/b&gt; fox</p>'
    assert plain in as_alice.get("/gallery/").text
    assert "&lt;b&gt;<mark>blue</mark>&lt;/b&gt; fox" in as_alice.get("/gallery/?q=blue").text
    assert plain in as_alice.get("/gallery/").text
    assert drawn == ["generations/_card.html"]


def test_what_is_alike_stands_behind_a_card_that_was_drawn_before(as_alice, alice, drawn):
    for _ in range(3):
        make_job(alice, prompt="The same")
    first = as_alice.get("/gallery/?grouped=1").text
    assert (first.count("2 more alike"), len(_cards(first)), len(drawn)) == (1, 1, 2)
    assert "more alike" not in as_alice.get("/gallery/").text


def test_a_teams_card_has_the_name_that_its_person_has_now(as_alice, alice, bob):
    team = make_team(alice="owner", bob="member")
    make_job(bob, team=team)
    assert f"{bob.display_name}:" in _card(as_alice.get(f"/teams/{team.pk}/").text)
    User.objects.filter(pk=bob.pk).update(name="Robert")
    page = _card(as_alice.get(f"/teams/{team.pk}/").text)
    assert "Robert:" in page
    assert "heart" not in page, "it is not hers to mark"


def test_no_prompt_can_name_the_place_of_a_token():
    elsewhere = runpy.run_path(cards.__file__)
    assert elsewhere["TOKEN_PLACE"] != cards.TOKEN_PLACE
    assert elsewhere["WITHIN_PLACE"] != cards.WITHIN_PLACE


def _cards(page: str) -> list[str]:
    """Without the token, which is each page's own."""
    found = re.findall(r'<article class="card.*?</article>', page, re.DOTALL)
    return [re.sub(TOKENS, "", card) for card in found]


def _card(page: str) -> str:
    found = re.search(r'<article class="card.*?</article>', page, re.DOTALL)
    assert found
    return found[0]
