"""Pictures in a conversation's pages, and Create opened with a message."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string

from generations import uploads
from generations.chats import making, pictures, posting
from generations.chats.offers import ChatOffer, ChatSource
from generations.models import Asset, Job, Message, Role
from generations.views import chat_inputs
from studio.providers.chat import ChatModel
from studio.providers.registry import chat_dialect
from tests.generations.pages.conftest import make_job, offer, png

pytestmark = pytest.mark.django_db
OPENAI = chat_dialect("openai")
BLIND, SEEING, UNKNOWN = (
    ChatOffer(OPENAI, None, ChatModel(name.lower(), name, sees=sees))
    for name, sees in (("Blind", False), ("Seeing", True), ("Unknown", None))
)


@pytest.fixture(autouse=True)
def _media(media: Path) -> Path:
    return media


@pytest.fixture(autouse=True)
def _models(monkeypatch) -> None:
    source = ChatSource(OPENAI, None, (SEEING, BLIND, UNKNOWN))
    monkeypatch.setattr(chat_inputs.offers, "sources", lambda user: [source])


def upload(owner) -> Asset:
    return uploads.take_in(owner, SimpleUploadedFile("fox.png", png()))


def said(owner, *references: str) -> Message:
    [reply] = posting.say(posting.begin(owner), "What is it?", [SEEING], click=uuid4(), inputs=references)
    return reply.parent


def send(client, *references: str, model: ChatOffer = SEEING, **more: object):
    return client.post(
        "/chat/", {"text": "What is it?", "model": model.id, "click": str(uuid4()), "input": references} | more
    )


class TestSending:
    def test_a_message_has_its_pictures(self, as_alice, alice):
        asset = upload(alice)
        assert send(as_alice, f"asset:{asset.pk}").status_code == 302
        message = Message.objects.get(role=Role.USER)
        assert (message.inputs, list(message.assets.all())) == ([f"asset:{asset.pk}"], [asset])

    @pytest.mark.parametrize(
        ("model", "whose", "words"),
        [
            (BLIND, "alice", "Blind does not take pictures. Choose a model that does, or remove them."),
            (SEEING, "bob", "This file is not there any more. Choose another."),
        ],
        ids=["blind", "not one's own"],
    )
    def test_what_cannot_be_sent_is_refused_before_anything_is_asked(self, as_alice, alice, bob, model, whose, words):
        response = send(as_alice, f"asset:{upload(alice if whose == 'alice' else bob).pk}", model=model)
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not Message.objects.exists()

    def test_a_model_that_may_see_is_asked(self, as_alice, alice):
        assert send(as_alice, f"asset:{upload(alice).pk}", model=UNKNOWN).status_code == 302

    def test_a_new_version_keeps_the_pictures(self, as_alice, alice):
        message = said(alice, f"asset:{upload(alice).pk}")
        Message.objects.filter(parent=message).update(state="done")
        sent = {"text": "And now?", "model": SEEING.id, "click": str(uuid4())}
        as_alice.post(f"/chat/messages/{message.pk}/edit/", sent)
        assert Message.objects.get(text="And now?").inputs == message.inputs


class TestTheField:
    def test_it_begins_empty(self, as_alice):
        page = as_alice.get("/chat/").content.decode()
        assert 'data-media="input" data-most="8" data-kinds="image"' in page
        assert 'name="input" value="asset:' not in page

    def test_it_begins_with_what_the_address_brings(self, as_alice, alice, bob, keep):
        job, theirs = make_job(alice), make_job(bob)
        keep(job)
        keep(theirs)
        page = as_alice.get(f"/chat/?input=output:{job.pk}/0&input=output:{theirs.pk}/0").content.decode()
        assert f'name="input" value="output:{job.pk}/0" checked' in page
        assert str(theirs.pk) not in page

    def test_a_result_can_be_asked_about(self, as_alice, alice, keep):
        job = make_job(alice)
        keep(job)
        assert f'href="/chat/?input=output%3A{job.pk}%2F0"' in as_alice.get(f"/jobs/{job.pk}/").content.decode()

    @pytest.mark.parametrize(
        ("models", "words"),
        [
            ([SEEING], ""),
            ([UNKNOWN], "Whether Unknown takes pictures is not known."),
            ([BLIND, UNKNOWN], "Blind does not take pictures."),
            ([], ""),
        ],
        ids=["sees", "unknown", "blind", "none"],
    )
    def test_it_says_which_models_take_pictures(self, as_alice, models, words):
        answer = as_alice.get("/chat/sight/", {"model": [one.id for one in models]})
        assert words in answer.content.decode()
        assert bool(answer.content.strip()) is bool(words)


class TestTheMessage:
    def drawn(self, message: Message) -> str:
        return render_to_string("generations/chat/_message_inputs.html", {"message": message})

    def test_it_shows_its_pictures(self, alice, keep):
        asset, job = upload(alice), make_job(alice, prompt="a <fox>")
        keep(job)
        html = self.drawn(said(alice, f"asset:{asset.pk}", f"output:{job.pk}/0"))
        assert f'href="/assets/{asset.pk}/"' in html
        assert f'src="/media/{job.pk}/0/thumbnail/" alt="a &lt;fox&gt;"' in html

    def test_one_that_is_gone_is_said(self, alice):
        asset = upload(alice)
        message = said(alice, f"asset:{asset.pk}")
        uploads.delete(asset)
        html = self.drawn(message)
        assert "Not there any more" in html
        assert "<a" not in html

    def test_without_pictures_there_is_nothing(self, alice, django_assert_num_queries):
        message = said(alice)
        with django_assert_num_queries(0):
            assert self.drawn(message).strip() == ""

    def test_it_is_part_of_the_thread(self, as_alice, alice):
        message = said(alice, f"asset:{(asset := upload(alice)).pk}")
        page = as_alice.get(f"/chat/{message.conversation_id}/").content.decode()
        assert f'href="/assets/{asset.pk}/"' in page


class TestMakingAnImage:
    @pytest.fixture
    def reply(self, alice) -> Message:
        return Message.objects.create(
            conversation=posting.begin(alice), role=Role.ASSISTANT, text="A **red** {mood} fox", state="done"
        )

    def open(self, client, reply: Message, **sent: str) -> str:
        answer = client.post(f"/chat/messages/{reply.pk}/make/", sent)
        assert (answer.status_code, answer["Location"]) == (302, f"/create/?message={reply.pk}")
        return client.get(answer["Location"]).content.decode()

    def test_it_is_the_prompt_of_create(self, as_alice, engine, reply):
        page = self.open(as_alice, reply)
        assert ">A red {{mood}} fox</textarea>" in page
        assert "data-variable" not in page

    def test_nothing_is_made(self, as_alice, gpu, reply):
        self.open(as_alice, reply)
        assert not Job.objects.exists()

    def test_the_price_is_in_the_button(self, as_alice, gpu, alice, reply):
        alice.last_settings = {"model": offer(gpu, "flux")}
        alice.save()
        page = self.open(as_alice, reply)
        assert "2.00\u00a0NOK" in page.partition('id="submit"')[2].partition("</button>")[0]

    def test_a_model_that_makes_pictures_is_chosen(self, as_alice, gpu, alice, reply):
        alice.last_settings = {"model": offer(gpu, "kling")}
        alice.save()
        assert f'name="model" value="{offer(gpu, "kling")}"' in as_alice.get("/create/").content.decode()
        assert f'name="model" value="{offer(gpu, "kling")}"' not in self.open(as_alice, reply)

    def test_a_selection_instead_of_all(self, as_alice, engine, reply):
        assert ">red fox</textarea>" in self.open(as_alice, reply, text="red fox")

    def test_what_is_gone_is_said(self, as_alice, engine, reply):
        Message.objects.update(deleted_at=reply.created_at)
        assert making.GONE in as_alice.get(f"/create/?message={reply.pk}").content.decode()

    def test_somebody_elses_is_not_there(self, as_bob, engine, reply):
        assert as_bob.post(f"/chat/messages/{reply.pk}/make/").status_code == 404
        page = as_bob.get(f"/create/?message={reply.pk}").content.decode()
        assert making.GONE in page
        assert " fox</textarea>" not in page

    def test_the_button_is_with_the_reply(self, as_alice, reply):
        html = render_to_string("generations/chat/_make_image.html", {"message": reply, "csrf_token": "x"})
        assert f'action="/chat/messages/{reply.pk}/make/"' in html


def test_a_few_pictures_are_the_most(as_alice, alice):
    assert (
        "at most 8 pictures; this one has 9"
        in send(as_alice, *(f"asset:{uuid4()}" for _ in range(pictures.MOST + 1))).content.decode()
    )
