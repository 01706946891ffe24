"""Turns and their branches: versions of a question, replies after each other and side by side, what was deleted."""

from typing import Any

import pytest

from generations.chats import posting, tree
from generations.models import Conversation, Message, Role
from studio.lib.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(alice) -> Conversation:
    return posting.begin(alice)


def said(talk: Conversation, parent: Message | None = None, text: str = "Hello", **fields: Any) -> Message:
    return Message.objects.create(conversation=talk, parent=parent, role=Role.USER, text=text, **fields)


def reply(parent: Message, text: str = "Hi", **fields: Any) -> Message:
    return Message.objects.create(
        conversation=parent.conversation, parent=parent, role=Role.ASSISTANT, text=text, **fields
    )


def texts(talk: Conversation) -> list[str]:
    return [turn.message.text for turn in tree.path(talk)]


def test_nothing_is_a_path(talk):
    assert tree.path(talk) == []


def test_a_path_leads_from_the_first_to_the_current_message(talk):
    first = said(talk, text="one")
    second = reply(first, "two")
    talk.touch(current=reply(said(talk, second, "three"), "four"))
    assert texts(talk) == ["one", "two", "three", "four"]


def test_it_stops_at_the_current_message(talk):
    first = said(talk, text="one")
    reply(first, "two")
    talk.touch(current=first)
    assert texts(talk) == ["one"]


def test_branches_are_counted_in_their_order(talk):
    first = said(talk)
    replies = [reply(first, text) for text in "abc"]
    talk.touch(current=replies[1])
    turn = tree.path(talk)[1]
    assert (turn.place, turn.branches) == (2, tuple(one.pk for one in replies))
    assert (turn.before, turn.after) == (replies[0].pk, replies[2].pk)


def test_a_branch_of_a_branch(talk):
    first, other = said(talk, text="first"), said(talk, text="other")
    low = said(talk, reply(other, "answer"), "low")
    again = said(talk, low.parent, "again")
    talk.touch(current=again)
    places = [(turn.message.text, turn.place, len(turn.branches)) for turn in tree.path(talk)]
    assert places == [("other", 2, 2), ("answer", 1, 1), ("again", 2, 2)]
    posting.show(first)
    talk.refresh_from_db()
    assert texts(talk) == ["first"]


def test_replies_side_by_side_are_one_branch(talk):
    first, batch = said(talk), uuid7()
    alone = reply(first, "alone")
    together = [reply(first, text, batch=batch) for text in "ab"]
    talk.touch(current=together[1])
    turn = tree.path(talk)[1]
    assert turn.beside == tuple(together)
    assert (turn.message, turn.place, turn.branches) == (together[1], 2, (alone.pk, together[1].pk))
    assert [one.text for one in turn.beside] == ["a", "b"]


def test_of_a_batch_that_is_not_shown_the_first_stands_for_it(talk):
    first, batch = said(talk), uuid7()
    alone = reply(first, "alone")
    together = [reply(first, text, batch=batch) for text in "ab"]
    talk.touch(current=alone)
    turn = tree.path(talk)[1]
    assert turn.branches == (alone.pk, together[0].pk)
    assert turn.beside == ()


def test_the_last_of_a_batch_stands_alone(talk):
    first, batch = said(talk), uuid7()
    gone, left = (reply(first, text, batch=batch) for text in "ab")
    posting.delete(gone)
    talk.touch(current=left)
    assert tree.path(talk)[1].beside == ()


def test_what_is_deleted_is_no_branch(talk):
    first = said(talk)
    kept, gone = reply(first, "kept"), reply(first, "gone")
    talk.touch(current=kept)
    posting.delete(gone)
    assert tree.path(talk)[1].branches == (kept.pk,)


def test_a_leaf_is_the_end_of_the_newest_branch(talk):
    first = said(talk)
    reply(first, "old")
    end = said(talk, reply(first, "new"), "more")
    assert tree.leaf(first) == end
    assert tree.leaf(end) == end


def test_a_batch_is_gone_through_where_the_conversation_went_on(talk):
    first, batch = said(talk), uuid7()
    a, b, c = (reply(first, text, batch=batch) for text in "abc")
    assert tree.leaf(first) == a
    further = said(talk, b, "further")
    assert tree.leaf(first) == further
    assert tree.leaf(c) == c


def test_the_turn_of_one_message_is_as_in_its_path(talk):
    first, batch = said(talk), uuid7()
    reply(first, "alone")
    a, b = (reply(first, text, batch=batch) for text in "ab")
    talk.touch(current=a)
    turn = tree.turn_of(b)
    assert turn.message == a
    assert turn.beside == (a, b)
    assert turn.branches == tree.path(talk)[1].branches
    assert turn.beside[1].text == "b"


def test_ancestors_are_what_was_said_before_on_its_own_branch(talk):
    first = said(talk, text="one")
    reply(first, "another branch")
    two = reply(first, "two")
    three = said(talk, two, "three")
    four = reply(three, "four")
    assert [one.text for one in tree.ancestors(four)] == ["one", "two", "three"]


@pytest.mark.parametrize("turns", [2, 40])
def test_a_path_costs_two_statements_however_long(talk, turns, django_assert_num_queries):
    last = None
    for _ in range(turns):
        last = reply(said(talk, last))
        reply(last.parent, "another")
    talk.touch(current=last)
    with django_assert_num_queries(2):
        found = tree.path(talk)
        assert [turn.message.text for turn in found][-1] == "Hi"
        assert found[-1].message.conversation.owner_id == talk.owner_id
