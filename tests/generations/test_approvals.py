"""Jobs that wait for the approval of their key's owner: which, what is sent of them, and how they go on or end."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditEntry, Membership, Notice, ProviderKey, Team, TeamKey, TeamRole, User
from generations import approvals, jobs
from generations.models import Job
from generations.models.states import Charge, State
from generations.money import limits, quotes
from generations.sentences import status
from studio.providers.base import Cost, Quote
from tests.generations.conftest import GPU, IMAGE, timeline

SEEN = "9 NOK;0 unknown"


def price(amount: str | None, unit: str = "NOK") -> Quote:
    return Quote(None if amount is None else Cost(Decimal(amount), unit))


def order(key: ProviderKey, amount: str | None = "9", unit: str = "NOK", *, prompt: str = "a red fox") -> jobs.Order:
    return jobs.Order(GPU, key, IMAGE, prompt, {}, price(amount, unit))


@pytest.fixture
def use(alice: User, bob: User, key: ProviderKey) -> TeamKey:
    """Bob may use alice's key, and asks her above 5 NOK."""
    team = Team.objects.create(name="Night shift")
    Membership.objects.create(team=team, user=alice, role=TeamRole.OWNER)
    Membership.objects.create(team=team, user=bob, role=TeamRole.MEMBER)
    return TeamKey.objects.create(team=team, key=key, approve_above=5)


@pytest.fixture
def held(use: TeamKey, bob: User, key: ProviderKey) -> Job:
    [job] = jobs.create(bob, [order(key)])
    return job


@pytest.fixture
def by_alice(alice: User) -> HttpRequest:
    request = HttpRequest()
    request.user = alice
    return request


@pytest.fixture
def today(monkeypatch):
    """What the job costs when it is approved."""

    def cost(amount: str | None, unit: str = "NOK", **fields: bool) -> None:
        monkeypatch.setattr(quotes, "today", lambda job: Quote(price(amount, unit).cost, **fields))

    cost("9")
    return cost


@pytest.mark.parametrize(
    ("amount", "unit", "waits"),
    [("5", "NOK", False), ("5.01", "NOK", True), (None, "", True), ("1", "credits", True), ("0", "", False)],
)
def test_what_is_dearer_or_unknown_waits(use, bob, key, amount, unit, waits):
    [job] = jobs.create(bob, [order(key, amount, unit)])
    assert (job.state, job.due_at is None) == ((State.HELD, True) if waits else (State.QUEUED, False))


def test_without_an_amount_nothing_waits_nor_does_the_owners_own(use, alice, bob, key):
    assert jobs.create(alice, [order(key, None)])[0].state == State.QUEUED
    TeamKey.objects.update(approve_above=None)
    assert jobs.create(bob, [order(key, None)])[0].state == State.QUEUED


def test_its_keys_owner_is_told_once_for_a_click(use, alice, bob, key):
    made = jobs.create(bob, [order(key), order(key), order(key, "1")])
    notice = Notice.objects.get(user=alice, event="approval_wanted")
    said = "Bob asks for your approval: 2 jobs with Work, 18.00 NOK. “a red fox”"
    assert notice.text.replace("\xa0", " ") == said
    assert notice.url == f"/jobs/{made[0].pk}/approval/"
    assert approvals.beside(made[0]) == [made[1]]
    jobs.create(bob, [order(key), order(key), order(key, "1")], group=made[0].group)
    assert Notice.objects.filter(user=alice).count() == 1


@pytest.mark.parametrize(
    ("prompts", "told"),
    [
        (["a\nfox ", "a fox"], " “a fox”"),
        (["a fox", "a hare"], " “a fox” and 1 more"),
        (["x" * 200], f" “{'x' * 99}…”"),
        ([""], ""),
    ],
)
def test_its_keys_owner_is_told_what_is_to_be_made(use, alice, bob, key, prompts, told):
    jobs.create(bob, [order(key, prompt=prompt) for prompt in prompts])
    assert Notice.objects.get(user=alice).text.endswith(f"NOK.{told}")


def test_it_counts_as_nothing_spent_until_it_is_approved(held, key, by_alice, today):
    assert limits.standing(key).spent == 0
    assert status(held) == "Waits for approval"
    assert approvals.approve(by_alice, held, seen=SEEN).done
    assert limits.standing(key).spent == 9


def test_approved_it_goes_on(held, alice, bob, use, by_alice, today):
    assert approvals.approve(by_alice, held, seen=SEEN).done
    held.refresh_from_db()
    assert (held.state, held.due_at is not None) == (State.QUEUED, True)
    assert timeline(held) == ["created", "held", "approved"]
    assert Notice.objects.get(user=bob).text == "Alice approved your FLUX Fast. It goes on now."
    assert AuditEntry.objects.get(action="job.approved").team == use.team
    assert approvals.approve(by_alice, held, seen=SEEN).message == "It has been settled meanwhile."


def test_one_that_has_become_dearer_is_shown_first(held, by_alice, today):
    today("12")
    answer = approvals.approve(by_alice, held, seen=SEEN)
    held.refresh_from_db()
    assert (answer.done, held.state, held.quoted_amount) == (False, State.HELD, 12)
    assert answer.message.replace("\xa0", " ").startswith("The price has changed from 9.00 NOK to 12.00 NOK.")
    assert approvals.approve(by_alice, held, seen="12 NOK;0 unknown").done


def test_one_whose_price_is_on_its_way_waits_for_it(held, by_alice, today):
    today(None, pending=True)
    assert approvals.approve(by_alice, held, seen=SEEN).message.startswith("The price is still on its way.")
    held.refresh_from_db()
    assert (held.state, held.quoted_amount) == (State.HELD, 9)


@pytest.mark.parametrize("whose", ["key", "member"])
def test_limits_hold_when_it_is_approved(held, use, bob, key, by_alice, today, whose):
    if whose == "key":
        ProviderKey.objects.update(hard_limit=10)
    else:
        TeamKey.objects.update(member_limit=10)
    jobs.create(bob, [order(key, "2")])
    answer = approvals.approve(by_alice, held, seen=SEEN)
    assert (answer.done, answer.message) == (
        False,
        "It is beyond the limit of Work, or of Bob with it. Raise that first.",
    )
    held.refresh_from_db()
    assert held.state == State.HELD
    assert not Notice.objects.filter(user=bob).exists()


@pytest.mark.parametrize("limit", [10, 11])
def test_one_of_last_month_counts_in_that_of_its_approval(held, use, bob, key, by_alice, today, limit):
    Job.objects.filter(pk=held.pk).update(created_at=timezone.now() - timedelta(days=40))
    held.refresh_from_db()
    TeamKey.objects.update(member_limit=limit)
    jobs.create(bob, [order(key, "2")])
    is_within = approvals.approve(by_alice, held, seen=SEEN).done
    assert is_within == (limit == 11)
    assert limits.standing(key).spent == (11 if is_within else 2)


def test_who_has_left_gets_nothing_approved(held, bob, by_alice, today):
    Membership.objects.filter(user=bob).delete()
    assert not approvals.approve(by_alice, held, seen=SEEN).done
    held.refresh_from_db()
    assert (held.state, held.error) == (State.CANCELLED, "Work is not yours to use any more.")


def test_declined_it_ends_and_says_why(held, bob, by_alice):
    assert approvals.decline(by_alice, held, " Too   dear ").done
    held.refresh_from_db()
    assert (held.state, held.charge, held.finished_at is not None) == (State.CANCELLED, Charge.NO, True)
    assert status(held) == "Alice did not approve it: Too dear."
    assert Notice.objects.get(user=bob).text == "Alice did not approve your FLUX Fast: Too dear"
    assert not approvals.decline(by_alice, held, "").done


def test_it_can_be_withdrawn(held, by_alice, today):
    assert jobs.cancel(held).over
    held.refresh_from_db()
    assert (held.state, held.charge) == (State.CANCELLED, Charge.NO)
    assert not approvals.approve(by_alice, held, seen=SEEN).done


def test_it_can_be_deleted_and_asked_for_again(held, bob, by_alice):
    approvals.decline(by_alice, held, "")
    again = jobs.retry(held, confirmed=False)
    assert (again.state, Notice.objects.filter(event="approval_wanted").count()) == (State.HELD, 2)
    assert jobs.hide(again)
    again.refresh_from_db()
    assert again.state == State.CANCELLED


def test_all_of_a_click_at_the_price_that_was_shown(use, alice, bob, key, by_alice, today):
    made = jobs.create(bob, [order(key), order(key)])
    assert not approvals.approve_all(by_alice, made, seen=SEEN).done
    assert approvals.approve_all(by_alice, made, seen="18 NOK;0 unknown").message == "Approved: 2 jobs."
    assert set(Job.objects.values_list("state", flat=True)) == {State.QUEUED}
