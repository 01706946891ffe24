"""Invitations into a team: by address or for many, for as long and as often as they say."""

import datetime as dt
import re
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts import team_invitations, teams
from accounts.models import Membership, Notice, Team, TeamInvitation, TeamRole, User
from studio.lib.crypto import fingerprint
from tests.conftest import PASSWORD

ENDED = "This invitation has ended"
LINK = {"email": "", "role": "member", "days": "7", "most_uses": "2"}


@pytest.fixture
def team(alice: User) -> Team:
    team = Team.objects.create(name="Night shift")
    Membership.objects.create(team=team, user=alice, role=TeamRole.OWNER)
    return team


@pytest.fixture
def ask(as_alice: Client, team: Team):
    """Alice invites; the path of the link that the page shows."""

    def ask(**fields: str) -> str:
        page = as_alice.post(f"/teams/{team.pk}/invite/", {**LINK, **fields})
        assert page.status_code == 200, page.content
        return re.search(r"/team-invitations/[\w-]+/", page.content.decode())[0]

    return ask


def accept(client: Client, path: str):
    return client.post(f"{path}accept/")


def sign_up(client: Client, email: str):
    return client.post("/account/signup/", {"email": email, "password1": PASSWORD + " 9"})


def test_a_link_is_shown_once_and_kept_as_a_hash(as_alice, team, ask):
    path = ask()
    word = path.split("/")[2]
    assert word not in as_alice.get(f"/teams/{team.pk}/people/").content.decode()
    assert TeamInvitation.objects.get().token_hash == fingerprint(word)


def test_who_accepts_is_in_the_team(as_bob, bob, alice, team, ask):
    path = ask(role="viewer")
    assert "Alice invites you into this team, as a viewer" in as_bob.get(path).content.decode()
    assert teams.role(bob, team) == ""
    assert accept(as_bob, path).url == f"/teams/{team.pk}/people/"
    bob.refresh_from_db()
    assert (teams.role(bob, team), bob.space) == ("viewer", team)
    assert Notice.objects.get(user=alice).text == "Bob has joined Night shift, as a viewer."


def test_one_for_an_address_is_for_that_one_alone(as_bob, bob, operator, as_operator, team, ask):
    path = ask(email="Bob@example.com", most_uses="50")
    assert TeamInvitation.objects.get().most_uses == 1
    assert "another mail address" in as_operator.get(path).content.decode()
    assert accept(as_operator, path).status_code == 404
    assert accept(as_bob, path).status_code == 302
    assert not teams.role(operator, team)


def test_to_accept_again_uses_nothing(as_bob, ask):
    path = ask()
    accept(as_bob, path)
    accept(as_bob, path)
    assert TeamInvitation.objects.get().uses == 1


def test_who_has_joined_is_shown_the_team_by_a_link_that_is_used_up(as_bob, bob, team, ask):
    path = ask(most_uses="1")
    accept(as_bob, path)
    for answer in (as_bob.get(path), accept(as_bob, path)):
        assert (answer.status_code, answer["Location"]) == (302, f"/teams/{team.pk}/people/")
    assert Client().get(path).status_code == 404
    team.memberships.filter(user=bob).delete()
    assert as_bob.get(path).status_code == 404


@pytest.mark.parametrize("how", ["expired", "revoked", "used", "renewed", "never"])
def test_what_has_ended_looks_like_what_never_was(as_alice, as_bob, bob, team, ask, how):
    path = ask()
    invitation = TeamInvitation.objects.get()
    if how == "expired":
        TeamInvitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    elif how == "revoked":
        as_alice.post(f"/teams/{team.pk}/invitations/{invitation.pk}/revoke/")
    elif how == "used":
        TeamInvitation.objects.update(uses=2)
    elif how == "renewed":
        as_alice.post(f"/teams/{team.pk}/invitations/{invitation.pk}/renew/")
    else:
        path = "/team-invitations/nothing/"
    for answer in (as_bob.get(path), accept(as_bob, path)):
        assert (answer.status_code, ENDED in answer.content.decode()) == (404, True)
    assert not teams.role(bob, team)


def test_a_new_link_is_good_as_long_as_the_first(as_alice, as_bob, bob, team, ask):
    ask(days="30")
    invitation = TeamInvitation.objects.get()
    TeamInvitation.objects.update(
        created_at=timezone.now() - dt.timedelta(31), expires_at=timezone.now() - dt.timedelta(1)
    )
    page = as_alice.post(f"/teams/{team.pk}/invitations/{invitation.pk}/renew/").content.decode()
    accept(as_bob, re.search(r"/team-invitations/[\w-]+/", page)[0])
    assert teams.role(bob, team) == "member"
    invitation.refresh_from_db()
    assert dt.timedelta(29, 86_000) < invitation.expires_at - timezone.now() <= dt.timedelta(30)


def test_one_for_an_address_is_mailed(settings, ask):
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://studio.example"
    path = ask(email="carol@example.com")
    [sent] = mail.outbox
    assert (sent.to, f"https://studio.example{path}" in sent.body) == (["carol@example.com"], True)


@pytest.mark.parametrize("path", ["revoke", "renew"])
def test_only_an_owner_of_that_team_has_them(as_bob, bob, team, ask, path):
    ask()
    invitation = TeamInvitation.objects.get()
    Membership.objects.create(team=team, user=bob)
    own = Team.objects.create(name="Own")
    Membership.objects.create(team=own, user=bob, role=TeamRole.OWNER)
    for one in (team, own):
        assert as_bob.post(f"/teams/{one.pk}/invitations/{invitation.pk}/{path}/").status_code == 404


@pytest.mark.parametrize("way", [{"most_uses": "50"}, {"email": "bob@example.com"}, {"email": "carol@example.com"}])
def test_who_was_taken_out_does_not_come_back_by_an_old_one(as_alice, as_bob, bob, team, ask, way):
    """By a link for many, by one to them, or by one that they made as an owner, for an address that they then take."""
    path, other = ask(**way), ask(email="dave@example.com")
    kept = TeamInvitation.objects.get(email="dave@example.com")
    TeamInvitation.objects.filter(email="carol@example.com").update(invited_by=bob)
    Membership.objects.create(team=team, user=bob)
    page = as_alice.post(f"/teams/{team.pk}/people/{bob.pk}/remove/", follow=True).content.decode()
    assert "One invitation by which they could come back is withdrawn." in page
    User.objects.filter(pk=bob.pk).update(email=way.get("email", bob.email))
    for answer in (as_bob.get(path), accept(as_bob, path)):
        assert answer.status_code == 404
    assert not teams.role(bob, team)
    assert team_invitations.state(kept) == "open"
    assert as_bob.get(other).status_code == 200


# -- Signing up with one ---------------------------------------------------------------------------------------------
def test_one_for_an_address_lets_it_sign_up_into_the_team(settings, client, team, ask):
    path = ask(email="carol@example.com")
    settings.SIGNUP = "invite"
    visitor = Client()
    assert "Make an account and join" in visitor.get(path).content.decode()
    assert "Your invitation is for carol@example.com" in sign_up(visitor, "dave@example.com").content.decode()
    assert sign_up(visitor, "carol@example.com").status_code == 302
    carol = User.objects.get(email="carol@example.com")
    assert (teams.role(carol, team), carol.space) == ("member", team)
    assert not carol.emailaddress_set.filter(verified=True).exists()


@pytest.mark.parametrize(
    ("signup", "by_operator", "admitted"),
    [("open", False, True), ("invite", False, False), ("invite", True, True), ("closed", True, False)],
)
def test_a_link_for_many_makes_accounts_where_the_operator_lets_it(
    settings, alice, team, ask, signup, by_operator, admitted
):
    path = ask()
    User.objects.filter(pk=alice.pk).update(is_superuser=by_operator)
    settings.SIGNUP = signup
    visitor = Client()
    assert ("Make an account and join" in visitor.get(path).content.decode()) == admitted
    sign_up(visitor, "carol@example.com")
    assert User.objects.filter(email="carol@example.com", memberships__team=team).exists() == admitted


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_last_use_goes_to_one(alice, team):
    people = [User.objects.create_user(f"p{number}@example.com", name=f"P{number}") for number in range(4)]
    invitation = TeamInvitation.objects.create(
        team=team, token_hash="x", invited_by=alice, expires_at=timezone.now() + dt.timedelta(1), most_uses=2
    )
    start = Barrier(len(people))

    def take(user: User) -> None:
        request = HttpRequest()
        request.user, request.session = user, {}
        start.wait(10)
        team_invitations.accept(request, invitation, user)
        connection.close()

    threads = [Thread(target=take, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    invitation.refresh_from_db()
    assert (invitation.uses, team.memberships.count()) == (2, 3)
