"""What the frame of every page tells: it is one query."""

import pytest

from accounts.models import Membership, Notice, Team, TeamRole
from studio import frame
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db


def seat(person, name, role):
    team = Team.objects.create(name=name)
    Membership.objects.create(team=team, user=person, role=role)
    return team


def test_of_who_has_nothing_it_tells_nothing(alice, bob):
    make_job(bob, "running")
    Notice.objects.create(user=bob, text="Bob’s")
    seat(bob, "Theirs", TeamRole.OWNER)
    told = frame.read(alice)
    assert (told.running, told.unread) == (0, 0)
    assert (told.spaces.current, told.spaces.teams, told.spaces.written) == (None, [], [])


def test_all_of_it_is_one_query(alice, bob, django_assert_num_queries):
    make_job(bob, "running")
    for state in ("queued", "running", "saving", "succeeded", "failed"):
        make_job(alice, state)
    for fields in ({}, {}, {"in_app": False}):
        Notice.objects.create(user=alice, text="Done", **fields)
    late = seat(alice, "zebra", TeamRole.VIEWER)
    early = seat(alice, "Ant", TeamRole.MEMBER)
    alice.space = late
    with django_assert_num_queries(1):
        told = frame.read(alice)
        assert [str(team) for team in told.spaces.teams] == ["Ant", "zebra"]
    assert (told.running, told.unread) == (3, 2)
    assert told.spaces == frame.teams.Spaces(late, [early, late], [early])
