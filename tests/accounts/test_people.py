"""The operator's page of people and invitations."""

import re
from html import unescape

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from accounts import invitations, people
from accounts.models import AuditEntry, Invitation, User


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["/people/", "/people/invite/", "/people/invitations/1/revoke/"])
def test_for_others_it_does_not_exist(as_alice, client, address, method):
    assert getattr(as_alice, method)(address).status_code == 404
    assert getattr(Client(), method)(address).url == f"/account/login/?next={address}"


def test_it_lists_everybody(as_operator, alice, bob):
    page = as_operator.get("/people/").text
    for person in ("olga@example.com", "alice@example.com", "bob@example.com"):
        assert person in page
    assert page.count(">Operator<") == 1 or page.count("Operator</span>") == 1


def test_many_are_listed_in_pages_and_found(as_operator, monkeypatch):
    monkeypatch.setattr(people, "PAGE", 3)
    for number in range(6):
        User.objects.create_user(f"person{number}@example.com", name="Ann" if number == 5 else "")
    seen, address = [], "/people/"
    while address:
        page = as_operator.get(address).text
        seen += re.findall(r"</div>\s+<p class=\"muted small\">(\S+@\S+) ·", page)
        more = re.search(r'href="([^"]+)#people">More people', page)
        address = more and unescape(more[1])
    assert seen == ["olga@example.com", *(f"person{number}@example.com" for number in range(6))]
    assert "person5@" in (found := as_operator.get("/people/?q=ANN").text)
    assert "person4@" not in found
    assert "Nobody is called that" in as_operator.get("/people/?q=zzz").text
    last = User.objects.get(email="person5@example.com")
    asked = {"headers": {"referer": "http://testserver/people/?after=3"}}
    assert as_operator.post(f"/people/{last.pk}/switch-off/", **asked).url == "/people/?after=3"
    refused = as_operator.post(f"/people/{last.pk}/limits/", {f"{last.pk}-open_jobs_limit": "0"}, **asked)
    assert "person5@" in refused.text, "what is wrong is said beside its fields"


def test_inviting_shows_the_link_once(as_operator):
    page = as_operator.post("/people/invite/", {"email": "Carol@Example.com"})
    link = re.search(r"http://testserver/invitations/[\w-]{32}/", page.text).group()
    assert "carol@example.com is invited" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert link not in as_operator.get("/people/").text
    assert Client().get(link).url == "/account/signup/"
    assert not mail.outbox  # this Studio sends none, and says so
    assert "sends no mail" in page.text


def test_with_mail_the_link_is_sent(as_operator, settings):
    settings.HAS_MAIL = True
    page = as_operator.post("/people/invite/", {"email": "carol@example.com"})
    assert "on its way by mail" in page.text
    assert mail.outbox[0].to == ["carol@example.com"]
    assert re.search(r"http://testserver/invitations/[\w-]{32}/", mail.outbox[0].body)


def test_a_mail_server_that_is_away_does_not_lose_the_invitation(as_operator, settings, monkeypatch):
    def refuse(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    settings.HAS_MAIL = True
    page = as_operator.post("/people/invite/", {"email": "carol@example.com"})
    assert "the mail could not be sent" in page.text
    assert "/invitations/" in page.text


@pytest.mark.parametrize(
    ("email", "words"), [("carol", "Enter a valid email address"), ("ALICE@example.com", "There is an account")]
)
def test_what_cannot_be_invited_is_refused(as_operator, alice, email, words):
    page = as_operator.post("/people/invite/", {"email": email})
    assert words in page.text
    assert 'id="id_email_error"' in page.text
    assert not Invitation.objects.exists()


def test_nobody_is_invited_where_sign_up_is_closed(as_operator, settings):
    settings.SIGNUP = "closed"
    assert "Invite somebody" not in as_operator.get("/people/").text
    as_operator.post("/people/invite/", {"email": "carol@example.com"})
    assert not Invitation.objects.exists()


def test_an_invitation_is_withdrawn(as_operator, operator):
    invitation, word = invitations.invite("carol@example.com", by=operator)
    address = f"/people/invitations/{invitation.pk}/revoke/"
    assert as_operator.get(address).status_code == 405
    page = as_operator.post(address, follow=True).text
    assert "The invitation of carol@example.com is withdrawn." in page
    assert Client().get(f"/invitations/{word}/").status_code == 404
    assert as_operator.post(address).status_code == 404


def test_a_used_invitation_is_not_withdrawn(operator):
    invitation, _ = invitations.invite("carol@example.com", by=operator)
    stale = Invitation.objects.get()
    Invitation.objects.update(accepted_at=invitation.expires_at)
    assert not invitations.revoke(stale)
    assert Invitation.objects.exists()


def test_somebody_signed_in_needs_no_invitation(as_alice, operator):
    _, word = invitations.invite("carol@example.com", by=operator)
    assert as_alice.get(f"/invitations/{word}/").url == "/create/"


@pytest.mark.parametrize("verb", ["limits", "switch-off", "switch-on", "promote", "demote"])
def test_changing_people_is_the_operators(as_alice, bob, verb):
    address = f"/people/{bob.pk}/{verb}/"
    assert as_alice.post(address).status_code == 404
    assert Client().post(address).url.startswith("/account/login/")


def test_somebody_is_switched_off_at_once_and_on_again(as_operator, as_alice, alice):
    as_operator.post(f"/people/{alice.pk}/switch-off/")
    assert as_alice.get("/settings/").status_code == 302
    alice.refresh_from_db()
    assert not alice.is_active
    as_operator.post(f"/people/{alice.pk}/switch-on/")
    alice.refresh_from_db()
    assert alice.is_active
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "person.switched_off",
        "person.switched_on",
    ]


def test_an_operator_is_made_and_unmade_and_never_by_oneself(as_operator, operator, alice, as_alice):
    as_operator.post(f"/people/{alice.pk}/promote/")
    assert as_alice.get("/people/").status_code == 200
    as_alice.post(f"/people/{operator.pk}/demote/")
    operator.refresh_from_db()
    assert not operator.is_superuser
    page = as_alice.post(f"/people/{alice.pk}/demote/", follow=True).text
    assert "another operator" in page
    alice.refresh_from_db()
    assert alice.is_superuser


def test_limits_are_set_and_taken_away(as_operator, alice):
    prefix = alice.pk
    given = {f"{prefix}-storage_limit": "1.5", f"{prefix}-open_jobs_limit": "4"}
    as_operator.post(f"/people/{alice.pk}/limits/", given)
    alice.refresh_from_db()
    assert (alice.storage_limit, alice.open_jobs_limit) == (3 * 2**29, 4)
    page = as_operator.get("/people/").text
    assert 'value="1.5"' in page
    assert "at most 4 jobs under way" in page
    answer = as_operator.post(f"/people/{alice.pk}/limits/", {f"{prefix}-open_jobs_limit": "0"})
    assert answer.status_code == 422
    as_operator.post(f"/people/{alice.pk}/limits/", {f"{prefix}-storage_limit": "0"})
    alice.refresh_from_db()
    assert (alice.storage_limit, alice.open_jobs_limit) == (0, None)
