"""Teams: who is in them, as what, and how that changes."""

import pytest
from django.test import Client

from accounts import keys, team_keys, teams
from accounts.models import AuditEntry, Membership, Notice, Team, TeamKey, TeamRole, User
from generations.organising import albums
from generations.search.filters import albums_seen_by
from studio import frame
from tests.accounts.conftest import make_key

OWNER, MEMBER, VIEWER = TeamRole.OWNER, TeamRole.MEMBER, TeamRole.VIEWER


@pytest.fixture
def team(as_alice: Client, alice: User) -> Team:
    as_alice.post("/teams/new/", {"name": "  Night   shift "})
    return Team.objects.get()


@pytest.fixture
def with_bob(team: Team, bob: User) -> Team:
    Membership.objects.create(team=team, user=bob, role=MEMBER)
    return team


def post(client: Client, team: Team, path: str, **data: object):
    return client.post(f"/teams/{team.pk}/{path}", data)


def test_its_maker_owns_it_and_looks_at_it(team, alice):
    alice.refresh_from_db()
    assert (team.name, teams.role(alice, team), alice.space) == ("Night shift", OWNER, team)


def test_the_last_owner_stays_one(as_alice, alice, with_bob):
    for path, data in (
        ("leave/", {}),
        (f"people/{alice.pk}/role/", {"role": MEMBER}),
        (f"people/{alice.pk}/remove/", {}),
    ):
        page = as_alice.post(f"/teams/{with_bob.pk}/{path}", data, follow=True)
        assert "A team needs an owner" in page.content.decode()
    assert teams.role(alice, with_bob) == OWNER


def test_made_over_it_is_anothers(as_alice, alice, bob, with_bob):
    key = make_key(alice)
    TeamKey.objects.create(team=with_bob, key=key)
    post(as_alice, with_bob, "transfer/", to=bob.pk)
    assert (teams.role(alice, with_bob), teams.role(bob, with_bob)) == (MEMBER, OWNER)
    assert not TeamKey.objects.exists()
    assert (
        Notice.objects.get(user=bob, event="team").text
        == "Alice has made Night shift over to you: you are its owner now."
    )
    assert post(as_alice, with_bob, "leave/").url == "/teams/"


def test_who_leaves_may_take_along_what_was_shared(as_bob, bob, with_bob):
    User.objects.filter(pk=bob.pk).update(space=with_bob, shares_with=with_bob)
    assert post(as_bob, with_bob, "leave/", take_along="on").url == "/teams/"
    bob.refresh_from_db()
    assert (teams.role(bob, with_bob), bob.space, bob.shares_with) == ("", None, None)


@pytest.mark.parametrize("how", ["removed", "left", "taken along"])
def test_an_album_of_who_goes_stays_with_the_team(as_alice, as_bob, alice, bob, with_bob, how):
    album = albums.create(bob, "Harbour", team=with_bob.pk)
    if how == "removed":
        post(as_alice, with_bob, f"people/{bob.pk}/remove/")
    else:
        post(as_bob, with_bob, "leave/", **({"take_along": "on"} if how == "taken along" else {}))
    album.refresh_from_db()
    assert (album.owner, album.team) == ((bob, None) if how == "taken along" else (alice, with_bob))
    assert albums.writable(bob).exists() == albums_seen_by(bob).exists() == (how == "taken along")
    assert as_bob.post(f"/albums/{album.pk}/delete/").status_code == (302 if how == "taken along" else 404)


def test_who_is_taken_out_is_told(as_alice, as_bob, bob, with_bob):
    post(as_alice, with_bob, f"people/{bob.pk}/remove/")
    assert as_bob.get(f"/teams/{with_bob.pk}/people/").status_code == 404
    assert "not in Night shift any more" in Notice.objects.get(user=bob).text


def test_a_role_is_changed_by_owners_alone(as_alice, as_bob, alice, bob, with_bob):
    assert post(as_bob, with_bob, f"people/{bob.pk}/role/", role=OWNER).status_code == 404
    post(as_alice, with_bob, f"people/{bob.pk}/role/", role="emperor")
    assert teams.role(bob, with_bob) == MEMBER
    post(as_alice, with_bob, f"people/{bob.pk}/role/", role=OWNER)
    assert teams.role(bob, with_bob) == OWNER
    entry = AuditEntry.objects.get(action="role.changed")
    assert (entry.actor, entry.team, entry.detail) == (alice, with_bob, {"before": MEMBER, "after": OWNER})


@pytest.mark.parametrize("path", ["rename/", "delete/", "transfer/", "invite/"])
def test_what_owners_do_is_not_there_for_others(as_bob, with_bob, path):
    assert post(as_bob, with_bob, path, name="Mine").status_code == 404


def test_deleted_by_its_name_only(as_alice, alice, with_bob, bob):
    assert post(as_alice, with_bob, "delete/", name="Day shift").status_code == 422
    post(as_alice, with_bob, "delete/", name="Night shift")
    assert not Team.objects.exists()
    assert (
        Notice.objects.get(user=bob).text == "Alice has deleted the team Night shift. What you shared is yours alone."
    )
    assert AuditEntry.objects.get(action="team.deleted").target == "Night shift"


def test_a_space_is_one_of_ones_own_teams(as_alice, as_bob, alice, bob, team):
    assert as_bob.post("/teams/space/", {"team": team.pk}).status_code == 404
    assert as_alice.post("/teams/space/", {"team": ""}).url == "/gallery/"
    alice.refresh_from_db()
    assert alice.space is None
    as_alice.post("/teams/space/", {"team": team.pk})
    assert frame.read(User.objects.get(pk=alice.pk)).spaces.current == team


def test_a_space_ends_with_the_membership(alice, team):
    alice.refresh_from_db()
    Membership.objects.all().delete()
    assert frame.read(alice).spaces == teams.Spaces(None, [], [])


def test_new_jobs_are_shared_only_where_one_writes(as_bob, bob, with_bob):
    settings = {"name": "Bob", "theme": "dark"}
    as_bob.post("/settings/", {**settings, "shares_with": with_bob.pk})
    bob.refresh_from_db()
    assert bob.shares_with == with_bob
    Membership.objects.filter(user=bob).update(role=VIEWER)
    assert (
        "Select a valid choice" in as_bob.post("/settings/", {**settings, "shares_with": with_bob.pk}).content.decode()
    )


# -- Keys ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "count"), [(OWNER, 1), (MEMBER, 1), (VIEWER, 0), (None, 0)])
def test_a_granted_key_is_usable_by_those_who_make(alice, bob, team, role, count):
    key = make_key(alice)
    TeamKey.objects.create(team=team, key=key)
    if role:
        Membership.objects.create(team=team, user=bob, role=role)
    assert (keys.usable_by(bob).count(), keys.may_use(bob, key)) == (count, bool(count))


def test_ones_own_keys_come_first_and_others_have_their_owners_name(alice, bob, with_bob):
    TeamKey.objects.create(team=with_bob, key=make_key(alice, "A", is_default=True))
    make_key(bob, "B")
    assert [(key.name, key.is_lent) for key in keys.usable_by(bob)] == [("B", False), ("A (Alice)", True)]
    assert [key.name for key in keys.usable_by(alice)] == ["A"]


def test_the_strictest_terms_hold(alice, bob, with_bob):
    key = make_key(alice)
    other = Team.objects.create(name="Other")
    Membership.objects.create(team=other, user=bob)
    TeamKey.objects.create(team=with_bob, key=key, member_limit=5)
    TeamKey.objects.create(team=other, key=key, member_limit=9, approve_above=2)
    assert team_keys.terms(bob.pk, [key]) == {key.pk: team_keys.Terms(5, 2)}
    assert team_keys.terms(alice.pk, [key]) == {}
