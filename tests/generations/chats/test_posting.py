"""Writing, asking anew, choosing a branch, deleting and bringing back: once, however often it is clicked."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F

from generations.chats import folders, posting, tree
from generations.chats.offers import ChatOffer
from generations.chats.posting import Unanswerable
from generations.models import Conversation, Message, ReplyState, Role
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect

pytestmark = pytest.mark.django_db
SMALL, LARGE = (ChatOffer(chat_dialect("openai"), None, ChatModel(name, name.title())) for name in ("small", "large"))


@pytest.fixture
def talk(alice) -> Conversation:
    return posting.begin(alice)


def say(talk: Conversation, text: str = "Hello", parent: Message | None = None, *offers: ChatOffer) -> list[Message]:
    return posting.say(talk, text, offers or [SMALL], click=uuid4(), parent=parent)


def ended(reply: Message) -> Message:
    assert reply.end(ReplyState.DONE, text="Hi", reasoning="")
    return reply


class TestSaying:
    def test_it_writes_the_message_and_a_reply_that_waits(self, talk):
        [reply] = say(talk, "What is it?")
        assert (reply.state, reply.model, reply.model_name) == (ReplyState.PENDING, "small", "Small")
        assert (reply.parent.role, reply.parent.text) == (Role.USER, "What is it?")
        assert (talk.current, talk.title) == (reply, "What is it?")

    def test_the_next_message_asks_whom_this_one_asked(self, talk):
        say(talk, "Hello", None, LARGE, SMALL)
        talk.refresh_from_db()
        assert (talk.provider, talk.model) == ("openai", "large")

    def test_several_models_answer_side_by_side(self, talk):
        replies = say(talk, "Hello", None, SMALL, LARGE)
        assert [one.model for one in replies] == ["small", "large"]
        assert len({one.batch for one in replies}) == 1
        assert replies[0].batch is not None

    def test_one_click_writes_once(self, talk):
        click = uuid4()
        first = posting.say(talk, "Hello", [SMALL], click=click)
        assert posting.say(talk, "Hello", [SMALL], click=click) == first
        assert talk.messages.count() == 2

    def test_the_same_click_is_known_while_its_reply_is_written(self, talk):
        [before] = say(talk)
        ended(before)
        click = uuid4()
        [reply] = posting.say(talk, "More", [SMALL], click=click, parent=before)
        assert posting.say(talk, "More", [SMALL], click=click, parent=reply) == [reply]

    def test_two_clicks_at_once_write_once(self, talk, monkeypatch):
        """The second has looked before the first has written."""
        click = uuid4()
        first = posting.say(talk, "Hello", [SMALL], click=click)
        real, blind = posting._said_before, [None]
        monkeypatch.setattr(posting, "_said_before", lambda *given: blind.pop() if blind else real(*given))
        assert posting.say(talk, "Hello", [SMALL], click=click) == first
        assert talk.messages.count() == 2

    @pytest.mark.parametrize("state", [ReplyState.PENDING, ReplyState.WRITING])
    def test_a_reply_under_way_is_not_answered(self, talk, state):
        [reply] = say(talk)
        Message.objects.filter(pk=reply.pk).update(state=state)
        reply.refresh_from_db()
        with pytest.raises(Unanswerable, match="Stop it first"):
            say(talk, "And?", reply)
        assert talk.messages.count() == 2

    def test_two_tabs_that_answer_the_same_reply_make_two_branches(self, talk):
        [reply] = say(talk)
        ended(reply)
        [one], [other] = say(talk, "one", reply), say(talk, "other", reply)
        talk.refresh_from_db()
        turn = tree.path(talk)[2]
        assert (turn.message.text, turn.branches) == ("other", (one.parent_id, other.parent_id))

    def test_a_changed_message_is_another_version(self, talk):
        [reply] = say(talk, "one")
        say(talk, "two", reply.parent.parent)
        talk.refresh_from_db()
        assert tree.path(talk)[0].message.text == "two"
        assert tree.path(talk)[0].place == 2

    def test_a_title_stays(self, talk):
        talk.touch(title="Mine")
        say(talk, "Other words")
        assert Conversation.objects.get().title == "Mine"


class TestBeginning:
    def test_one_click_begins_one_conversation(self, alice, bob):
        click = uuid4()
        first = posting.begin(alice, click=click, system="Be short.")
        assert posting.begin(alice, click=click) == first
        assert posting.begin(alice, click=click).system == "Be short."
        assert posting.begin(bob, click=click) != first


class TestAskingAnew:
    def test_it_stands_beside_the_first(self, talk):
        [first] = say(talk)
        [again] = posting.ask_anew(first, [LARGE], click=uuid4())
        assert (again.parent, again.model) == (first.parent, "large")
        talk.refresh_from_db()
        assert talk.current == again

    def test_one_click_asks_once(self, talk):
        [first] = say(talk)
        click = uuid4()
        again = posting.ask_anew(first, [LARGE, SMALL], click=click)
        assert posting.ask_anew(first, [LARGE, SMALL], click=click) == again
        assert talk.messages.count() == 4

    def test_one_that_answers_nothing_is_not_asked_anew(self, talk):
        reply = Message.objects.create(conversation=talk, role=Role.ASSISTANT, text="Welcome")
        with pytest.raises(Unanswerable, match="no question above"):
            posting.ask_anew(reply, [SMALL], click=uuid4())


class TestRoom:
    """However often one clicks, only so many replies are written at once."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        monkeypatch.setattr(posting, "MOST_UNDER_WAY", 2)

    def test_for_what_is_said(self, talk):
        say(talk)
        with pytest.raises(Unanswerable, match="1 replies are being written"):
            say(talk, "Hello", None, SMALL, LARGE)
        assert talk.messages.count() == 2

    def test_for_what_is_asked_again(self, talk):
        replies = [say(talk)[0] for _ in range(2)]
        cut = Message.objects.create(conversation=talk, role=Role.ASSISTANT, state=ReplyState.INTERRUPTED)
        with pytest.raises(Unanswerable):
            posting.ask_once_more(cut, keep_text=False)
        ended(replies[0])
        assert posting.ask_once_more(cut, keep_text=False)

    def test_others_have_their_own(self, talk, bob):
        say(talk)
        say(talk)
        assert say(posting.begin(bob))


class TestDeleting:
    def test_what_follows_goes_with_it_and_stops(self, talk):
        [reply] = say(talk)
        ended(reply)
        [further] = say(talk, "And?", reply)
        posting.delete(reply)
        further.refresh_from_db()
        assert (further.state, further.deleted_at is not None) == (ReplyState.STOPPED, True)
        talk.refresh_from_db()
        assert talk.current == reply.parent

    def test_the_branch_before_is_shown_then(self, talk):
        [first] = say(talk)
        [second] = posting.ask_anew(first, [SMALL], click=uuid4())
        [third] = posting.ask_anew(first, [SMALL], click=uuid4())
        posting.delete(third)
        talk.refresh_from_db()
        assert talk.current == second

    def test_where_another_branch_is_shown_it_stays(self, talk):
        [first] = say(talk)
        [second] = posting.ask_anew(first, [SMALL], click=uuid4())
        posting.delete(first)
        talk.refresh_from_db()
        assert talk.current == second

    def test_all_can_go(self, talk):
        [reply] = say(talk)
        posting.delete(reply.parent)
        talk.refresh_from_db()
        assert (talk.current, tree.path(talk)) == (None, [])

    def test_it_comes_back_with_what_followed_and_nothing_else(self, talk):
        [reply] = say(talk)
        ended(reply)
        [early] = say(talk, "early", reply)
        [late] = say(talk, "late", reply)
        posting.delete(early)
        posting.delete(reply)
        reply.refresh_from_db()
        assert posting.restore(reply)
        talk.refresh_from_db()
        assert talk.current == late
        early.refresh_from_db()
        assert early.deleted_at is not None

    def test_it_comes_back_with_what_it_answers_where_that_went_later(self, talk):
        [reply] = say(talk, "one")
        ended(reply)
        [last] = say(talk, "two", reply)
        posting.delete(Message.objects.get(pk=last.parent_id))
        posting.delete(Message.objects.get(pk=reply.parent_id))
        Message.objects.update(deleted_at=F("deleted_at") - timedelta(days=99))
        assert posting.restore(Message.objects.get(pk=last.parent_id))
        folders.purge()
        talk.refresh_from_db()
        assert [turn.message.text for turn in tree.path(talk)] == ["one", "Hi", "two", ""]

    def test_it_comes_back_once(self, talk):
        [reply] = say(talk)
        posting.delete(reply)
        reply.refresh_from_db()
        other = Message.objects.get(pk=reply.pk)
        assert posting.restore(reply)
        assert not posting.restore(other)
        assert not posting.restore(reply)
