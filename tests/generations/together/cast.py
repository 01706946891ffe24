"""A team: alice owns it, bob makes in it, carol looks. Dave is in none."""

from __future__ import annotations

from django.test import Client

from accounts.models import Membership, Team, TeamRole, User
from generations.models import Job
from tests.generations.pages.conftest import make_job


def person(name: str) -> User:
    """Without a password, which takes long to hash."""
    email = f"{name.lower()}@example.com"
    return User.objects.filter(email=email).first() or User.objects.create(email=email, name=name)


def make_team(name: str = "Lighthouse", **roles: str) -> Team:
    """`roles`: by first name; without any, the usual three."""
    team = Team.objects.create(name=name)
    for who, role in (roles or {"alice": "owner", "bob": "member", "carol": "viewer"}).items():
        Membership.objects.create(team=team, user=person(who.capitalize()), role=TeamRole(role))
    return team


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_shared(owner: User, team: Team | None, **fields: object) -> Job:
    return make_job(owner, team=team, **fields)
