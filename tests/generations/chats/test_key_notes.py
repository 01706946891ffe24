"""What a reply tells of the key that it was asked with."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations.chats import posting
from generations.chats.offers import ChatOffer
from generations.chats.replies import ledger
from generations.models import Message, ReplyState
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect

WRITER = "web-1"
Status = ProviderKey.Status


@pytest.fixture
def key(alice) -> ProviderKey:
    key = ProviderKey(owner=alice, provider="openai", label="Home", base_url="http://127.0.0.1:9/v1")
    key.conceal("")
    key.save()
    return key


def end(key: ProviderKey, state: ReplyState, **facts: str) -> None:
    """A reply that was asked with the key, and ended so."""
    offer = ChatOffer(chat_dialect("openai"), key, ChatModel("m", "M"))
    [reply] = posting.say(posting.begin(key.owner), "Hello", [offer], click=uuid4())
    assert reply.begin(WRITER)
    told = {"text": "", "reasoning": "", "error_kind": "", "error": "", **facts}
    assert ledger.end(Message.objects.get(pk=reply.pk), state, WRITER, told)
    key.refresh_from_db()


def test_a_reply_is_a_use(key):
    end(key, ReplyState.DONE, text="Hello")
    assert key.last_used_at
    assert key.last_error == ""


def test_a_refused_key_says_so_until_it_is_answered_again(key):
    end(key, ReplyState.FAILED, error_kind="invalid_key", error="It did not accept the key.")
    assert (key.status, key.last_error, key.last_used_at) == (Status.REFUSED, "It did not accept the key.", None)
    end(key, ReplyState.STOPPED, text="As far as it")
    assert (key.status, key.last_error) == (Status.ACCEPTED, "")


def test_an_empty_account_is_not_a_refused_key(key):
    ProviderKey.objects.update(status=Status.ACCEPTED, tested_at=timezone.now())
    end(key, ReplyState.FAILED, error_kind="insufficient_credits", error="Too little credit.")
    assert (key.status, key.last_error) == (Status.ACCEPTED, "Too little credit.")


@pytest.mark.parametrize("kind", ["unavailable", "bad_request", "forbidden", "shutdown", "malformed"])
def test_what_says_nothing_of_the_key_leaves_it_alone(key, kind):
    end(key, ReplyState.FAILED, error_kind=kind, error="Something else.")
    assert (key.status, key.last_error, key.last_used_at) == (Status.UNTESTED, "", None)
