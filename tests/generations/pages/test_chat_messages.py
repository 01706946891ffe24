"""What is done to one message: stop, answer again, edit, show, delete and bring back."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from generations.chats import posting
from generations.models import Conversation, Message, ReplyState, Role
from tests.generations.pages.test_chat import HTMX, LARGE, SMALL, form, html, source, talk  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(talk: Conversation) -> Message:  # noqa: F811
    return talk.messages.get(role=Role.USER)


@pytest.fixture
def reply(talk: Conversation) -> Message:  # noqa: F811
    return talk.messages.get(role=Role.ASSISTANT)


def at(message: Message, verb: str = "") -> str:
    return f"/chat/messages/{message.pk}/{verb + '/' if verb else ''}"


VERBS = ("stop", "again", "edit", "show", "delete", "restore", "continue", "retry")


@pytest.mark.parametrize("verb", VERBS)
def test_the_messages_of_another_are_not_there(as_bob, reply, said, verb):
    for message in (reply, said):
        assert as_bob.post(at(message, verb), form()).status_code == 404
    assert Message.objects.count() == 2


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "restore"])
def test_what_was_deleted_is_not_there(as_alice, said, reply, verb):
    posting.delete(said)
    for message in (reply, said):
        assert as_alice.post(at(message, verb), form()).status_code == 404
    assert as_alice.get(at(said)).status_code == 404
    assert as_alice.get(at(said, "text")).status_code == 404


@pytest.mark.parametrize("verb", ["stop", "again", "continue", "retry"])
def test_only_replies_are_asked_for(as_alice, said, verb):
    assert as_alice.post(at(said, verb), form()).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_a_change_is_posted(as_alice, reply, verb):
    answer = as_alice.get(at(reply, verb))
    assert answer.status_code in {200, 404} if verb in {"again", "edit"} else answer.status_code == 405


def test_one_message_alone_is_as_in_its_thread(as_alice, talk, reply):  # noqa: F811
    page = html(as_alice, at(reply))
    assert f'id="message-{reply.pk}"' in page
    assert 'id="thread"' not in page


def test_with_a_reply_comes_what_the_conversation_has_cost_by_now(as_alice, said, reply):
    Message.objects.filter(pk=reply.pk).update(prompt_tokens=1200, completion_tokens=34)
    assert "1,234 tokens" in html(as_alice, at(reply))
    assert 'hx-target="#chat-total"' not in html(as_alice, at(said))


def test_of_replies_side_by_side_the_one_that_is_asked_for_is_shown(as_alice, talk):  # noqa: F811
    first, second = posting.ask_anew(talk.current, [SMALL, LARGE], click=uuid4())
    page = html(as_alice, at(second))
    assert f'id="message-{second.pk}"' in page
    assert f'id="message-{first.pk}"' not in page
    assert "is-shown" in html(as_alice, at(first))
    assert "is-shown" not in page


def test_its_text_is_markdown(as_alice, reply):
    answer = as_alice.get(at(reply, "text"))
    assert (answer.content, answer.headers["Content-Type"]) == (b"It is **this**.", "text/markdown; charset=utf-8")


class TestStopping:
    def test_one_that_waits_is_stopped_at_once(self, as_alice, reply):
        Message.objects.filter(pk=reply.pk).update(state=ReplyState.PENDING)
        page = as_alice.post(at(reply, "stop"), headers=HTMX).content.decode()
        assert "Stopped" in page

    def test_one_that_has_ended_stays_as_it_is(self, as_alice, reply):
        assert as_alice.post(at(reply, "stop")).status_code == 302
        reply.refresh_from_db()
        assert reply.state == ReplyState.DONE


class TestAgain:
    def test_the_same_model_answers_again(self, as_alice, reply):
        page = as_alice.post(at(reply, "again"), form(), headers=HTMX).content.decode()
        assert 'aria-label="2 of 2 replies"' in page

    def test_one_click_asks_once(self, as_alice, reply):
        fields = form(model=LARGE.id)
        for _ in range(2):
            as_alice.post(at(reply, "again"), fields)
        assert reply.parent.children.count() == 2

    def test_another_model_is_chosen_in_a_sheet(self, as_alice, reply):
        sheet = html(as_alice, at(reply, "again"), headers=HTMX)
        assert "<html" not in sheet
        assert f'type="radio" name="model" value="{SMALL.id}" data-name="Small" checked' in sheet
        assert "<html" in html(as_alice, at(reply, "again"))

    @pytest.mark.parametrize("wrong", [{"click": "x"}, {"model": "x"}, {"model": []}], ids=["click", "model", "none"])
    def test_what_does_not_fit_is_refused(self, as_alice, reply, wrong):
        assert as_alice.post(at(reply, "again"), form(**wrong), headers=HTMX).status_code == 422
        assert reply.parent.children.count() == 1


class TestEditing:
    def test_its_form_holds_what_was_written(self, as_alice, said):
        part = html(as_alice, at(said, "edit"), headers=HTMX)
        assert "What is &lt;b&gt;it&lt;/b&gt;?</textarea>" in part
        assert "<html" not in part

    def test_without_scripts_it_is_in_the_page(self, as_alice, said):
        page = html(as_alice, at(said, "edit"))
        assert f'action="/chat/messages/{said.pk}/edit/"' in page
        assert f'<input type="hidden" name="model" value="{SMALL.id}">' in page

    def test_what_is_changed_is_another_version(self, as_alice, said):
        page = as_alice.post(at(said, "edit"), form(text="Changed"), headers=HTMX).content.decode()
        assert "Changed</div>" in page
        assert 'aria-label="2 of 2 versions"' in page

    def test_one_that_came_in_with_a_file_and_names_odd_uploads(self, as_alice, said):
        Message.objects.filter(pk=said.pk).update(inputs=["asset:7", "asset:"])
        page = as_alice.post(at(said, "edit"), form(text="Changed"), headers=HTMX).content.decode()
        assert "Changed</div>" in page

    def test_a_reply_is_not_edited(self, as_alice, reply):
        assert as_alice.get(at(reply, "edit")).status_code == 404
        assert as_alice.post(at(reply, "edit"), form()).status_code == 404

    @pytest.mark.parametrize("wrong", [{"text": ""}, {"click": ""}, {"model": "x"}], ids=["text", "click", "model"])
    def test_what_does_not_fit_is_refused(self, as_alice, said, wrong):
        assert as_alice.post(at(said, "edit"), form(**wrong), headers=HTMX).status_code == 422
        assert Message.objects.count() == 2


class TestDeleting:
    def test_it_can_be_undone(self, as_alice, talk, said):  # noqa: F811
        page = as_alice.post(at(said, "delete"), headers=HTMX).content.decode()
        assert f'action="/chat/messages/{said.pk}/restore/"' in page
        assert "Nothing is said here any more" in page
        page = as_alice.post(at(said, "restore"), headers=HTMX).content.decode()
        assert f'id="message-{said.pk}"' in page
        assert "this" in page

    def test_what_is_there_is_not_brought_back(self, as_alice, said):
        assert as_alice.post(at(said, "restore")).status_code == 404


class TestMending:
    def test_what_was_cut_goes_on_with_its_text(self, as_alice, reply):
        Message.objects.filter(pk=reply.pk).update(state=ReplyState.INTERRUPTED, error="It broke off.")
        as_alice.post(at(reply, "continue"))
        reply.refresh_from_db()
        assert (reply.state, reply.text, reply.error) == (ReplyState.PENDING, "It is **this**.", "")

    def test_what_reached_its_limit_goes_on(self, as_alice, reply):
        Message.objects.filter(pk=reply.pk).update(finish="length")
        as_alice.post(at(reply, "continue"))
        reply.refresh_from_db()
        assert reply.state == ReplyState.PENDING

    def test_what_said_nothing_is_tried_again_in_its_place(self, as_alice, reply):
        Message.objects.filter(pk=reply.pk).update(state=ReplyState.FAILED, text="", error="No.")
        as_alice.post(at(reply, "retry"))
        reply.refresh_from_db()
        assert (reply.state, reply.error) == (ReplyState.PENDING, "")

    @pytest.mark.parametrize("state", ["failed", "interrupted", "stopped"])
    def test_what_said_something_keeps_it_and_another_version_is_asked_for(self, as_alice, talk, reply, state):  # noqa: F811
        Message.objects.filter(pk=reply.pk).update(state=state, finished_at=timezone.now())
        for _ in range(2):
            as_alice.post(at(reply, "retry"))
        reply.refresh_from_db()
        assert (reply.state, reply.text) == (state, "It is **this**.")
        [other] = reply.parent.children.exclude(pk=reply.pk)
        assert (other.state, other.text, other.model) == (ReplyState.PENDING, "", reply.model)
        talk.refresh_from_db()
        assert talk.current == other

    @pytest.mark.parametrize("verb", ["continue", "retry"])
    def test_a_second_click_on_the_same_button_asks_for_nothing(self, as_alice, talk, reply, verb):  # noqa: F811
        """It may come when the first has been answered already, and was cut as well."""
        Message.objects.filter(pk=reply.pk).update(
            state=ReplyState.STOPPED, **({"text": ""} if verb == "retry" else {})
        )
        [seen] = re.findall(r'name="ended" value="([^"]+)"', html(as_alice, f"/chat/{talk.pk}/"))
        as_alice.post(at(reply, verb), {"ended": seen})
        reply.refresh_from_db()
        assert reply.state == ReplyState.PENDING
        reply.end(ReplyState.INTERRUPTED, text="More")
        as_alice.post(at(reply, verb), {"ended": seen})
        reply.refresh_from_db()
        assert (reply.state, reply.text) == (ReplyState.INTERRUPTED, "More")

    @pytest.mark.parametrize("odd", ["2026-01-01T00:00", "2026-13-01T00:00Z"])
    def test_a_form_that_names_no_moment_is_refused(self, as_alice, reply, odd):
        Message.objects.filter(pk=reply.pk).update(state=ReplyState.STOPPED)
        assert as_alice.post(at(reply, "retry"), {"ended": odd}, headers=HTMX).status_code == 422

    @pytest.mark.parametrize("verb", ["continue", "retry"])
    def test_what_is_whole_stays(self, as_alice, reply, verb):
        as_alice.post(at(reply, verb))
        reply.refresh_from_db()
        assert (reply.state, reply.text) == (ReplyState.DONE, "It is **this**.")


def test_going_on_with_another_of_several_replies(as_alice, talk):  # noqa: F811
    _, second = posting.ask_anew(talk.current, [SMALL, LARGE], click=uuid4())
    assert as_alice.post(at(second, "show")).status_code == 302
    talk.refresh_from_db()
    assert talk.current == second
