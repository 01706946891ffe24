"""The pages of what waits for approval, of a team's keys, and what Create says before the click."""

import pytest
from django.test import Client

from accounts.models import Membership, ProviderKey, Team, TeamKey, TeamRole, User
from generations.models import Job
from generations.models.states import State
from tests.generations.pages.conftest import GPU, form, make_job, make_paid_job, offer


@pytest.fixture
def use(alice: User, bob: User, gpu: ProviderKey) -> TeamKey:
    """Bob may use alice's key, and asks her above 1 NOK."""
    team = Team.objects.create(name="Night shift")
    Membership.objects.create(team=team, user=alice, role=TeamRole.OWNER)
    Membership.objects.create(team=team, user=bob, role=TeamRole.MEMBER)
    return TeamKey.objects.create(team=team, key=gpu, approve_above=1, member_limit=50)


@pytest.fixture
def held(use: TeamKey, as_bob: Client) -> Job:
    """As Create makes it."""
    as_bob.post("/jobs/", form(model=offer(use.key, "flux"), prompt="a secret fox", price="2 NOK;0 unknown"))
    return Job.objects.get()


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_create_says_it_before_the_click(use, as_bob):
    said = as_bob.post("/create/quote/", form(model=offer(use.key, "flux"))).content.decode().replace("\xa0", " ")
    assert "Alice is asked first: it costs more than 1.00 NOK" in said
    assert "You have used 0.00 NOK of your 50.00 NOK this month with Work." in said
    assert "wxyz" not in said


def test_its_owner_sees_that_it_waits_for_whom(held, as_bob):
    page = words(as_bob, f"/jobs/{held.pk}/")
    assert held.state == State.HELD
    assert "Waits for approval" in page
    assert "Alice decides, and has been told: 2.00 NOK, with their key Work." in page
    assert "Withdraw" in page
    assert "wxyz" not in page


def test_what_the_account_holds_after_it_is_its_owners_alone(use, as_alice, as_bob, bob):
    held = {"remaining_amount": 77, "quoted_amount": 2, "quoted_unit": "NOK"}
    lent, own = make_job(bob, State.SUCCEEDED, provider=GPU, key=use.key, **held), make_paid_job(use.key, **held)
    assert "77.00 NOK" not in words(as_bob, f"/jobs/{lent.pk}/")
    assert "77.00 NOK" in words(as_alice, f"/jobs/{own.pk}/")


def test_only_who_is_asked_sees_what_is_asked(held, as_alice, as_bob, as_operator):
    address = f"/jobs/{held.pk}/approval/"
    assert "a secret fox" in words(as_alice, address)
    assert as_alice.get(f"/jobs/{held.pk}/").status_code == 404
    for other in (as_bob, as_operator, Client()):
        assert other.get(address).status_code in (302, 404)
        assert other.post(f"/jobs/{held.pk}/approve/", {"price": "2 NOK;0 unknown"}).status_code in (302, 404)
    held.refresh_from_db()
    assert held.state == State.HELD


def test_approved_on_its_page_it_goes_on(held, as_alice):
    assert "a secret fox" in words(as_alice, "/approvals/")
    assert as_alice.post(f"/jobs/{held.pk}/approve/", {"price": "2 NOK;0 unknown"}).url == "/approvals/"
    held.refresh_from_db()
    assert held.state == State.QUEUED
    assert "It was approved" in words(as_alice, f"/jobs/{held.pk}/approval/")
    assert "Nothing waits for you" in words(as_alice, "/approvals/")


def test_declined_with_a_reason_its_owner_reads_it(held, as_alice, as_bob):
    as_alice.post(f"/jobs/{held.pk}/decline/", {"reason": "Use <b>Lite</b>"})
    assert "Alice did not approve it: Use &lt;b&gt;Lite&lt;/b&gt;." in words(as_bob, f"/jobs/{held.pk}/")


def test_a_job_that_was_never_held_is_not_shown_to_the_keys_owner(use, bob, gpu, as_alice):
    job = make_paid_job(gpu)
    Job.objects.update(owner=bob)
    assert as_alice.get(f"/jobs/{job.pk}/approval/").status_code == 404


# -- A team's keys ---------------------------------------------------------------------------------------------------
def test_everybody_sees_their_part_and_the_keys_owner_all(use, alice, bob, gpu, as_alice, as_bob):
    job = make_paid_job(gpu, State.RUNNING)
    Job.objects.filter(pk=job.pk).update(owner=bob)
    address = f"/teams/{use.team_id}/keys/"
    assert "Bob, this month" in words(as_alice, address)
    carol = User.objects.create_user("carol@example.com", name="Carol")
    Membership.objects.create(team=use.team, user=carol, role=TeamRole.MEMBER)
    seen = Client()
    seen.force_login(carol)
    assert "2.00 NOK of 50.00 NOK" in words(as_bob, address)
    page = words(seen, address)
    assert "Bob" not in page
    assert "wxyz" not in page


def test_a_key_is_lent_changed_and_taken_back(use, alice, gpu, as_alice):
    address = f"/teams/{use.team_id}/keys/"
    as_alice.post(f"{address}{use.pk}/revoke/")
    assert not TeamKey.objects.exists()
    as_alice.post(address, {"key": gpu.pk, "member_limit": "10", "approve_above": ""})
    lent = TeamKey.objects.get()
    assert (lent.member_limit, lent.approve_above) == (10, None)
    as_alice.post(f"{address}{lent.pk}/", {"member_limit": "", "approve_above": "3"})
    lent.refresh_from_db()
    assert (lent.member_limit, lent.approve_above) == (None, 3)
    assert as_alice.post(f"{address}{lent.pk}/", {"member_limit": "-1"}).status_code == 422


def test_one_lends_ones_own_keys_only(use, bob, gpu, as_bob):
    own = Team.objects.create(name="Own")
    Membership.objects.create(team=own, user=bob, role=TeamRole.OWNER)
    assert as_bob.post(f"/teams/{own.pk}/keys/", {"key": gpu.pk}).status_code == 422
    assert as_bob.post(f"/teams/{use.team_id}/keys/", {"key": gpu.pk}).status_code == 404


def test_the_same_click_twice_waits_once(use, as_bob):
    click = form(model=offer(use.key, "flux"), price="2 NOK;0 unknown")
    as_bob.post("/jobs/", click)
    as_bob.post("/jobs/", click)
    assert Job.objects.count() == 1
