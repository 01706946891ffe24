"""Who may make an account, and who becomes the operator."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import adapter, invitations
from accounts.models import Invitation, User
from tests.conftest import PASSWORD


def sign_up(client: Client, email: str = "carol@example.com", password: str = PASSWORD):
    return client.post("/account/signup/", {"email": email, "password1": password})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_first_account_is_the_operators_and_says_so_before(client, db):
    assert "Create the first account" in client.get("/account/signup/").text
    response = sign_up(client)
    assert response.url == "/create/"
    carol = User.objects.get()
    assert (carol.email, carol.is_first, carol.is_staff, carol.is_superuser) == ("carol@example.com", True, True, True)
    assert is_signed_in(client)


def test_the_second_account_is_a_persons(client, operator):
    assert "Create an account" in client.get("/account/signup/").text
    sign_up(client)
    carol = User.objects.get(email="carol@example.com")
    assert (carol.is_first, carol.is_staff, carol.is_superuser) == (None, False, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["open", "closed"])
def test_of_all_who_sign_up_first_at_once_one_is_the_operator(settings, monkeypatch, mode):
    settings.SIGNUP = mode
    everyone_saw_nobody = threading.Barrier(3)
    save_user = adapter.AccountAdapter.save_user

    def save_together(self, request, user, form, commit=True):
        everyone_saw_nobody.wait(10)
        return save_user(self, request, user, form, commit)

    monkeypatch.setattr(adapter.AccountAdapter, "save_user", save_together)

    def one(number: int) -> int:
        try:
            return sign_up(Client(), f"person{number}@example.com").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        codes = sorted(pool.map(one, range(3)))
    assert User.objects.filter(is_superuser=True).count() == 1
    if mode == "open":
        assert codes == [302, 302, 302]
        assert User.objects.count() == 3
    else:
        assert codes == [302, 403, 403]
        assert User.objects.count() == 1


def test_the_first_place_cannot_be_taken_twice_by_a_slower_one(db, monkeypatch, rf):
    """The database holds it, whatever a process believes: two machines may run Studio."""
    User.objects.create_user("first@example.com", PASSWORD, is_first=True)
    monkeypatch.setattr(type(User.objects), "exists", lambda self: False)
    late = User(email="late@example.com")
    assert not adapter.AccountAdapter()._save_first(late)
    assert (late.is_first, late.is_staff, late.is_superuser) == (None, False, False)


def test_an_address_is_one_account_in_whatever_case(client, alice):
    response = sign_up(client, "ALICE@example.com")
    assert User.objects.count() == 1
    assert not is_signed_in(client)
    assert "id_email_error" in response.text


@pytest.mark.parametrize("password", ["short", "password1234", "carol@example.com"])
def test_a_weak_password_is_refused_with_the_reason_at_its_field(client, db, password):
    page = sign_up(client, password=password)
    assert page.status_code == 200
    assert not User.objects.exists()
    described = re.search(r'<input[^>]*name="password1"[^>]*>', page.text).group()
    assert 'aria-invalid="true"' in described
    assert "id_password1_error" in described
    assert f'value="{password}"' not in described


@pytest.mark.parametrize(("mode", "words"), [("closed", "Sign-up is closed"), ("invite", "Sign-up is by invitation")])
def test_no_stranger_signs_up_where_it_is_not_open(client, operator, settings, mode, words):
    settings.SIGNUP = mode
    assert words in client.get("/account/signup/").text
    assert words in sign_up(client).text
    assert User.objects.count() == 1


@pytest.mark.parametrize("mode", ["closed", "invite"])
def test_the_first_account_can_always_be_made(client, db, settings, mode):
    settings.SIGNUP = mode
    assert sign_up(client).url == "/create/"
    assert User.objects.get().is_superuser


@pytest.fixture
def invited(operator, settings):
    settings.SIGNUP = "invite"
    return invitations.invite("Carol@Example.com", by=operator)


def test_an_invited_person_signs_up_with_the_link(client, invited):
    invitation, word = invited
    assert client.get(f"/invitations/{word}/").url == "/account/signup/"
    page = client.get("/account/signup/").text
    assert "Olga invited carol@example.com" in page
    assert 'value="carol@example.com"' in page
    assert sign_up(client).url == "/create/"
    invitation.refresh_from_db()
    assert invitation.accepted_at
    carol = User.objects.get(email="carol@example.com")
    assert not carol.is_superuser
    assert carol.emailaddress_set.get().verified


def test_an_invitation_is_for_one_address(client, invited):
    client.get(f"/invitations/{invited[1]}/")
    assert "Your invitation is for carol@example.com." in sign_up(client, "mallory@example.com").text
    assert User.objects.count() == 1


def test_an_invitation_is_good_once(client, invited):
    other = Client()
    for visitor in (client, other):
        visitor.get(f"/invitations/{invited[1]}/")
    sign_up(client)
    User.objects.filter(email="carol@example.com").delete()
    assert "by invitation" in sign_up(other).text
    assert User.objects.count() == 1
    assert Client().get(f"/invitations/{invited[1]}/").status_code == 404


@pytest.mark.parametrize("word", ["wrong", "x" * 200])
def test_a_wrong_link_opens_nothing(client, invited, word):
    assert client.get(f"/invitations/{word}/").status_code == 404
    assert "by invitation" in client.get("/account/signup/").text


def test_an_invitation_runs_out(client, invited):
    Invitation.objects.update(expires_at=timezone.now())
    assert client.get(f"/invitations/{invited[1]}/").status_code == 404


def test_an_invitation_opens_nothing_where_sign_up_is_closed(client, invited, settings):
    client.get(f"/invitations/{invited[1]}/")
    settings.SIGNUP = "closed"
    assert client.get(f"/invitations/{invited[1]}/").status_code == 404
    assert "Sign-up is closed" in sign_up(client).text


def test_only_the_hash_of_a_link_is_kept(invited):
    invitation, word = invited
    assert word not in str(Invitation.objects.values().get())
    assert len(invitation.token_hash) == 64


def test_the_command_prints_the_link_and_mails_it(operator, capsys, settings):
    settings.SIGNUP = "invite"
    call_command("invite", "carol@example.com")
    link = capsys.readouterr().out.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/invitations/[\w-]{32}/", link)
    assert mail.outbox[0].to == ["carol@example.com"]
    assert link in mail.outbox[0].body


def test_the_link_is_under_the_public_address(operator, capsys, settings):
    settings.PUBLIC_URL = "https://studio.example.com"
    call_command("invite", "carol@example.com")
    assert capsys.readouterr().out.startswith("https://studio.example.com/invitations/")


def test_a_second_invitation_ends_the_first(operator):
    _, first = invitations.invite("carol@example.com", by=operator)
    invitations.invite("carol@example.com", by=operator)
    assert Invitation.objects.count() == 1
    assert Client().get(f"/invitations/{first}/").status_code == 404


def test_the_command_refuses_what_cannot_be(alice, settings):
    with pytest.raises(CommandError, match="first account needs no invitation"):
        call_command("invite", "carol@example.com")
    User.objects.create_superuser("olga@example.com", PASSWORD)
    with pytest.raises(CommandError, match="not a mail address"):
        call_command("invite", "carol")
    with pytest.raises(CommandError, match="has an account already"):
        call_command("invite", "Alice@example.com")
    settings.SIGNUP = "closed"
    with pytest.raises(CommandError, match="closed"):
        call_command("invite", "carol@example.com")
    assert not Invitation.objects.exists()
