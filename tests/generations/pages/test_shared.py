"""What those see who come by a link: who gets in, what it shows, and that it tells nothing else."""

import io
import zipfile

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.models import AuditEntry, Membership, Team
from generations.links import making
from generations.models import Album, Audience, Job, LinkOpening, ShareLink
from generations.models.states import State
from generations.together import comments
from studio.lib import logs
from tests.generations.links.conftest import make_link
from tests.generations.pages.conftest import make_job, png


@pytest.fixture
def stranger(db) -> Client:
    return Client()


def test_a_stranger_sees_the_job_and_nothing_of_what_is_hidden(alice, stranger, keep):
    job = make_job(alice, prompt="a red fox", settings={"seed": 4242}, quoted_amount=2, quoted_unit="NOK")
    keep(job)
    _, token = make_link(alice, (job,), shows_prompt=False, shows_settings=False, shows_person=False)
    page = stranger.get(f"/s/{token}/")
    assert page.status_code == 200
    said = page.content.decode()
    assert f"/s/{token}/media/{job.pk}/0/" in said
    for hidden in ("red fox", "4242", "Studio Image", "NOK", "Alice", "alice@", "Remix"):
        assert hidden not in said
    assert page["X-Robots-Tag"].startswith("noindex")
    assert page["Cache-Control"] == "private, no-store"
    assert stranger.get(f"/s/{token}/media/{job.pk}/0/?download")["Content-Disposition"].endswith('"image.png"')


def test_who_goes_back_to_where_a_form_was_sent_stands_before_the_link_again(alice, stranger):
    job = make_job(alice)
    _, token = make_link(alice, (job,), password=make_password("swordfish"), may_comment=True)
    refused = stranger.post(f"/s/{token}/open/", {"password": "sardine"})
    assert refused.status_code == 422
    again = stranger.get(refused.request["PATH_INFO"])
    assert (again.status_code, again["Location"]) == (302, f"/s/{token}/")
    stranger.post(f"/s/{token}/open/", {"password": "swordfish"})
    nameless = stranger.post(f"/s/{token}/{job.pk}/comment/", {"text": "Lovely"})
    assert nameless.status_code == 422
    assert stranger.get(nameless.request["PATH_INFO"])["Location"] == f"/s/{token}/"


def test_it_shows_what_its_owner_chose(alice, stranger, keep):
    job = make_job(alice, settings={"seed": 4242}, quoted_amount=2, quoted_unit="NOK")
    keep(job)
    _, token = make_link(alice, (job,), shows_cost=True)
    said = stranger.get(f"/s/{token}/").content.decode()
    for shown in ("a red fox", "4242", "Studio Image", "2.00", "Alice"):
        assert shown in said


@pytest.mark.parametrize(
    ("shows", "told", "hidden"),
    [
        ({"shows_prompt": False}, ["4242424242", '"3:2"'], ["fox", "example.com", "a lyric"]),
        ({"shows_settings": False}, ["a-red-fox"], ["4242424242", '"3:2"', "example.com"]),
    ],
    ids=["no prompt", "no settings"],
)
def test_its_zip_tells_no_more_than_its_page(alice, stranger, keep, shows, told, hidden):
    settings = {
        "seed": 4242424242,
        "ratio": "3:2",
        "image": "https://example.com/x.png",
        "lyrics": "a lyric of a fox " * 9,
    }
    job = make_job(alice, prompt="a red fox", settings=settings)
    keep(job)
    _, token = make_link(alice, (job,), may_download=True, **shows)

    async def ask():
        return b"".join([piece async for piece in await AsyncClient().get(f"/s/{token}/zip/")])

    with zipfile.ZipFile(io.BytesIO(async_to_sync(ask)())) as archive:
        name, sidecar = archive.namelist()
        said = name + archive.read(sidecar).decode()
    assert [word for word in told if word not in said] == []
    assert [word for word in hidden if word in said] == []


def test_media_by_range_and_by_this_links_rule_alone(alice, as_alice, stranger, keep):
    mine, other = make_job(alice), make_job(alice)
    whole = png()
    keep(mine, whole)
    keep(other)
    link, token = make_link(alice, (mine,), may_download=False)
    place = f"/s/{token}/media/{mine.pk}/0/"

    async def ask():
        part = await AsyncClient().get(place, headers={"range": "bytes=10-19"})
        return part, b"".join([piece async for piece in part])

    part, body = async_to_sync(ask)()
    assert (part.status_code, body) == (206, whole[10:20])
    assert part["Cache-Control"] == "private, no-store"
    assert stranger.get(f"{place}thumbnail/").status_code == 200
    assert stranger.get(f"{place}?download").status_code == 404
    assert as_alice.get(f"/s/{token}/media/{other.pk}/0/").status_code == 404, "not even for who owns it"
    making.revoke(link)
    assert {stranger.get(place).status_code, as_alice.get(place).status_code} == {404}


def test_what_a_smart_album_finds_no_more_is_closed_by_its_own_address_too(alice, stranger, keep):
    album = Album.objects.create(owner=alice, title="Best", query="?stars=4")
    job = make_job(alice, stars=5)
    keep(job)
    _, token = make_link(alice, album=album, grows=True)
    places = [f"/s/{token}/{job.pk}/", f"/s/{token}/media/{job.pk}/0/"]
    stranger.get(f"/s/{token}/")
    assert [stranger.get(place).status_code for place in places] == [200, 200]
    Job.objects.filter(pk=job.pk).update(stars=1)
    for place in places:
        cache.clear()
        assert stranger.get(place).status_code == 404


@pytest.mark.parametrize(
    "how", ["revoked", "expired", "deleted", "owner gone", "no such", "not theirs", "switched off"]
)
def test_whatever_opens_nothing_looks_the_same(how, alice, bob, as_bob, as_alice, settings, keep):
    job = make_job(alice)
    keep(job)
    link, token = make_link(alice, (job,))
    open_page = as_bob.get(f"/s/{token}/")
    assert open_page.status_code == 200
    match how:
        case "revoked":
            making.revoke(link)
        case "expired":
            ShareLink.objects.update(expires_at=timezone.now())
        case "deleted":
            job.hide()
        case "owner gone":
            type(alice).objects.filter(pk=alice.pk).update(is_active=False)
        case "no such":
            token = "x" * 32
        case "not theirs":
            making.change(link, audience=Audience.TEAM, team_id=Team.objects.create(name="Studio").pk)
        case "switched off":
            settings.PUBLIC_LINKS = False
    for path in ("", f"{job.pk}/", f"media/{job.pk}/0/", "cover/"):
        assert as_bob.get(f"/s/{token}/{path}").status_code == 404
    said = as_bob.get(f"/s/{token}/").content.decode()
    assert "This link has ended" in said
    assert "It is yours" not in said
    if how not in {"no such", "not theirs", "owner gone"}:
        assert "It is yours" in as_alice.get(f"/s/{token}/").content.decode()


def test_a_teams_link_is_for_who_is_in_it(alice, bob, as_bob, stranger):
    team = Team.objects.create(name="Studio")
    _, token = make_link(alice, (make_job(alice),), audience=Audience.TEAM, team=team)
    assert as_bob.get(f"/s/{token}/").status_code == 404
    Membership.objects.create(team=team, user=bob, role="viewer")
    assert as_bob.get(f"/s/{token}/").status_code == 200
    to_sign_in = stranger.get(f"/s/{token}/")
    assert to_sign_in.url == f"/account/login/?next=/s/{token}/"


def test_a_password_is_asked_on_a_page_that_shows_nothing(alice, stranger, keep):
    job = make_job(alice)
    keep(job)
    _, token = make_link(alice, (job,), password=make_password("swordfish"), label="Secret plans")
    door = stranger.get(f"/s/{token}/").content.decode()
    assert not any(word in door for word in ("red fox", "Secret", "Alice", "og:", str(job.pk)))
    assert stranger.get(f"/s/{token}/media/{job.pk}/0/").status_code == 404
    assert stranger.get(f"/s/{token}/cover/").status_code == 404
    assert stranger.post(f"/s/{token}/open/", {"password": "wrong"}).status_code == 422
    assert stranger.post(f"/s/{token}/open/", {"password": "swordfish"}).url == f"/s/{token}/"
    assert "red fox" in stranger.get(f"/s/{token}/").content.decode()
    assert stranger.get(f"/s/{token}/media/{job.pk}/0/").status_code == 200
    assert sorted(LinkOpening.objects.values_list("is_refused", flat=True)) == [False, True]
    making.change(ShareLink.objects.get(), password=make_password("another"))
    assert stranger.get(f"/s/{token}/media/{job.pk}/0/").status_code == 404, "a changed password ends open viewings"


def test_a_network_is_one_guesser_and_all_together_have_an_end(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "link_passwords": "7/h/key"}
    _, token = make_link(alice, (make_job(alice),), password=make_password("swordfish"))

    def guess(address: str) -> int:
        return Client(REMOTE_ADDR=address).post(f"/s/{token}/open/", {"password": "x"}).status_code

    assert [guess(f"2001:db8:0:1::{n}") for n in range(1, 8)] == [422] * 5 + [429] * 2
    assert [guess(f"2001:db8:0:{n}::1") for n in range(2, 5)] == [422, 422, 429]


def test_passwords_cannot_be_guessed(alice, stranger):
    _, token = make_link(alice, (make_job(alice),), password=make_password("swordfish"))
    answers = [stranger.post(f"/s/{token}/open/", {"password": str(n)}).status_code for n in range(7)]
    assert answers == [422] * 5 + [429] * 2
    assert stranger.post(f"/s/{token}/open/", {"password": "swordfish"}).status_code == 429
    assert LinkOpening.objects.count() == 5


def test_who_knows_the_password_takes_no_tries_from_others_at_the_same_address(alice):
    _, token = make_link(alice, (make_job(alice),), password=make_password("swordfish"))
    answers = [Client().post(f"/s/{token}/open/", {"password": "swordfish"}).status_code for _ in range(8)]
    assert answers == [302] * 8


def test_views_are_counted_by_browser_and_run_out(alice, as_alice, stranger, keep):
    job = make_job(alice)
    keep(job)
    _, token = make_link(alice, (job,), most_views=1)
    as_alice.get(f"/s/{token}/")
    stranger.get(f"/s/{token}/")  # a messenger that draws a preview uses none up
    assert ShareLink.objects.get().views == 0
    stranger.post(f"/s/{token}/open/")
    for _ in range(2):
        assert stranger.get(f"/s/{token}/").status_code == 200
    assert stranger.get(f"/s/{token}/media/{job.pk}/0/").status_code == 200
    late = Client()
    assert late.get(f"/s/{token}/").status_code == 404
    assert late.post(f"/s/{token}/open/").status_code == 404
    assert ShareLink.objects.get().views == 1


def test_messengers_draw_a_preview_where_nothing_is_kept_back(alice, stranger, keep, settings):
    settings.PUBLIC_URL = ""
    job = make_job(alice)
    keep(job)
    _, token = make_link(alice, (job,))
    said = stranger.get(f"/s/{token}/").content.decode()
    assert f'<meta property="og:image" content="http://testserver/s/{token}/cover/">' in said
    assert '<meta property="og:title" content="a red fox">' in said
    cover = Client().get(f"/s/{token}/cover/")
    assert (cover.status_code, cover["Content-Type"]) == (200, "image/webp")


def test_a_guest_is_not_told_of_the_owners_account(alice, stranger):
    job = make_job(alice, State.FAILED, error_kind="insufficient_credits", error="The balance of key 77 is 0.12")
    _, token = make_link(alice, (job,))
    said = stranger.get(f"/s/{token}/").content.decode()
    assert "It could not be made." in said
    assert "balance" not in said
    Job.objects.update(state=State.CANCELLED, error_kind="declined", error="Bob did not approve it: too dear")
    said = stranger.get(f"/s/{token}/").content.decode()
    assert "Cancelled." in said
    assert "too dear" not in said


def test_a_remix_opens_create_with_what_is_shown(alice, bob, as_bob, stranger, engine):
    job = make_job(alice, settings={"seed": 7, "image": "asset:0191d0a0-0000-7000-8000-000000000000"})
    link, token = make_link(alice, (job,))
    assert stranger.post(f"/s/{token}/{job.pk}/remix/").url.startswith("/account/login/")
    there = as_bob.post(f"/s/{token}/{job.pk}/remix/")
    page = as_bob.get(there.url).content.decode()
    assert "a red fox" in page
    assert "What it began from is left out" in page
    assert "asset:0191d0a0" not in page
    making.change(link, shows_settings=False)
    assert as_bob.post(f"/s/{token}/{job.pk}/remix/").status_code == 404


def test_what_the_owner_does_is_in_the_audit_log(as_alice, alice):
    job = make_job(alice)
    terms = {"audience": "anyone", "expiry": "week", "shows_prompt": "on"}
    made = as_alice.post(f"/links/new/?job={job.pk}", terms)
    token = made.content.decode().partition("/s/")[2].partition("/")[0]
    link = ShareLink.objects.get()
    assert Client().get(f"/s/{token}/").status_code == 200
    as_alice.post(f"/links/{link.pk}/", {**terms, "expiry": "keep", "label": "For you"})
    as_alice.post(f"/links/{link.pk}/revoke/")
    entries = AuditEntry.objects.filter(action__startswith="link.")
    assert [entry.action for entry in entries.order_by("pk")] == ["link.made", "link.changed", "link.revoked"]
    assert token not in str(list(entries.values()))


def test_no_log_has_the_address_of_a_link(alice):
    _, token = make_link(alice, (make_job(alice),))
    said = [f"Not Found: /s/{token}/media/1/", f"/account/login/?next=/s/{token}/", f"?next=%2Fs%2F{token}%2F"]
    assert token not in str([logs.redact(None, "warning", {"event": line}) for line in said])


def test_guests_comment_under_a_name_where_it_is_allowed(alice, bob, stranger):
    job = make_job(alice)
    link, token = make_link(alice, (job,), may_comment=True)
    _, other = make_link(alice, (job,), may_comment=True)
    address = f"/s/{token}/{job.pk}/comment/"
    assert stranger.post(address, {"text": "Warmer"}).status_code == 422
    stranger.post(address, {"text": "Warmer, <b>please</b>", "guest": "Cl\0eo"})
    comments.add(job, author=bob, text="Between us only")
    said = stranger.get(f"/s/{token}/").content.decode()
    assert "Cleo" in said
    assert "Warmer, &lt;b&gt;please&lt;/b&gt;" in said
    assert "Between us only" not in said, "what a team says among itself is not for guests"
    assert "Warmer" not in stranger.get(f"/s/{other}/").content.decode(), "nor what came by another link"
    answers = [stranger.post(address, {"text": str(n), "guest": "Cleo"}).status_code for n in range(10)]
    assert answers == [302] * 9 + [429]
    making.change(link, may_comment=False)
    assert stranger.post(address, {"text": "Late", "guest": "Cleo"}).status_code == 404
