"""Signing in by the team's identity provider."""

import http.client
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts import invitations
from accounts.models import AuditEntry, User
from studio import environment
from tests.accounts.conftest import confirm, sign_in
from tests.accounts.fake_oidc import serve
from tests.conftest import PASSWORD

LOGIN = "/account/oidc/team/login/"


@pytest.fixture
def idp(settings):
    with serve() as known:
        values = environment.read(
            {
                "STUDIO_OIDC_ISSUER": known.url,
                "STUDIO_OIDC_CLIENT_ID": "studio",
                "STUDIO_OIDC_CLIENT_SECRET": "a-client-secret",
                "STUDIO_OIDC_NAME": "Example Login",
            }
        )
        settings.OIDC_APP = environment.oidc_app(values)
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [settings.OIDC_APP]}}
        yield known


def come_in(client: Client, path: str = LOGIN):
    """Through the provider and back, as a browser goes."""
    away = client.post(path, {"next": "/gallery/"})
    assert away.status_code == 302, away.text
    parts = urlsplit(away.url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    assert parse_qs(parts.query)["redirect_uri"] == [f"http://testserver{LOGIN}callback/"]
    return client.get(f"{back.path}?{back.query}")


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_button_is_there_where_there_is_a_provider(client, db, idp, settings):
    page = client.get("/account/login/?next=/gallery/").text
    assert f'action="{LOGIN}"' in page
    assert "Sign in by Example Login" in page
    settings.OIDC_APP = {}
    assert "oidc" not in client.get("/account/login/").text


def test_whoever_is_new_gets_an_account_and_comes_back_to_where_they_were(client, bob, idp):
    assert come_in(client).url == "/gallery/"
    user = User.objects.get(email="alice@example.com")
    assert is_signed_in(client)
    assert user.name == "Alice of the team"
    assert not user.has_usable_password()
    assert not user.is_superuser
    assert EmailAddress.objects.get(user=user).verified
    assert idp.secrets == ["a-client-secret"]
    assert not SocialToken.objects.exists()
    entry = AuditEntry.objects.get(action="signed_in")
    assert (entry.actor, entry.detail) == (user, {"by": "identity provider"})
    assert come_in(Client()).url == "/gallery/"
    assert User.objects.count() == 2


def test_the_first_account_is_the_operators(client, db, idp):
    come_in(client)
    assert User.objects.get().is_superuser


def test_a_verified_address_joins_the_account_that_has_it(client, alice, idp):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    come_in(client)
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert SocialAccount.objects.get().user == alice
    alice.refresh_from_db()
    assert alice.has_usable_password()


def test_an_account_that_has_not_proven_the_address_is_not_joined(client, alice, idp):
    """Whoever made it may be another, who has passkeys and webhooks in it."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=False, primary=True)
    for visitor in (client, Client()):
        answer = come_in(visitor)
        assert answer.status_code == 403
        assert "sign in with your password, then connect Example Login" in answer.text
        assert not is_signed_in(visitor)
    assert not SocialAccount.objects.exists()
    alice.refresh_from_db()
    assert alice.has_usable_password()
    assert User.objects.count() == 1


def test_its_owner_connects_it_themselves(client, alice, idp):
    sign_in(client, alice.email, PASSWORD)
    assert come_in(client, f"{LOGIN}?process=connect").url == "/account/reauthenticate/"
    confirm(client, PASSWORD)
    assert SocialAccount.objects.get().user == alice
    visitor = Client()
    come_in(visitor)
    assert visitor.session["_auth_user_id"] == str(alice.pk)


def test_who_is_signed_in_makes_no_account_by_an_unverified_address(as_bob, idp):
    idp.claims["email_verified"] = False
    assert come_in(as_bob).status_code == 403
    assert User.objects.count() == 1


@pytest.mark.parametrize("said", [False, "false", None, 0])
def test_an_address_that_is_not_verified_opens_nothing(client, alice, idp, said):
    idp.claims["email_verified"] = said
    answer = come_in(client)
    assert answer.status_code == 403
    assert "does not say that your mail address is verified" in answer.text
    assert not is_signed_in(client)
    assert User.objects.count() == 1


def test_yes_in_words_is_yes(client, bob, idp):
    idp.claims["email_verified"] = "true"
    come_in(client)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "wrong",
    [{"aud": "another"}, {"iss": "https://another.example"}, {"exp": 1}],
    ids=["for-another", "from-another", "run-out"],
)
def test_a_token_that_is_not_ours_opens_nothing(client, alice, idp, wrong):
    idp.token = wrong
    answer = come_in(client)
    assert "You are not signed in" in answer.text
    assert not is_signed_in(client)


def test_a_token_of_one_and_a_tale_of_another_open_nothing(client, alice, idp):
    idp.userinfo = {"sub": "mallory"}
    come_in(client)
    assert not is_signed_in(client)


def test_an_answer_that_nobody_asked_for_opens_nothing(client, alice, idp):
    idp.challenges["code-0"] = "x"
    answer = client.get(f"{LOGIN}callback/?code=code-0&state=forged")
    assert "You are not signed in" in answer.text
    assert not is_signed_in(client)


def test_a_provider_that_is_away_is_said_so(client, alice, idp, settings):
    settings.OIDC_APP["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post(LOGIN)
    assert "You are not signed in" in answer.text


def test_sign_up_is_as_open_by_it_as_by_form(client, operator, idp, settings):
    settings.SIGNUP = "closed"
    come_in(client)
    assert not is_signed_in(client)
    settings.SIGNUP = "invite"
    come_in(client)
    assert not is_signed_in(client)
    _, word = invitations.invite("alice@example.com", by=operator)
    client.get(f"/invitations/{word}/")
    come_in(client)
    assert is_signed_in(client)
    assert operator.invitations.get().accepted_at


def test_one_who_is_switched_off_stays_out(client, alice, idp):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    User.objects.update(is_active=False)
    come_in(client)
    assert not is_signed_in(client)


class TestOnly:
    @pytest.fixture(autouse=True)
    def _only(self, idp, settings):
        settings.OIDC_ONLY = True

    def test_passwords_are_the_operators(self, alice, operator):
        people, operators = Client(), Client()
        answer = sign_in(people, alice.email, PASSWORD)
        assert answer.status_code == 403
        assert "by Example Login alone" in answer.text
        assert not is_signed_in(people)
        sign_in(operators, operator.email, PASSWORD)
        assert is_signed_in(operators)

    def test_accounts_are_made_by_it_alone(self, client, operator):
        assert "Create an account" not in client.get("/account/login/").text
        answer = client.post("/account/signup/", {"email": "carol@example.com", "password1": PASSWORD})
        assert answer.status_code == 200
        assert User.objects.count() == 1
        come_in(client)
        assert User.objects.count() == 2


def test_a_provider_without_a_client_id_is_refused_at_the_start():
    values = environment.read({"STUDIO_OIDC_ISSUER": "https://login.example.com"})
    with pytest.raises(ImproperlyConfigured, match="STUDIO_OIDC_CLIENT_ID must be set"):
        environment.oidc_app(values)


def test_a_form_may_lead_to_it(client, db):
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    assert "form-action 'self' https://login.test" in [part.strip() for part in policy.split(";")]
