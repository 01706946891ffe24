"""A team of alice, who owns it, bob, a member, and carol, who only looks."""

import pytest

from accounts.models import Membership, Team, TeamRole, User
from tests.generations.pages.conftest import keep

__all__ = ["keep"]


@pytest.fixture
def carol(db) -> User:
    return User.objects.create_user("carol@example.com", name="Carol")


@pytest.fixture
def team(alice, bob, carol) -> Team:
    made = Team.objects.create(name="Studio North")
    roles = ((alice, TeamRole.OWNER), (bob, TeamRole.MEMBER), (carol, TeamRole.VIEWER))
    Membership.objects.bulk_create(Membership(team=made, user=user, role=role) for user, role in roles)
    return made
