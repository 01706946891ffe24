"""What a month's replies came to, on the page of spending."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.models import Conversation, Message, ReplyState, Role
from generations.money import chat
from generations.money.amounts import Month
from studio.providers.base import Cost

NOW = Month.now()


def reply(conversation: Conversation, cost: str | None = None, unit: str = "", **fields) -> Message:
    known = {
        "provider": "openai",
        "model": "m",
        "model_name": "Em",
        "state": ReplyState.DONE,
        "started_at": timezone.now(),
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "cost": None if cost is None else Decimal(cost),
        "cost_unit": unit,
    }
    return Message.objects.create(conversation=conversation, role=Role.ASSISTANT, **{**known, **fields})


@pytest.fixture
def talk(alice) -> Conversation:
    return Conversation.objects.create(owner=alice)


def words(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


def test_costs_are_added_exactly_by_model_and_unit(alice, talk):
    for _ in range(10):
        reply(talk, "0.1", "USD")
    reply(talk, "0.000000001", "USD")
    reply(talk, "3", "NOK")
    reply(talk, "2", "USD", model="n", model_name="En")
    found = chat.lines(alice, NOW)
    assert [(line.name, line.unit, line.replies, line.cost) for line in found] == [
        ("Em", "NOK", 1, Decimal(3)),
        ("En", "USD", 1, Decimal(2)),
        ("Em", "USD", 11, Decimal("1.000000001")),
    ]
    assert (found[2].prompt_tokens, found[2].completion_tokens) == (110, 55)
    assert chat.totals(found) == [Cost(Decimal(3), "NOK"), Cost(Decimal("3.000000001"), "USD")]


def test_it_takes_one_statement(alice, talk, django_assert_num_queries):
    for number in range(5):
        reply(talk, "0.1", "USD", model=f"m{number}")
    with django_assert_num_queries(1):
        assert len(chat.lines(alice, NOW)) == 5


def test_each_reply_belongs_to_its_month_and_its_person(alice, bob, talk):
    reply(talk, "1", "USD")
    reply(talk, "2", "USD", created_at=NOW.start - dt.timedelta(seconds=1))
    reply(Conversation.objects.create(owner=bob), "4", "USD")
    assert [line.cost for line in chat.lines(alice, NOW)] == [1]
    assert [line.cost for line in chat.lines(alice, NOW.plus(-1))] == [2]


def test_deleted_conversations_and_replies_cost_what_they_cost(alice, talk):
    reply(talk, "1", "USD", deleted_at=timezone.now())
    Conversation.objects.update(deleted_at=timezone.now())
    assert [line.cost for line in chat.lines(alice, NOW)] == [1]


def test_what_was_never_asked_is_not_counted(alice, talk):
    uncounted = {"prompt_tokens": None, "completion_tokens": None}
    reply(talk, state=ReplyState.FAILED, **uncounted)
    reply(talk, state=ReplyState.STOPPED, started_at=None, **uncounted)
    reply(talk, state=ReplyState.WRITING)
    reply(talk, provider="")
    Message.objects.create(
        conversation=talk, role=Role.USER, text="Hello", provider="openai", started_at=timezone.now()
    )
    assert chat.lines(alice, NOW) == []


def test_the_page_shows_tokens_cost_and_what_has_no_price(as_alice, talk):
    reply(talk, "0.0123", "USD", prompt_tokens=12_345)
    reply(talk, None, "USD")  # a price was set, and nobody counted the tokens
    reply(talk, model="plain", model_name="")
    reply(talk, provider="local-chat", model="small", model_name="Small")
    page = words(as_alice.get("/spend/"))
    assert "Nothing was spent" not in page
    part = page.partition('id="chat-lines"')[2].partition("</section>")[0]
    assert "12,355" in part
    assert "0.0123 USD" in part
    assert "1 not counted" in part
    assert "plain" in part
    assert "no price" in part
    assert "free" in part


def test_without_replies_there_is_no_such_part(as_alice):
    page = words(as_alice.get("/spend/"))
    assert "chat-lines" not in page
    assert "Nothing was spent" in page
