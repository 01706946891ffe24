"""A message as the prompt of a picture: its words, its braces, and what is selected of it."""

import pytest
from django.contrib.sessions.backends.cache import SessionStore

from generations import prompts
from generations.chats import making, posting
from generations.models import Message, Role

MOST = 10_000


@pytest.fixture
def session() -> SessionStore:
    return SessionStore()


def reply(owner, text: str) -> Message:
    return Message.objects.create(conversation=posting.begin(owner), role=Role.ASSISTANT, text=text)


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("# A *red* fox\n\nin **deep** snow,\nat `dawn`", "A red fox\n\nin deep snow, at dawn"),
        ("- one\n- two", "one\n\ntwo"),
        ("Try:\n\n```text\na red fox, {mood}\n```", "Try:\n\na red fox, {mood}"),
        ("[a fox](https://x.example) ![in snow](https://x.example/1.png)", "a fox in snow"),
        ("| a | b |\n|---|---|\n| c | d |", "a\n\nb\n\nc\n\nd"),
        ("~~a wolf~~ a fox  \nin snow", "a wolf a fox\nin snow"),
        ("<b>fox</b>", "fox"),
        ("", ""),
    ],
    ids=["marks", "list", "code", "links", "table", "breaks", "html", "nothing"],
)
def test_the_words_of_markdown(markdown, words):
    assert making.plain(markdown) == words


@pytest.mark.django_db
class TestBringing:
    def test_all_of_a_reply(self, alice, session):
        found = making.brought(alice, session, str(reply(alice, "a **red** fox").pk), most=MOST)
        assert found == making.Brought("a red fox")

    def test_what_is_selected_of_it(self, alice, session):
        message = reply(alice, "a red fox")
        making.keep(session, message, " red\nfox ")
        assert making.brought(alice, session, str(message.pk), most=MOST).text == "red fox"
        making.keep(session, message, "  ")
        assert making.brought(alice, session, str(message.pk), most=MOST).text == "a red fox"

    def test_the_session_keeps_a_few(self, alice, session):
        messages = [reply(alice, str(number)) for number in range(making.MOST_KEPT + 2)]
        for message in messages:
            making.keep(session, message, "x" * (making.LONGEST + 1))
        assert list(session[making.KEPT]) == [str(message.pk) for message in messages[-making.MOST_KEPT :]]
        assert {len(text) for text in session[making.KEPT].values()} == {making.LONGEST}

    def test_braces_are_no_variables(self, alice, session):
        text = making.brought(alice, session, str(reply(alice, 'a {mood} fox {"a": 1}').pk), most=MOST).text
        assert prompts.variables(text) == []
        assert prompts.fill(text, {"mood": "sad"}) == 'a {mood} fox {"a": 1}'

    @pytest.mark.parametrize("text", ["fox " * 5000, "{fox}" * 3000], ids=["words", "braces"])
    def test_a_long_one_is_cut_and_that_is_said(self, alice, session, text):
        found = making.brought(alice, session, str(reply(alice, text).pk), most=MOST)
        assert MOST - 20 < len(found.text) <= MOST
        assert found.notice == ("The text is longer than a prompt may be. These are its first 10,000 characters.")
        assert prompts.variables(found.text) == []

    def test_of_what_is_being_written_what_is_there(self, alice, session):
        message = reply(alice, "")
        Message.objects.filter(pk=message.pk).update(state="writing")
        message.pieces.create(text="a red fox")
        assert making.brought(alice, session, str(message.pk), most=MOST).text == "a red fox"

    @pytest.mark.parametrize("whose", ["bob's", "deleted", "no id", "of a deleted conversation"])
    def test_what_is_not_ones_own_is_not_there(self, alice, bob, session, whose):
        message = reply(bob if whose == "bob's" else alice, "a secret")
        if whose == "deleted":
            Message.objects.filter(pk=message.pk).update(deleted_at=message.created_at)
        if whose == "of a deleted conversation":
            message.conversation.touch(deleted_at=message.created_at)
        wanted = "x" if whose == "no id" else str(message.pk)
        assert making.brought(alice, session, wanted, most=MOST) == making.Brought(notice=making.GONE)
