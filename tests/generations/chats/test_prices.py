"""What tokens cost: whose price holds, and what replies came to by it."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations.chats import posting, prices
from generations.chats.offers import ChatOffer
from generations.chats.prices import Priced
from generations.models import Conversation, Message, ModelPrice, ReplyState, Role
from generations.models.message import cost_of
from studio.providers.base import Cost
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect

BASE = "http://127.0.0.1:9/v1"
MODEL = Priced("openai", BASE, "llama3.2:3b")
DEAR = {"input": Decimal("3"), "output": Decimal("15"), "unit": "USD"}
CHEAP = {"input": Decimal("0.5"), "output": Decimal("1.5"), "unit": "NOK"}


def make_key(owner, base=BASE, label="Home") -> ProviderKey:
    key = ProviderKey(owner=owner, provider="openai", label=label, base_url=base)
    key.conceal("")
    key.save()
    return key


def offer(key, model=MODEL.model, provider="openai") -> ChatOffer:
    return ChatOffer(chat_dialect(provider), key, ChatModel(model, model))


def reply(conversation, **fields) -> Message:
    fields = {"provider": "openai", "state": ReplyState.DONE, "started_at": timezone.now(), **fields}
    return Message.objects.create(conversation=conversation, role=Role.ASSISTANT, **fields)


def units(found) -> dict[str, str | None]:
    return {name: price.unit if price else None for name, price in found.items()}


def test_nobody_has_said_a_price(alice):
    one = offer(make_key(alice))
    assert prices.of(alice, [one]) == {one.id: None}


def test_ones_own_goes_before_the_operators(alice, bob):
    one, bobs = offer(make_key(alice)), offer(make_key(bob))
    prices.put(None, MODEL, **CHEAP)
    assert units(prices.of(alice, [one])) == {one.id: "NOK"}
    prices.put(alice, MODEL, **DEAR)
    assert units(prices.of(alice, [one])) == {one.id: "USD"}
    assert units(prices.of(bob, [bobs])) == {bobs.id: "NOK"}
    assert prices.remove(alice, MODEL)
    assert not prices.remove(alice, MODEL)
    assert units(prices.of(alice, [one])) == {one.id: "NOK"}


def test_a_price_is_of_one_model_at_one_server_by_whichever_key(alice):
    at_home, again = make_key(alice), make_key(alice, label="Again")
    elsewhere = make_key(alice, "https://models.example.com/v1")
    prices.put(alice, MODEL, **DEAR)
    offers = [offer(at_home), offer(again), offer(elsewhere), offer(at_home, "LLAMA3.2:3B"), offer(at_home, "other")]
    assert [price and price.unit for price in prices.of(alice, offers).values()] == ["USD", "USD", None, None, None]


def test_saying_it_again_changes_it(alice):
    for owner in (alice, None, alice, None):
        prices.put(owner, MODEL, **(CHEAP if ModelPrice.objects.count() < 2 else DEAR))
    assert [(price.owner, price.unit) for price in ModelPrice.objects.order_by("owner")].count((alice, "USD")) == 1
    assert ModelPrice.objects.count() == 2
    assert prices.last_unit(alice) == "USD"


def test_what_runs_here_has_no_price_whatever_is_said(alice):
    built_in = offer(None, "small", "local-chat")
    prices.put(None, Priced("local-chat", "", "small"), **DEAR)
    assert prices.of(alice, [built_in]) == {built_in.id: None}


@pytest.mark.parametrize("count", [3, prices.MANY + 50], ids=["some", "many"])
def test_many_are_looked_up_in_one_statement(alice, django_assert_num_queries, count):
    key = make_key(alice)
    prices.put(alice, Priced("openai", BASE, "m1"), **DEAR)
    prices.put(None, Priced("openai", BASE, "m2"), **CHEAP)
    asked = [offer(key, f"m{number}") for number in range(count)]
    with django_assert_num_queries(1):
        found = prices.of(alice, asked)
    assert len(found) == count
    assert [price.unit for price in found.values() if price] == ["USD", "NOK"]


def test_nothing_is_looked_up_for_nothing(alice, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert prices.of(alice, []) == {}


def test_a_reply_keeps_the_price_that_held_when_it_was_asked(alice):
    prices.put(alice, MODEL, **DEAR)
    conversation = posting.begin(alice)
    [first] = posting.say(conversation, "Hello", [offer(make_key(alice))], click=uuid4())
    prices.put(alice, MODEL, **CHEAP)
    first.refresh_from_db()
    assert (first.input_price, first.output_price, first.cost_unit) == (3, 15, "USD")
    prices.remove(alice, MODEL)
    first.refresh_from_db()
    assert first.input_price == 3
    [second] = posting.ask_anew(first, [offer(alice.provider_keys.get())], click=uuid4())
    assert (second.input_price, second.cost_unit) == (None, "")


@pytest.mark.parametrize(
    ("prompt", "completion", "cost"),
    [(1000, 500, "0.0105"), (1, 0, "0.000003"), (0, 0, "0"), (None, 5, None), (5, None, None)],
)
def test_what_tokens_come_to(prompt, completion, cost):
    found = cost_of(prompt, completion, Decimal("3"), Decimal("15"))
    assert found == (None if cost is None else Decimal(cost))


def test_amounts_of_different_units_are_never_added(alice):
    conversation = Conversation.objects.create(owner=alice)
    for amount, unit in (("0.01", "USD"), ("0.000000000001", "USD"), ("2.5", "NOK"), ("0.02", "USD")):
        reply(conversation, prompt_tokens=10, completion_tokens=5, cost=Decimal(amount), cost_unit=unit)
    total = prices.conversation_total(conversation)
    assert total.amounts == (Cost(Decimal("2.5"), "NOK"), Cost(Decimal("0.030000000001"), "USD"))
    assert (total.prompt_tokens, total.completion_tokens, total.unpriced, total.free) == (40, 20, 0, 0)
    assert str(total).replace("\xa0", " ") == "2.50 NOK + 0.03 USD"


def test_replies_without_a_price_are_counted_and_not_made_up(alice):
    conversation = Conversation.objects.create(owner=alice)
    reply(conversation, prompt_tokens=10, completion_tokens=5)
    reply(conversation, state=ReplyState.STOPPED, input_price=3, output_price=15, cost_unit="USD")
    reply(conversation, provider="local-chat", prompt_tokens=7, completion_tokens=3)
    total = prices.conversation_total(conversation)
    assert (total.amounts, total.unpriced, total.free) == ((), 2, 1)
    assert str(total) == "2 replies without a price"
    assert (total.prompt_tokens, total.completion_tokens) == (17, 8)


def test_what_was_never_asked_is_not_among_them(alice):
    conversation = Conversation.objects.create(owner=alice)
    Message.objects.create(conversation=conversation, role=Role.USER, text="Hello")
    reply(conversation, state=ReplyState.STOPPED, started_at=None)
    reply(conversation, state=ReplyState.FAILED)
    reply(conversation, state=ReplyState.WRITING)
    reply(conversation, state=ReplyState.PENDING, started_at=None)
    reply(conversation, provider="")  # it was brought here from elsewhere
    assert prices.conversation_total(conversation) == prices.Total()
    assert str(prices.Total()) == ""


def test_deleted_replies_cost_what_they_cost(alice):
    conversation = Conversation.objects.create(owner=alice)
    reply(conversation, cost=Decimal("0.5"), cost_unit="USD", deleted_at=timezone.now())
    assert prices.conversation_total(conversation).amounts == (Cost(Decimal("0.5"), "USD"),)


def test_of_one_reply(alice):
    conversation = Conversation.objects.create(owner=alice)
    assert prices.cost(reply(conversation, cost=Decimal("0.5"), cost_unit="USD")) == Cost(Decimal("0.5"), "USD")
    assert prices.cost(reply(conversation)) is None
    assert prices.is_free(reply(conversation, provider="local-chat"))
    assert not prices.is_free(reply(conversation))
    assert not prices.is_free(reply(conversation, provider="one that is gone"))


def test_a_total_takes_one_statement(alice, django_assert_num_queries):
    conversation = Conversation.objects.create(owner=alice)
    for _ in range(5):
        reply(conversation, cost=Decimal("0.5"), cost_unit="USD")
    with django_assert_num_queries(1):
        prices.conversation_total(conversation)
