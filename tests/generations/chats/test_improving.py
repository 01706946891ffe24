"""A better prompt: what is asked, what is made of the answer, and what it came to."""

from dataclasses import replace
from decimal import Decimal
from socket import create_server

import pytest

from generations import prompts
from generations.chats import improving
from generations.chats.improving import Piece, cleaned, difference
from generations.chats.offers import ChatOffer
from generations.models import ModelPrice
from studio.providers.chat import ChatModel, Delta
from studio.providers.http import HttpProvider
from studio.providers.registry import chat_dialect
from tests.generations.chats.conftest import SECRET


class TestTheAnswer:
    @pytest.mark.parametrize(
        ("answer", "prompt"),
        [
            ("A red fox", "A red fox"),
            ("  A red\n\nfox \n", "A red fox"),
            ("<think>Hm, a fox.</think>\n\nA red fox", "A red fox"),
            ("<THINKING>never ends", ""),
            ("Here is a better prompt:\n\nA red fox", "A red fox"),
            ("Here's your improved prompt for an image model: “A red fox”", "A red fox"),
            ("Sure! Here is it: A red fox", "A red fox"),
            ("**Improved prompt:** A red fox", "A red fox"),
            ("# Prompt:\nA red fox", "A red fox"),
            ("```text\nA red fox\n```", "A red fox"),
            ('"A red fox"', "A red fox"),
            ("«A red fox»", "A red fox"),
            ('"Fox" and "hen"', '"Fox" and "hen"'),
            ("Here the fox sleeps: in snow", "Here the fox sleeps: in snow"),
            ("A prompt fox: red", "A prompt fox: red"),
            ("A red\0 fox", "A red fox"),
            ("", ""),
        ],
    )
    def test_only_the_prompt_is_left_of_it(self, answer, prompt):
        assert cleaned(answer) == prompt

    def test_texts_of_few_different_words_are_not_compared_word_by_word(self):
        """It would take minutes."""
        before, after = "a b c " * 1600, "a c b " * 1600
        assert difference(before, after) == [Piece(before, "del"), Piece(after, "ins")]

    def test_the_difference_word_by_word(self):
        assert difference("a red fox in snow", "a bright red fox") == [
            Piece("a"),
            Piece("bright", "ins"),
            Piece("red fox"),
            Piece("in snow", "del"),
        ]

    def test_what_goes_stands_before_what_comes(self):
        assert difference("a fox", "a hen") == [Piece("a"), Piece("fox", "del"), Piece("hen", "ins")]

    @pytest.mark.parametrize(("before", "after"), [("", "a b"), ("a b", ""), ("a b c", "c b a"), ("x", "x")])
    def test_both_texts_are_whole_in_it(self, before, after):
        pieces = difference(before, after)
        assert " ".join(piece.text for piece in pieces if piece.how != "ins") == before
        assert " ".join(piece.text for piece in pieces if piece.how != "del") == after


def test_what_is_asked_knows_what_it_is_for():
    offer = ChatOffer(chat_dialect("openai"), None, ChatModel("m", "M"))
    spec = improving.spec(offer, "a {mood} fox", "video")
    task, said = spec.messages
    assert "short clips" in task.text
    assert "A word in braces, such as {animal}, stands for something else" in task.text
    assert (said.role, said.text, spec.stream) == ("user", "a {mood} fox", False)
    assert spec.settings == {"max_tokens": improving.LONGEST[False]}


@pytest.mark.django_db
class TestAsking:
    @pytest.fixture
    def offer(self, key) -> ChatOffer:
        return ChatOffer(chat_dialect("openai"), key, ChatModel("fake-small", "Fake"))

    def suggest(self, offer: ChatOffer, prompt: str) -> improving.Suggestion:
        return improving.suggest(offer.key.owner, offer, prompt, kind="image", most=10_000)

    def test_a_suggestion(self, offer, llm):
        found = self.suggest(offer, "[echo] Here is a better prompt: “a red fox in snow”")
        assert (found.text, found.model_name, found.cost, found.is_free) == ("a red fox in snow", "Fake", None, False)
        [exchange] = llm.exchanges
        assert exchange.body["stream"] is False
        assert exchange.key == SECRET
        assert found.tokens is not None
        assert found.tokens > 0

    def test_thoughts_are_not_part_of_it(self, offer):
        assert self.suggest(offer, "[echo] [think tags] a red fox").text == "a red fox"

    def test_what_it_cost_by_the_price_that_was_set(self, offer, alice, llm):
        ModelPrice.objects.create(
            owner=alice,
            provider="openai",
            address=offer.key.base_url,
            model="fake-small",
            input=Decimal(1_000_000),
            output=Decimal(1_000_000),
            unit="USD",
        )
        found = self.suggest(offer, "[echo] a red fox")
        assert (found.cost, found.unit) == (Decimal(found.tokens or 0), "USD")

    @pytest.mark.parametrize(
        ("prompt", "words"),
        [
            ("[refuse 401 error] fox", "key"),
            ("[refuse 429 error] fox", ""),
            ("[refuse 500 error] fox", ""),
            ("[echo]", "Fake answered with no prompt. Try again, or ask another model."),
        ],
        ids=["key", "many", "fell over", "empty"],
    )
    def test_what_goes_wrong_is_said_once(self, offer, llm, prompt, words):
        with pytest.raises(improving.NoSuggestion) as refused:
            self.suggest(offer, prompt)
        assert words in str(refused.value)
        assert SECRET not in str(refused.value)
        assert len(llm.exchanges) == 1

    def test_one_that_hangs_is_not_waited_for(self, offer, monkeypatch):
        monkeypatch.setattr(improving, "PATIENCE", replace(improving.PATIENCE, view=0.2))
        with create_server(("127.0.0.1", 0)) as silent:
            offer.key.base_url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
            with pytest.raises(improving.NoSuggestion, match="did not answer in time"):
                self.suggest(offer, "fox")

    def test_the_same_prompt_is_no_suggestion(self, offer, monkeypatch):
        monkeypatch.setattr(improving, "cleaned", lambda text: "a red fox")
        with pytest.raises(improving.NoSuggestion, match="Fake would leave the prompt as it is"):
            self.suggest(offer, "a red\nfox")

    def test_a_key_that_cannot_be_read(self, offer):
        offer.key.ciphertext = "nonsense"
        with pytest.raises(improving.NoSuggestion, match="Replace it"):
            self.suggest(offer, "fox")

    def test_only_the_prompts_own_variables_are_any(self, offer, monkeypatch):
        monkeypatch.setattr(improving, "cleaned", lambda text: "a {mood} fox, {light} and {{word}}")
        found = self.suggest(offer, "a {mood} fox in {place}, {{word}}")
        assert found.text == "a {mood} fox, {{light}} and {{word}}"
        assert prompts.variables(found.text) == ["mood"]
        assert found.missing == ["place"]

    def test_no_longer_than_a_prompt_may_be(self, offer):
        found = improving.suggest(offer.key.owner, offer, "[long 3000]", kind="image", most=100)
        assert len(found.text) == 100

    def test_of_one_that_is_cut_off_the_whole_sentences_are_left(self, offer, monkeypatch):
        answer = Delta("A red fox. In deep snow. By the", finish="length")
        monkeypatch.setattr(HttpProvider, "chat", lambda self, spec: answer)
        found = self.suggest(offer, "fox")
        assert (found.text, found.is_cut, found.tokens) == ("A red fox. In deep snow.", True, None)


def test_the_built_in_model_is_shown_what_is_meant():
    spec = improving.spec(ChatOffer(chat_dialect("local-chat"), None, ChatModel("m", "M")), "a fox", "image")
    assert [message.role for message in spec.messages] == ["system", "user", "assistant", "user"]
    assert spec.settings == {"max_tokens": improving.LONGEST[True]}
