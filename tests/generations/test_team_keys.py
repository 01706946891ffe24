"""A key that a team may use: who makes things with it, how much each may spend, and how it ends."""

from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from accounts import keys
from accounts.models import Membership, ProviderKey, Team, TeamKey, TeamRole, User
from generations import jobs
from generations.catalogue import listings
from generations.chats import offers, posting, prices
from generations.models import Conversation, Job, Message, ReplyState
from generations.models.states import Charge, State
from generations.money import lent, limits
from studio.providers.base import Cost, Quote
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect
from tests.generations.conftest import GPU, IMAGE, until_state
from tests.generations.conftest import shift_at_work as at_work


@pytest.fixture
def team(alice: User, bob: User, key: ProviderKey) -> Team:
    """Alice's, with bob in it; it may use her key."""
    team = Team.objects.create(name="Night shift")
    Membership.objects.create(team=team, user=alice, role=TeamRole.OWNER)
    Membership.objects.create(team=team, user=bob, role=TeamRole.MEMBER)
    TeamKey.objects.create(team=team, key=key)
    return team


def order(key: ProviderKey, amount: str | None = "2", unit: str = "NOK") -> jobs.Order:
    cost = None if amount is None else Cost(Decimal(amount), unit)
    return jobs.Order(GPU, key, IMAGE, "a red fox", {}, Quote(cost))


def terms(**amounts: str | None) -> None:
    TeamKey.objects.update(**amounts)


def spent(key: ProviderKey, user: User) -> Decimal:
    part = lent.part(key, user.pk)
    assert part is not None
    return part.spent


def test_it_is_offered_beside_ones_own(team, bob, key, settings):
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, GPU: "http://127.0.0.1:1"}
    assert [source.key.name for source in listings.sources(bob) if source.key] == ["Work (Alice)"]
    Membership.objects.filter(user=bob).update(role=TeamRole.VIEWER)
    assert not [source for source in listings.sources(bob) if source.key]


@pytest.mark.django_db(transaction=True)
def test_a_key_taken_back_sends_nothing_more(fake, team, bob, key):
    [job] = jobs.create(bob, [order(key)])
    TeamKey.objects.all().delete()
    with at_work():
        until_state(job, State.FAILED)
    assert (job.charge, job.remote_id) == (Charge.NO, "")
    assert job.error == "The team may not use this key any more, or you are not in the team. Nothing was sent."
    with pytest.raises(jobs.NotPossible, match="not yours to use any more"):
        jobs.retry(job, confirmed=True)


@pytest.mark.django_db(transaction=True)
def test_what_is_at_the_provider_is_watched_to_its_end(fake, team, bob, key):
    [job] = jobs.create(bob, [order(key)])
    with at_work():
        until_state(job, State.PENDING, State.RUNNING, State.SAVING, State.SUCCEEDED)
        Membership.objects.filter(user=bob).delete()
        until_state(job, State.SUCCEEDED)


def test_a_members_part_is_theirs_alone(team, alice, bob, key):
    terms(member_limit="5")
    jobs.create(alice, [order(key)] * 3)
    jobs.create(bob, [order(key)] * 2)
    assert spent(key, bob) == 4
    assert limits.standing(key).spent == 10
    with pytest.raises(jobs.NotPossible) as refusal:
        jobs.create(bob, [order(key)])
    assert str(refusal.value).replace("\xa0", " ") == (
        "This costs 2.00 NOK, and would take you beyond your 5.00 NOK a month with Work. "
        "You have used 4.00 NOK, what is under way included."
    )
    jobs.create(bob, [order(key, "1")])
    jobs.create(alice, [order(key)])


@pytest.mark.parametrize(("amount", "unit"), [(None, ""), ("1", "credits")])
def test_within_a_part_what_cannot_be_counted_is_not_made(team, bob, key, amount, unit):
    terms(member_limit="5")
    with pytest.raises(jobs.NotPossible, match="You have a monthly limit with Work"):
        jobs.create(bob, [order(key, amount, unit)])


def test_of_the_keys_own_limit_a_member_is_not_told_the_figures(team, alice, bob, key):
    ProviderKey.objects.update(hard_limit=3)
    jobs.create(alice, [order(key)])
    with pytest.raises(jobs.NotPossible) as refusal:
        jobs.create(bob, [order(key)])
    assert str(refusal.value) == "This would take Work beyond what Alice lets it spend in a month. Ask Alice."


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_do_not_both_take_what_is_left(team, bob, key):
    terms(member_limit="3")
    start, refused = Barrier(2), []

    def click() -> None:
        start.wait(10)
        try:
            jobs.create(bob, [order(key)])
        except jobs.NotPossible as refusal:
            refused.append(str(refusal))
        connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Job.objects.count(), len(refused)) == (1, 1)


# -- Chat ------------------------------------------------------------------------------------------------------------
LLM = chat_dialect("openai")


@pytest.fixture
def chatting(team: Team, alice: User) -> ProviderKey:
    made = ProviderKey(owner=alice, provider="openai", label="House", base_url="http://127.0.0.1:9/v1")
    made.conceal("")
    made.save()
    TeamKey.objects.create(team=team, key=made, member_limit=1)
    return made


def reply_of(bob: User, key: ProviderKey) -> tuple[Conversation, Message]:
    usable = keys.usable_by(bob).get(pk=key.pk)
    conversation = Conversation.objects.create(owner=bob)
    offer = offers.ChatOffer(LLM, usable, ChatModel("m", "M"))
    [reply] = posting.say(conversation, "Hello", [offer], click=uuid4())
    return conversation, reply


def test_a_reply_costs_what_the_keys_owner_says(chatting, alice, bob):
    priced = prices.Priced("openai", chatting.base_url, "m")
    prices.put(bob, priced, input=Decimal(0), output=Decimal(0), unit="USD")
    prices.put(alice, priced, input=Decimal(2), output=Decimal(6), unit="EUR")
    _, reply = reply_of(bob, chatting)
    assert (reply.input_price, reply.cost_unit) == (2, "EUR")


def test_what_replies_cost_is_ones_part(chatting, alice, bob):
    priced = prices.Priced("openai", chatting.base_url, "m")
    prices.put(alice, priced, input=Decimal(2), output=Decimal(6), unit="EUR")
    _, reply = reply_of(bob, chatting)
    reply_of(bob, chatting)
    Message.objects.filter(pk=reply.pk).update(state=ReplyState.DONE, cost="0.75", cost_unit="EUR")
    assert spent(chatting, bob) == Decimal("0.75")
    Message.objects.filter(pk=reply.pk).update(cost="1")
    with pytest.raises(posting.Unanswerable, match=r"used your 1\.00\xa0EUR of this month with House"):
        reply_of(bob, chatting)


def test_where_its_server_stands_is_not_told(chatting, bob):
    source = offers.ChatSource(LLM, keys.usable_by(bob).get(pk=chatting.pk), ())
    assert (source.label, source.address) == ("House (Alice)", "")
