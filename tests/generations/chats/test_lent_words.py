"""What is said with a lent key stays within its borrower's part, however it is said, and however it ends."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts import keys
from accounts.models import Membership, ProviderKey, Team, TeamKey, TeamRole, User
from generations.chats import offers, posting, prices, titles
from generations.models import Conversation, Message, ReplyState
from generations.money import lent, lent_words
from studio.database import query
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect
from tests.fake_llm.scripts import answer
from tests.generations.chats.conftest import at_work, ended, run, until, write

pytestmark = pytest.mark.django_db
MILLION, NANO = Decimal(1_000_000), Decimal("1e-9")


@pytest.fixture
def part(alice: User, bob: User, key: ProviderKey) -> ProviderKey:
    """Alice's key, of which bob may use 1 EUR a month; its model has a price."""
    team = Team.objects.create(name="Night shift")
    Membership.objects.create(team=team, user=alice, role=TeamRole.OWNER)
    Membership.objects.create(team=team, user=bob, role=TeamRole.MEMBER)
    TeamKey.objects.create(team=team, key=key, member_limit=1)
    price(key, "fake-small")
    return key


def price(key: ProviderKey, model: str, unit: str = "EUR") -> None:
    named = prices.Priced("openai", key.base_url, model)
    prices.put(key.owner, named, input=Decimal(3), output=Decimal(6), unit=unit)


def offer(user: User, key: ProviderKey, model: str = "fake-small") -> offers.ChatOffer:
    return offers.ChatOffer(chat_dialect("openai"), keys.usable_by(user).get(pk=key.pk), ChatModel(model, model))


def say(user: User, key: ProviderKey, text: str = "Hello", model: str = "fake-small") -> Message:
    [reply] = posting.say(Conversation.objects.create(owner=user), text, [offer(user, key, model)], click=uuid4())
    return reply


def spent(key: ProviderKey, user: User) -> Decimal:
    return lent.used([key], owner=user.pk).get((key.pk, user.pk), {}).get("EUR", Decimal(0))


def ends(reply: Message, state: ReplyState = ReplyState.DONE, **facts: object) -> None:
    Message.objects.filter(pk=reply.pk).update(state=state, **facts)
    reply.refresh_from_db()


# -- What is asked ---------------------------------------------------------------------------------------------------
def test_a_model_without_a_price_is_not_asked(part, alice, bob):
    with pytest.raises(posting.Unanswerable, match="Alice has set no price for this model"):
        say(bob, part, model="fake-large")
    assert not Message.objects.exists()
    say(alice, part, model="fake-large")
    TeamKey.objects.update(member_limit=None)
    say(bob, part, model="fake-large")


def test_nor_one_in_another_unit(part, bob):
    ends(say(bob, part), cost="0.1")
    price(part, "fake-large", "USD")
    with pytest.raises(posting.Unanswerable, match="in EUR, and this model costs USD"):
        say(bob, part, model="fake-large")


def test_nor_is_one_asked_again_or_gone_on_with(part, bob):
    reply = say(bob, part)
    ends(reply, ReplyState.STOPPED, input_price=None, text="Half")
    with pytest.raises(posting.Unanswerable, match="no price"):
        posting.ask_once_more(reply, keep_text=True)
    with pytest.raises(posting.Unanswerable, match="no price"):
        posting.ask_anew(reply, [offer(bob, part, "fake-large")], click=uuid4())


def test_few_are_written_at_once(part, alice, bob, monkeypatch):
    monkeypatch.setattr(lent_words, "MOST_UNDER_WAY", 2)
    cut = say(bob, part)
    ends(cut, ReplyState.STOPPED)
    first, _ = say(bob, part), say(bob, part)
    for again in (lambda: say(bob, part), lambda: posting.ask_once_more(cut, keep_text=False)):
        with pytest.raises(posting.Unanswerable, match="At most 2 replies at once"):
            again()
    say(alice, part)
    ends(first)
    assert posting.ask_once_more(cut, keep_text=False)


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_the_second_waits_for_the_first(part, bob, monkeypatch):
    monkeypatch.setattr(lent_words, "MOST_UNDER_WAY", 1)
    start, refused = Barrier(2), []

    def click() -> None:
        start.wait(10)
        try:
            say(bob, part)
        except posting.Unanswerable as refusal:
            refused.append(str(refusal))
        connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Message.objects.filter(state=ReplyState.PENDING).count(), len(refused)) == (1, 1)


# -- What it comes to ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_one_that_is_stopped_is_held_against_the_part_and_has_no_cost(part, bob):
    reply, text = say(bob, part, "[stall]"), answer("[stall]")[0]

    async def test():
        async with at_work() as desk:
            desk.call(reply.pk)
            await until(lambda: reply.written()[0] == text)
            await query(reply.request_stop)
            desk.stop(reply.pk)
            await ended(reply)

    run(test())
    asked = 1 + len("[stall]")
    assert (reply.state, reply.cost) == (ReplyState.STOPPED, None)
    assert prices.conversation_total(reply.conversation).unpriced == 1
    assert spent(part, bob) == pytest.approx((asked * 3 + len(text) * 6) / (3 * MILLION), abs=NANO)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_what_was_counted_or_never_sent_is_not_presumed(part, bob, llm):
    counted, refused = say(bob, part), say(bob, part)
    write(counted)
    assert (counted.presumed_cost, spent(part, bob)) == (None, pytest.approx(counted.cost, abs=NANO))
    TeamKey.objects.all().delete()
    write(refused)
    assert (refused.state, refused.presumed_cost) == (ReplyState.FAILED, None)


def test_an_old_reply_that_is_asked_again_belongs_to_the_month_of_that(part, bob):
    reply = say(bob, part)
    ends(reply, cost="0.5", created_at=timezone.now() - timedelta(days=40))
    assert spent(part, bob) == Decimal("0.0")
    ends(reply, started_at=timezone.now())
    assert spent(part, bob) == Decimal("0.5")


# -- What no record is kept of ---------------------------------------------------------------------------------------
def test_a_chat_is_not_named_with_it(part, bob):
    bob.names_chats = True
    bob.save()
    reply = say(bob, part)
    ends(reply, text="Hello, you.")
    assert titles.wanted(reply.pk) is None
    TeamKey.objects.update(member_limit=None)
    assert titles.wanted(reply.pk)
