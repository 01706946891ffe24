"""The page of a conversation, and writing into it."""

import re
import runpy
from uuid import uuid4

import pytest
from django.test import Client

from generations.catalogue import favourites
from generations.chats import offers, posting, rendered
from generations.chats.offers import ChatOffer, ChatSource
from generations.models import Conversation, Message, ReplyState, Role
from generations.templatetags import chat as tags
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect

pytestmark = pytest.mark.django_db
OPENAI, BUILT_IN = chat_dialect("openai"), chat_dialect("local-chat")
SMALL, LARGE = (ChatOffer(OPENAI, None, ChatModel(name, name.title())) for name in ("small", "large"))
TINY = ChatOffer(BUILT_IN, None, ChatModel("tiny", "Tiny"))
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def source(monkeypatch) -> list[ChatSource]:
    """What alice can ask; a test may change it."""
    there = [ChatSource(OPENAI, None, (SMALL, LARGE))]
    monkeypatch.setattr(offers, "sources", lambda user: there)
    return there


@pytest.fixture
def talk(alice) -> Conversation:
    """A question with its answer."""
    talk = posting.begin(alice)
    [reply] = posting.say(talk, "What is <b>it</b>?", [SMALL], click=uuid4())
    reply.end(ReplyState.DONE, text="It is **this**.", reasoning="", finish="stop")
    talk.refresh_from_db()
    return talk


def form(**fields: object) -> dict[str, object]:
    return {"text": "Hello", "model": SMALL.id, "click": str(uuid4()), **fields}


def html(client: Client, address: str, **more: object) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == 200
    return answer.content.decode()


class TestNew:
    def test_it_names_who_will_answer(self, as_alice):
        page = html(as_alice, "/chat/")
        assert "Small will answer · no price set" in page
        assert "data-sample=" in page

    def test_the_built_in_model_is_said_to_be_small(self, as_alice, source):
        source[:] = [ChatSource(BUILT_IN, None, (TINY,))]
        page = html(as_alice, "/chat/")
        assert "quick and private, and often wrong" in page
        assert "Tiny will answer · free" in page

    def test_without_a_model_it_says_how_to_add_one(self, as_alice, source):
        source[:] = [ChatSource(OPENAI, None, (), "It did not answer.")]
        page = html(as_alice, "/chat/")
        assert "No model answers yet" in page
        assert "It did not answer." in page
        assert 'id="say"' not in page

    def test_models_with_a_star_stand_first_and_once(self, as_alice, alice):
        favourites.add(alice, LARGE.name)
        page = html(as_alice, "/chat/")
        chooser = page[page.index("models-list") :]
        assert chooser.index("Favourites") < chooser.index(LARGE.id) < chooser.index(SMALL.id)
        assert chooser.count(f'value="{LARGE.id}"') == 1
        assert chooser.count('aria-pressed="true"') == chooser.count('aria-pressed="false"') == 1

    def test_the_first_message_begins_a_conversation(self, as_alice, alice):
        answer = as_alice.post("/chat/", form(system="Be short.", **{"o-temperature": "0"}))
        talk = Conversation.objects.get(owner=alice)
        assert answer.headers["Location"] == f"/chat/{talk.pk}/"
        assert (talk.system, talk.settings, talk.title) == ("Be short.", {"temperature": 0.0}, "Hello")
        assert talk.messages.get(role=Role.ASSISTANT).settings == {"temperature": 0.0}

    def test_one_click_begins_one(self, as_alice):
        fields = form()
        first, second = as_alice.post("/chat/", fields), as_alice.post("/chat/", fields)
        assert first.headers["Location"] == second.headers["Location"]
        assert (Conversation.objects.count(), Message.objects.count()) == (1, 2)

    def test_one_that_was_deleted_since_is_not_written_into(self, as_alice):
        fields = form()
        as_alice.post("/chat/", fields)
        Conversation.objects.update(deleted_at="2026-01-01T00:00Z")
        assert as_alice.post("/chat/", fields).status_code == 422

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"text": " \n "}, "Write something first."),
            ({"text": "x" * (posting.LONGEST + 1)}, "at most 400,000 characters"),
            ({"click": ""}, "This form is too old"),
            ({"click": "odd"}, "This form is too old"),
            ({"model": ""}, "not there any more"),
            ({"model": []}, "Choose a model first."),
            ({"model": "other/0/none"}, "not there any more"),
            ({"model": [SMALL.id, "x"]}, "not there any more"),
            ({"model": [f"openai/0/{n}" for n in range(9)]}, "At most 8 models"),
            ({"o-temperature": "9"}, "Temperature: A number from 0 to 2"),
            ({"system": "x" * 40_001}, "at most 40,000 characters"),
        ],
        ids=lambda value: None if isinstance(value, str) else next(iter(value)),
    )
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
    def test_what_does_not_fit_is_refused_in_words(self, as_alice, wrong, words, headers):
        answer = as_alice.post("/chat/", form(**wrong), headers=headers)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert Conversation.objects.count() == 0

    def test_a_refused_text_stands_in_the_form_again(self, as_alice):
        page = as_alice.post("/chat/", form(text="My <long> text", model="x")).content.decode()
        assert "My &lt;long&gt; text</textarea>" in page


class TestPage:
    def test_people_write_plain_text_and_models_markdown(self, as_alice, talk):
        page = html(as_alice, f"/chat/{talk.pk}/")
        assert "What is &lt;b&gt;it&lt;/b&gt;?</div>" in page
        assert "**this**" not in page or "<strong>" not in page

    def test_a_title_cannot_be_markup(self, as_alice, talk):
        talk.touch(title="<script>x</script>")
        assert "<script>x" not in html(as_alice, f"/chat/{talk.pk}/")

    def test_a_conversation_of_another_is_not_there(self, as_bob, talk):
        for verb in ("", "thread/"):
            assert as_bob.get(f"/chat/{talk.pk}/{verb}").status_code == 404
        for verb in ("say/", "settings/"):
            assert as_bob.post(f"/chat/{talk.pk}/{verb}", form()).status_code == 404

    def test_who_answered_last_is_chosen(self, as_alice, talk):
        page = html(as_alice, f"/chat/{talk.pk}/")
        assert f'value="{SMALL.id}" data-name="Small" checked' in page
        assert f'value="{LARGE.id}" data-name="Large" checked' not in page

    def test_an_address_may_name_who_is_asked(self, as_alice):
        assert f'value="{LARGE.id}" data-name="Large" checked' in html(as_alice, f"/chat/?model={LARGE.id}")

    def test_every_reply_says_what_it_cost(self, as_alice, talk):
        talk.messages.filter(role=Role.ASSISTANT).update(prompt_tokens=1200, completion_tokens=3)
        page = html(as_alice, f"/chat/{talk.pk}/")
        assert "1,200 in, 3 out" in page
        assert "no price set" in page
        talk.messages.filter(role=Role.ASSISTANT).update(cost="0.03", cost_unit="USD", input_price=1, output_price=1)
        assert "0.03\u00a0USD" in html(as_alice, f"/chat/{talk.pk}/")

    @pytest.mark.parametrize(
        ("fields", "words", "buttons"),
        [
            ({"state": "stopped"}, "Stopped", ["continue", "retry"]),
            ({"state": "interrupted", "error": "It broke off."}, "Interrupted. It broke off.", ["continue", "retry"]),
            ({"state": "failed", "error": "No.", "error_kind": "invalid_key"}, "Replace the key", ["retry"]),
            ({"state": "done", "finish": "length"}, "Cut at the longest reply", ["continue"]),
            ({"state": "pending", "text": ""}, "Waiting for OpenAI-compatible…", ["stop"]),
        ],
        ids=["stopped", "interrupted", "failed", "length", "pending"],
    )
    def test_every_state_says_so_and_what_can_be_done(self, as_alice, talk, fields, words, buttons):
        reply = talk.messages.get(role=Role.ASSISTANT)
        Message.objects.filter(pk=reply.pk).update(**fields)
        page = html(as_alice, f"/chat/{talk.pk}/")
        assert words in page
        for verb in ("stop", "continue", "retry"):
            assert (f'hx-post="/chat/messages/{reply.pk}/{verb}/"' in page) == (verb in buttons), verb

    def test_a_reply_under_way_keeps_its_place_while_the_thread_is_drawn_anew(self, as_alice, talk):
        reply = talk.messages.get(role=Role.ASSISTANT)
        assert f'id="live-{reply.pk}"' not in html(as_alice, f"/chat/{talk.pk}/")
        Message.objects.filter(pk=reply.pk).update(state="writing")
        assert f'id="live-{reply.pk}"' in html(as_alice, f"/chat/{talk.pk}/")

    def test_its_page_has_one_of_what_an_answer_brings_anew(self, as_alice, talk):
        page = html(as_alice, f"/chat/{talk.pk}/")
        assert "<hx-partial" not in page
        assert [page.count(f'id="{name}"') for name in ("click", "refusal", "chat-total")] == [1, 1, 1]

    def test_its_page_has_one_stream(self, as_alice, talk):
        assert "/live/chat/" in (page := html(as_alice, f"/chat/{talk.pk}/"))
        assert "hx-sse:connect" not in page
        assert "hx-sse:connect" in html(as_alice, "/chat/")

    def test_its_thoughts_are_in_a_fold(self, as_alice, talk):
        talk.messages.filter(role=Role.ASSISTANT).update(reasoning="Hm <i>", reasoning_seconds=4.2)
        page = html(as_alice, f"/chat/{talk.pk}/")
        assert "Thought for 4.2\u00a0s" in page
        assert "Hm &lt;i&gt;" in page

    def test_many_messages_cost_as_many_statements_as_few(self, as_alice, talk, django_assert_max_num_queries):
        counts = []
        html(as_alice, f"/chat/{talk.pk}/")
        for _ in range(2):
            with django_assert_max_num_queries(40) as captured:
                html(as_alice, f"/chat/{talk.pk}/")
            counts.append(len(captured))
            for _ in range(10):
                talk.refresh_from_db()
                posting.say(talk, "More", [SMALL, LARGE], click=uuid4(), parent=talk.current)
                talk.messages.filter(state="pending").update(state="done", text="Yes", finished_at="2026-01-01T00:00Z")
        assert counts[1] == counts[0]


class TestSaying:
    def test_it_goes_on_from_what_is_shown(self, as_alice, talk):
        answer = as_alice.post(f"/chat/{talk.pk}/say/", form(parent=str(talk.current_id)))
        assert answer.status_code == 302
        said = Message.objects.filter(role=Role.USER).latest("pk")
        assert said.parent_id == talk.current_id

    def test_htmx_gets_the_thread_and_a_new_click(self, as_alice, talk):
        fields = form()
        page = as_alice.post(f"/chat/{talk.pk}/say/", fields, headers=HTMX).content.decode()
        assert 'id="thread"' in page
        assert 'name="click"' in page
        assert str(fields["click"]) not in page
        assert "Waiting for" in page

    def test_a_page_that_is_behind_makes_a_branch(self, as_alice, talk):
        behind = str(talk.current_id)
        for text in ("one", "two"):
            as_alice.post(f"/chat/{talk.pk}/say/", form(text=text, parent=behind))
        said = Message.objects.filter(role=Role.USER, parent_id=behind)
        assert [one.text for one in said.order_by("pk")] == ["one", "two"]

    def test_a_reply_under_way_is_waited_for(self, as_alice, talk):
        as_alice.post(f"/chat/{talk.pk}/say/", form())
        answer = as_alice.post(f"/chat/{talk.pk}/say/", form(text="Quick!"), headers=HTMX)
        assert answer.status_code == 422
        assert "still being written" in answer.content.decode()
        assert not Message.objects.filter(text="Quick!").exists()

    @pytest.mark.parametrize("which", ["odd", "other", "deleted"])
    def test_what_is_not_there_is_not_answered(self, as_alice, alice, talk, which):
        other = posting.say(posting.begin(alice), "x", [SMALL], click=uuid4())[0]
        parent = {"odd": "odd", "other": str(other.pk), "deleted": str(talk.current_id)}[which]
        if which == "deleted":
            posting.delete(talk.current)
        answer = as_alice.post(f"/chat/{talk.pk}/say/", form(parent=parent), headers=HTMX)
        assert answer.status_code == 422
        assert "was deleted" in answer.content.decode()


class TestSettings:
    def test_they_are_kept(self, as_alice, talk):
        answer = as_alice.post(
            f"/chat/{talk.pk}/settings/", {"system": "Be\r\nshort.", "o-temperature": "0", "o-max_tokens": "100"}
        )
        assert answer.status_code == 302
        talk.refresh_from_db()
        assert (talk.system, talk.settings) == ("Be\nshort.", {"temperature": 0.0, "max_tokens": 100})

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
    @pytest.mark.parametrize("wrong", [{"o-temperature": "hot"}, {"system": "x" * 40_001}], ids=["option", "system"])
    def test_what_does_not_fit_changes_nothing(self, as_alice, talk, wrong, headers):
        answer = as_alice.post(f"/chat/{talk.pk}/settings/", {"system": "New", **wrong}, headers=headers)
        assert answer.status_code == 422
        talk.refresh_from_db()
        assert (talk.system, talk.settings) == ("", {})


class TestRendered:
    def test_a_finished_reply_is_rendered_once(self, talk, monkeypatch):
        reply = talk.messages.get(role=Role.ASSISTANT)
        first = rendered.blocks(reply)
        monkeypatch.setattr(rendered.markdown, "blocks", lambda text, place: ["anew"])
        assert rendered.blocks(reply) == first
        Message.objects.filter(pk=reply.pk).update(state="writing")
        assert rendered.blocks(Message.objects.get(pk=reply.pk)) == ("anew",)

    def test_what_is_written_anew_is_rendered_anew(self, talk):
        reply = talk.messages.get(role=Role.ASSISTANT)
        first = rendered.blocks(reply)
        Message.objects.filter(pk=reply.pk).update(state="failed")
        reply.refresh_from_db()
        reply.ask_again(keep_text=False)
        reply.end(ReplyState.DONE, text="It is **that**.", reasoning="")
        assert rendered.blocks(reply) != first


class TestDrawn:
    """A finished message is drawn once for all pages, and nothing of one page is in another."""

    def test_it_carries_the_token_and_a_click_of_its_own_page(self, as_alice, talk):
        first, second = (html(as_alice, f"/chat/{talk.pk}/thread/") for _ in range(2))
        assert not any(place in first + second for place in (tags.TOKEN_PLACE, tags.CLICK_PLACE))
        clicks = [set(re.findall(r'name="click" value="([0-9a-f-]{36})"', page)) for page in (first, second)]
        assert all(clicks)
        assert not clicks[0] & clicks[1]
        tokens = [set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)) for page in (first, second)]
        assert [len(found) for found in tokens] == [1, 1]
        assert tokens[0] != tokens[1]

    def test_no_text_can_name_the_place_of_a_token(self):
        """Each process makes them up. Else a model could have the token written into an address that it gives."""
        elsewhere = runpy.run_path(tags.__file__)
        assert elsewhere["TOKEN_PLACE"] != tags.TOKEN_PLACE
        assert elsewhere["CLICK_PLACE"] != tags.CLICK_PLACE

    def test_a_new_branch_shows_at_once(self, as_alice, talk):
        html(as_alice, f"/chat/{talk.pk}/")
        first = talk.current
        posting.ask_anew(first, [SMALL], click=uuid4())
        posting.show(first)
        assert 'aria-label="1 of 2 replies"' in html(as_alice, f"/chat/{talk.pk}/")

    def test_a_new_end_shows_at_once(self, as_alice, talk):
        html(as_alice, f"/chat/{talk.pk}/")
        Message.objects.filter(pk=talk.current_id).update(finish="length", finished_at="2026-01-01T00:00Z")
        assert "Cut at the longest reply" in html(as_alice, f"/chat/{talk.pk}/")
