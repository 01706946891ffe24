"""Authenticator apps and recovery codes. Passkeys need a browser: see test_passkeys.py."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from accounts.keyring import keyring
from tests.accounts.conftest import confirm, sign_in
from tests.conftest import PASSWORD


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_app(client: Client) -> str:
    """Switches an authenticator app on; its secret."""
    confirm(client, PASSWORD)
    client.get("/account/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    response = client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert response.url == "/account/2fa/recovery-codes/"
    return secret


def codes_of(alice) -> list[str]:
    return Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()


def forget_used_codes() -> None:
    """A code is good once; a test cannot wait for the next."""
    cache.clear()


def test_changing_protection_asks_who_one_is(as_alice):
    for address in ("totp/activate/", "webauthn/add/"):
        response = as_alice.get(f"/account/2fa/{address}")
        assert response.url.startswith("/account/reauthenticate/")
    assert "Is it you?" in as_alice.get("/account/reauthenticate/").text


def test_setting_up_an_app_shows_the_secret_and_gives_recovery_codes(as_alice, alice):
    confirm(as_alice, PASSWORD)
    page = as_alice.get("/account/2fa/totp/activate/").text
    assert as_alice.session["mfa.totp.secret"] in page
    assert "data:image/svg+xml" in page
    assert 'autocomplete="one-time-code"' in page
    set_up_app(as_alice)
    codes = codes_of(alice)
    assert len(codes) == 10
    page = as_alice.get("/account/2fa/recovery-codes/").text
    assert all(code in page for code in codes)
    assert codes[0] in as_alice.get("/account/2fa/recovery-codes/download/").text


def test_a_wrong_code_does_not_switch_it_on(as_alice):
    confirm(as_alice, PASSWORD)
    page = as_alice.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert "Incorrect code" in page.text
    assert 'id="id_code_error"' in page.text
    assert not Authenticator.objects.exists()


def test_the_secrets_are_encrypted_at_rest(as_alice, alice):
    secret = set_up_app(as_alice)
    stored = {one.type: one.data for one in Authenticator.objects.all()}
    assert keyring().decrypt(stored["totp"]["secret"]) == secret
    assert len(keyring().decrypt(stored["recovery_codes"]["seed"])) == 80


def test_signing_in_takes_the_second_step(as_alice, alice):
    secret = set_up_app(as_alice)
    forget_used_codes()
    client = Client()
    assert sign_in(client, alice.email, PASSWORD).url == "/account/2fa/authenticate/"
    assert client.get("/keys/").status_code == 302
    assert "Second step" in client.get("/account/2fa/authenticate/").text
    assert "Incorrect code" in client.post("/account/2fa/authenticate/", {"code": "000000"}).text
    assert client.post("/account/2fa/authenticate/", {"code": code_of(secret)}).url == "/create/"
    assert client.get("/keys/").status_code == 200


def test_a_recovery_code_signs_in_once(as_alice, alice):
    set_up_app(as_alice)
    code = codes_of(alice)[3]
    client = Client()
    sign_in(client, alice.email, PASSWORD)
    assert client.post("/account/2fa/authenticate/", {"code": code}).url == "/create/"
    assert len(codes_of(alice)) == 9
    again = Client()
    sign_in(again, alice.email, PASSWORD)
    assert "Incorrect code" in again.post("/account/2fa/authenticate/", {"code": code}).text


def test_new_recovery_codes_end_the_old(as_alice, alice):
    set_up_app(as_alice)
    old = codes_of(alice)
    assert "end at once" in as_alice.get("/account/2fa/recovery-codes/generate/").text
    as_alice.post("/account/2fa/recovery-codes/generate/")
    assert not set(old) & set(codes_of(alice))


def test_switching_the_app_off(as_alice, alice):
    set_up_app(as_alice)
    assert "Switch off the authenticator app?" in as_alice.get("/account/2fa/totp/deactivate/").text
    as_alice.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert sign_in(Client(), alice.email, PASSWORD).url == "/create/"


def test_security_tells_how_things_stand(as_alice):
    page = as_alice.get("/account/2fa/").text
    assert "They come with a passkey or an authenticator app." in page
    set_up_app(as_alice)
    assert "10 of 10 are unused." in as_alice.get("/account/2fa/").text


def test_with_mail_an_address_is_confirmed_first(as_alice, alice, settings):
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    alice.emailaddress_set.create(email=alice.email, primary=True)
    confirm(as_alice, PASSWORD)
    assert "verified your email address" in as_alice.get("/account/2fa/totp/activate/", follow=True).text
    assert not Authenticator.objects.exists()


def test_one_sees_and_changes_ones_own_passkeys_alone(as_alice, bob):
    his = Authenticator.objects.create(user=bob, type="webauthn", data={"name": "Bob's phone", "credential": {}})
    confirm(as_alice, PASSWORD)
    assert "Bob's phone" not in as_alice.get("/account/2fa/webauthn/").text
    for verb in ("edit", "remove"):
        assert as_alice.get(f"/account/2fa/webauthn/keys/{his.pk}/{verb}/").status_code == 404
        assert as_alice.post(f"/account/2fa/webauthn/keys/{his.pk}/{verb}/").status_code == 404
    assert Authenticator.objects.filter(pk=his.pk).exists()
