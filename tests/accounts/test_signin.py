"""Signing in and out, and passwords."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.accounts.conftest import confirm, sign_in
from tests.conftest import PASSWORD

NEW = "another long password"


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_mail_and_password_sign_in(client, alice):
    assert sign_in(client, "Alice@example.com", PASSWORD).url == "/create/"
    assert is_signed_in(client)


def test_it_returns_to_where_one_wanted_to_go(client, alice):
    assert client.get("/keys/").url == "/account/login/?next=/keys/"
    assert "/keys/" in client.get("/account/login/?next=/keys/").text
    assert sign_in(client, alice.email, PASSWORD, query_params={"next": "/keys/"}).url == "/keys/"


def test_it_never_returns_to_another_site(client, alice):
    assert sign_in(client, alice.email, PASSWORD, query_params={"next": "https://evil.example"}).url == "/create/"


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, alice, email):
    page = sign_in(client, email, "wrong").text
    assert "not correct" in page
    assert not is_signed_in(client)


def test_a_switched_off_account_does_not_sign_in(client, alice):
    alice.is_active = False
    alice.save()
    sign_in(client, alice.email, PASSWORD)
    assert not is_signed_in(client)
    assert "switched off" in client.get("/account/inactive/").text


def test_signing_out_takes_a_post(as_alice):
    page = as_alice.get("/account/logout/")
    assert "Sign out?" in page.text
    assert is_signed_in(as_alice)
    assert as_alice.post("/account/logout/").url == "/"
    assert not is_signed_in(as_alice)


def test_too_many_wrong_passwords_stop_even_the_right_one(client, alice):
    for _ in range(6):
        page = sign_in(client, alice.email, "wrong")
    assert "Too many failed login attempts" in page.text
    sign_in(client, alice.email, PASSWORD)
    assert not is_signed_in(client)


def test_too_many_requests_get_our_429(client, db):
    codes = [client.post("/account/signup/", {"email": "x"}).status_code for _ in range(21)]
    assert codes[-1] == 429
    page = client.post("/account/signup/", {"email": "x"})
    assert page.status_code == 429
    assert "That was too often" in page.text


def test_changing_the_password_signs_out_the_other_devices(as_alice, alice):
    elsewhere = Client()
    elsewhere.force_login(alice)
    confirm(as_alice, PASSWORD)
    page = as_alice.get("/account/password/change/").text
    for words in ("Current password", "New password", "New password, again", "Ten characters or more"):
        assert words in page
    assert "personal information" not in page
    response = as_alice.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert response.status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert as_alice.get("/settings/").status_code == 200
    assert elsewhere.get("/settings/").status_code == 302


def test_changing_the_password_takes_the_old_one(as_alice, alice):
    confirm(as_alice, PASSWORD)
    page = as_alice.post("/account/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert page.status_code == 200
    assert 'id="id_oldpassword_error"' in page.text
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_forgotten_password_is_reset_by_mail(client, alice):
    assert "This Studio sends no mail" in client.get("/account/password/reset/").text
    assert client.post("/account/password/reset/", {"email": alice.email}).url == "/account/password/reset/done/"
    assert "Look into your mail" in client.get("/account/password/reset/done/").text
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True)
    assert "Set a new password" in form.text
    assert "Ten characters or more" in form.text
    address = form.redirect_chain[-1][0]
    done = client.post(address, {"password1": NEW, "password2": NEW}, follow=True)
    assert "The password is set" in done.text
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert "This link has ended" in Client().get(link, follow=True).text


def test_a_reset_does_not_tell_who_has_an_account(client, db, settings):
    known = client.post("/account/password/reset/", {"email": "nobody@example.com"})
    assert known.url == "/account/password/reset/done/"


def test_with_mail_the_reset_page_does_not_warn(client, db, settings):
    settings.HAS_MAIL = True
    assert "sends no mail" not in client.get("/account/password/reset/").text


def test_the_password_is_never_sent_back(client, alice):
    assert "a-wrong-password" not in sign_in(client, alice.email, "a-wrong-password").text


def test_confirming_a_mail_address(client, alice, settings):
    settings.HAS_MAIL = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    sign_in(client, alice.email, PASSWORD)
    confirm(client, PASSWORD)
    client.post("/account/email/", {"action_add": "", "email": "alice@work.example"})
    page = client.get("/account/email/").text
    assert "alice@work.example" in page
    assert "Not confirmed" in page
    link = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body).group(1)
    assert "Confirm the address" in client.get(link).text
    client.post(link)
    assert alice.emailaddress_set.get(email="alice@work.example").verified
    assert "This link has ended" in client.get("/account/confirm-email/wrong/").text


def test_the_page_of_addresses_makes_main_and_removes(as_alice, alice):
    confirm(as_alice, PASSWORD)
    as_alice.post("/account/email/", {"action_add": "", "email": "alice@work.example"})
    as_alice.post("/account/email/", {"action_primary": "", "email": "alice@work.example"})
    alice.refresh_from_db()
    assert alice.email == "alice@work.example"
    as_alice.post("/account/email/", {"action_remove": "", "email": "alice@example.com"})
    assert [address.email for address in alice.emailaddress_set.all()] == ["alice@work.example"]


def test_a_part_of_a_page_that_comes_after_the_session_ended_sends_the_page_to_sign_in(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/keys/?provider=wayscloud-gpu"}
    response = client.post("/keys/1/test/", headers=headers)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/account/login/?next=/keys/%3Fprovider%3Dwayscloud-gpu"
    assert not response.content


def test_where_one_was_is_never_another_site(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}
    assert client.get("/keys/", headers=headers).headers["HX-Redirect"] == "/account/login/?next=/"
