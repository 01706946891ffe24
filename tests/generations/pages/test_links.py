"""A person's own links: made knowingly, shown once, found again, ended."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Team
from generations.links import contents
from generations.models import Album, AlbumItem, Conversation, ShareItem, ShareLink
from tests.generations.links.conftest import make_link
from tests.generations.pages.conftest import make_job, queries

TERMS = {"audience": "anyone", "expiry": "week", "shows_prompt": "on"}


def token_in(page: str) -> str:
    return page.partition('value="http://testserver/s/')[2].partition("/")[0]


def test_its_address_is_shown_once_with_a_code(as_alice, alice, settings):
    settings.PUBLIC_URL = ""
    made = as_alice.post(f"/links/new/?job={make_job(alice).pk}", {**TERMS, "label": "For you"})
    page, token = made.content.decode(), token_in(made.content.decode())
    assert len(token) >= 22, "at least 128 bits"
    assert "no-store" in made["Cache-Control"]
    assert "<svg viewBox" in page
    link = ShareLink.objects.get()
    assert timedelta(days=6.9) < link.expires_at - timezone.now() <= timedelta(days=7)
    for address in ("/links/", f"/links/{link.pk}/"):
        later = as_alice.get(address).content.decode()
        assert "For you" in later
        assert token not in later


def test_a_selection_goes_to_its_link_in_its_order(as_alice, alice, bob):
    jobs = [make_job(alice) for _ in range(2)]
    ids = [str(job.pk) for job in (jobs[1], jobs[0], make_job(bob))]
    there = as_alice.post("/links/selection/", {"job": ids}).url
    as_alice.post(there, TERMS)
    assert list(ShareItem.objects.values_list("job", flat=True)) == [jobs[1].pk, jobs[0].pk], "and nobody else's"


@pytest.mark.parametrize("sent", [{"job": ["x"] * 201}, {"job": [], "query": "?"}], ids=["201", "all"])
def test_more_than_one_link_opens_is_refused_and_not_cut(sent, as_alice):
    said = "One link opens 200 selected jobs at most."
    answer = as_alice.post("/links/selection/", sent, headers={"HX-Request": "true"})
    assert said in answer.content.decode()
    assert "HX-Redirect" not in answer
    assert said in as_alice.post("/links/selection/", sent, follow=True).content.decode()


def test_sharing_a_selection_is_offered_for_as_many_as_a_link_opens(as_alice, alice):
    make_job(alice)
    button = as_alice.get("/gallery/").content.decode().partition('formaction="/links/selection/"')[2].partition(">")[0]
    assert f'data-most="{contents.MOST_SELECTED}"' in button


@pytest.mark.parametrize("what", ["job", "album", "conversation"])
def test_only_what_is_ones_own_can_be_sent(what, as_bob, alice):
    made = {
        "job": make_job(alice),
        "album": Album.objects.create(owner=alice, title="Foxes"),
        "conversation": Conversation.objects.create(owner=alice),
    }
    assert as_bob.post(f"/links/new/?{what}={made[what].pk}", TERMS).status_code == 404
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"expiry": ""}, "This field is required."),
        ({"expiry": "date"}, "Choose the last day."),
        ({"expiry": "date", "day": "2020-01-01"}, "This day is over."),
        ({"most_views": "0"}, "A link opens once at least."),
        ({"audience": "team"}, "Select a valid choice."),
    ],
    ids=["no end", "no day", "past", "no views", "no team"],
)
def test_what_is_missing_is_said(given, says, as_alice, alice):
    refused = as_alice.post(f"/links/new/?job={make_job(alice).pk}", {**TERMS, **given})
    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert not ShareLink.objects.exists()


def test_endless_only_where_it_is_chosen_and_allowed(as_alice, alice, settings):
    address = f"/links/new/?job={make_job(alice).pk}"
    assert as_alice.get(address).context["form"]["expiry"].value() == "week"
    as_alice.post(address, {**TERMS, "expiry": "never"})
    assert ShareLink.objects.get().expires_at is None
    settings.LONGEST_LINK = 30
    assert as_alice.post(address, {**TERMS, "expiry": "never"}).status_code == 422


def test_strangers_are_offered_only_where_the_operator_lets_them_in(as_alice, alice, settings):
    settings.PUBLIC_LINKS = False
    address = f"/links/new/?job={make_job(alice).pk}"
    assert "Anyone with the link" not in as_alice.get(address).content.decode()
    assert as_alice.post(address, TERMS).status_code == 422


def test_a_password_is_kept_changed_and_taken_away(as_alice, alice):
    job = make_job(alice)
    as_alice.post(f"/links/new/?job={job.pk}", {**TERMS, "secret": "swordfish"})
    link = ShareLink.objects.get()
    first = link.password
    assert "swordfish" not in first
    edited = {**TERMS, "expiry": "keep"}
    as_alice.post(f"/links/{link.pk}/", edited)
    link.refresh_from_db()
    assert (link.password, link.version) == (first, 1)
    as_alice.post(f"/links/{link.pk}/", {**edited, "without_password": "on"})
    link.refresh_from_db()
    assert (link.password, link.version) == ("", 2)


def test_revoking_one_or_all(as_alice, alice, bob):
    links = [make_link(alice, (make_job(alice),))[0] for _ in range(3)]
    make_link(bob, (make_job(bob),))
    as_alice.post(f"/links/{links[0].pk}/revoke/")
    assert ShareLink.objects.filter(revoked_at=None).count() == 3
    as_alice.post("/links/revoke/")
    assert list(ShareLink.objects.filter(revoked_at=None).values_list("owner", flat=True)) == [bob.pk]
    as_alice.post(f"/links/{links[0].pk}/", {**TERMS, "expiry": "keep", "label": "late"})
    assert not ShareLink.objects.filter(label="late").exists(), "ended links stay as they are"


def test_a_new_address_opens_and_the_old_one_does_not(as_alice, alice, settings):
    settings.PUBLIC_URL = ""
    link, old = make_link(alice, (make_job(alice),))
    new = token_in(as_alice.post(f"/links/{link.pk}/address/").content.decode())
    assert [Client().get(f"/s/{token}/").status_code for token in (old, new)] == [404, 200]


def test_the_list_costs_the_same_however_long(as_alice, alice):
    team = Team.objects.create(name="Studio")
    make_link(alice, (make_job(alice),), audience="team", team=team)
    few = len(queries(as_alice, "/links/"))
    for _ in range(5):
        make_link(alice, (make_job(alice),), audience="team", team=team)
        make_link(alice, (make_job(alice), make_job(alice)))
    make_link(alice, conversation=Conversation.objects.create(owner=alice))
    assert len(queries(as_alice, "/links/")) == few


def test_a_page_of_many_jobs_costs_the_same_however_many(alice, keep):
    album = Album.objects.create(owner=alice, title="Foxes")

    def put(count: int) -> None:
        for _ in range(count):
            job = make_job(alice)
            keep(job)
            AlbumItem.objects.create(album=album, job=job, place=0)

    put(2)
    _, token = make_link(alice, album=album, grows=True)
    guest = Client()
    few = len(queries(guest, f"/s/{token}/"))
    put(6)
    assert len(queries(guest, f"/s/{token}/")) == few
