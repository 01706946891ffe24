"""The operator's page of people and invitations."""

import re

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from accounts import invitations
from accounts.models import Invitation


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
