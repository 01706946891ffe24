"""Django's admin, for the operator."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client

from accounts import invitations
from accounts.keyring import keyring
from accounts.models import ProviderKey, User
from tests.accounts.conftest import make_key, sign_in
from tests.conftest import PASSWORD


def test_signing_in_goes_through_the_sites_own_page(client, operator):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/login/?next=")
    assert client.get("/admin/login/").url.startswith("/account/login/")
    client.post("/admin/login/", {"username": operator.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert sign_in(client, operator.email, PASSWORD, query_params={"next": "/admin/"}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_person_who_is_no_operator_is_refused(as_alice):
    assert as_alice.get("/admin/login/").status_code == 403
    assert as_alice.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=str)
def test_every_list_opens(as_operator, alice, model):
    make_key(alice)
    name = f"{model._meta.app_label}/{model._meta.model_name}"
    assert as_operator.get(f"/admin/{name}/").status_code == 200
    assert as_operator.get(f"/admin/{name}/?q=alice").status_code == 200


def test_of_a_key_only_the_hint_is_shown_and_nothing_can_be_edited(as_operator, alice):
    key = make_key(alice)
    address = f"/admin/accounts/providerkey/{key.pk}/change/"
    page = as_operator.get(address).text
    assert key.hint in page
    assert key.ciphertext not in page
    assert "ciphertext" not in page
    assert as_operator.post(address, {"label": "x", "ciphertext": "y"}).status_code == 403
    assert as_operator.get("/admin/accounts/providerkey/add/").status_code == 403


def test_deleting_keys_passes_the_default_on(as_operator, alice):
    main, other, third = make_key(alice, is_default=True), make_key(alice, "Other"), make_key(alice, "Third")
    as_operator.post(f"/admin/accounts/providerkey/{main.pk}/delete/", {"post": "yes"})
    other.refresh_from_db()
    assert other.is_default
    as_operator.post(
        "/admin/accounts/providerkey/", {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    )
    assert ProviderKey.objects.get() == third
    assert ProviderKey.objects.get().is_default


def test_second_factors_are_seen_without_their_secrets_and_can_be_taken_away(as_operator, alice):
    stored = keyring().encrypt("JBSWY3DPEHPK3PXP")
    app = Authenticator.objects.create(user=alice, type="totp", data={"secret": stored})
    page = as_operator.get(f"/admin/mfa/authenticator/{app.pk}/change/").text
    assert "alice" in page.lower()
    assert stored not in page
    as_operator.post(f"/admin/mfa/authenticator/{app.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()


def test_an_invitation_is_seen_without_its_hash(as_operator, operator):
    invitation, word = invitations.invite("carol@example.com", by=operator)
    page = as_operator.get(f"/admin/accounts/invitation/{invitation.pk}/change/").text
    assert "carol@example.com" in page
    assert invitation.token_hash not in page
    assert word not in page


def test_the_operator_makes_and_switches_off_accounts(as_operator, alice):
    as_operator.post(
        "/admin/accounts/user/add/",
        {"email": "dora@example.com", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )
    assert sign_in(Client(), "dora@example.com", PASSWORD).url == "/create/"
    address = f"/admin/accounts/user/{alice.pk}/change/"
    assert alice.password not in as_operator.get(address).text
    as_operator.post(address, {"email": alice.email, "name": "Alice", "theme": "system"})
    assert not User.objects.get(pk=alice.pk).is_active


def test_a_job_is_seen_without_its_prompt(as_operator, alice):
    job = alice.jobs.create(provider="local", kind="image", model="m", model_name="M", prompt="a private thought")
    page = as_operator.get(f"/admin/generations/job/{job.pk}/change/")
    assert page.status_code == 200
    assert "a private thought" not in page.text
    assert "a private thought" not in as_operator.get("/admin/generations/job/").text
