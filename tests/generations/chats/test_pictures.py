"""Pictures of messages: what may be attached, what a model is given of it, and how long it is kept."""

import asyncio
import base64
import io
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, PngImagePlugin

from accounts.models import ProviderKey, User
from generations import uploads
from generations.chats import offers, pictures, posting
from generations.chats.offers import ChatOffer
from generations.chats.replies import asking
from generations.inputs import Unfit
from generations.models import Asset, Message, Output
from studio.lib import images
from studio.providers.chat import ChatMessage, ChatModel, ChatSpec
from studio.providers.registry import chat_dialect
from tests.generations.pages.conftest import keep, make_job

pytestmark = pytest.mark.django_db
__all__ = ["keep"]  # a fixture

BLIND, SEEING = ChatModel("blind", "Blind", sees=False), ChatModel("seeing", "Seeing", sees=True)


@pytest.fixture(autouse=True)
def _media(media: Path) -> Path:
    pictures._picture.cache_clear()
    return media


def drawn(size: tuple[int, int] = (64, 36), colour: object = "red", form: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if isinstance(colour, tuple) and len(colour) == 4 else "RGB", size, colour).save(
        file, form, **options
    )
    return file.getvalue()


def upload(owner: User, content: bytes | None = None) -> Asset:
    return uploads.take_in(owner, SimpleUploadedFile("fox.png", content or drawn()))


def offer(model: ChatModel, key: ProviderKey | None = None) -> ChatOffer:
    return ChatOffer(chat_dialect("openai"), key, model)


def key_of(owner: User) -> ProviderKey:
    return ProviderKey.objects.get_or_create(owner=owner, provider="openai", label="Work")[0]


def say(owner: User, *references: str, model: ChatModel = SEEING, text: str = "What is this?") -> Message:
    """The pending reply."""
    [reply] = posting.say(posting.begin(owner), text, [offer(model, key_of(owner))], click=uuid4(), inputs=references)
    return reply


def opened(uri: str) -> Image.Image:
    head, _, content = uri.partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert head == f"data:{Image.MIME[image.format or '']};base64"
    return image


def given(reply: Message) -> ChatMessage:
    """The last message as its provider gets it."""
    question = asking.claim(reply.pk, "me")
    assert question is not None
    return pictures.filled(question.spec, question.files).messages[-1]


class TestAttaching:
    def test_uploads_and_results_each_once(self, alice, keep):
        asset, job = upload(alice), make_job(alice)
        keep(job)
        wanted = [f"asset:{asset.pk}", f" output:{job.pk}/0 ", f"asset:{asset.pk}", ""]
        assert pictures.checked(alice, wanted) == [f"asset:{asset.pk}", f"output:{job.pk}/0"]

    def test_no_more_than_fit(self, alice):
        with pytest.raises(Unfit, match="at most 8 pictures; this one has 9"):
            pictures.checked(alice, [f"asset:{uuid4()}" for _ in range(9)])

    def test_somebody_elses_is_not_there(self, alice, bob):
        with pytest.raises(Unfit, match="not there any more"):
            pictures.checked(alice, [f"asset:{upload(bob).pk}"])

    def test_no_link(self, alice):
        with pytest.raises(Unfit, match="A link cannot be attached"):
            pictures.checked(alice, ["https://example.org/fox.png"])

    def test_pictures_only(self, alice, keep):
        job = make_job(alice)
        keep(job, kind="video")
        with pytest.raises(Unfit, match="This is a clip; a picture is needed"):
            pictures.checked(alice, [f"output:{job.pk}/0"])

    @pytest.mark.parametrize(
        ("models", "words"),
        [
            ([SEEING], ""),
            ([ChatModel("a", "A")], ""),
            ([SEEING, BLIND], "Blind does not take pictures. Choose a model that does, or remove them."),
            ([BLIND, BLIND], "Blind and Blind do not take pictures. Choose models that do, or remove them."),
        ],
        ids=["sees", "unknown", "one of two", "both"],
    )
    def test_models_that_do_not_see_are_named(self, models, words):
        assert pictures.trouble(map(offer, models)) == words

    def test_blind_models_refuse_only_where_there_are_pictures(self, alice):
        assert pictures.attached(alice, [], [offer(BLIND)]) == []
        with pytest.raises(Unfit, match="Blind does not take pictures"):
            pictures.attached(alice, [f"asset:{upload(alice).pk}"], [offer(BLIND)])

    def test_of_a_model_that_may_see_it_is_said_that_nobody_knows(self):
        assert pictures.doubt([offer(SEEING), offer(ChatModel("a", "A"))]) == ("Whether A takes pictures is not known.")


class TestGiving:
    def test_a_small_picture_is_what_it_was(self, alice):
        message = given(say(alice, f"asset:{upload(alice).pk}"))
        assert message.text == "What is this?"
        [uri] = message.pictures
        assert opened(uri).size == (64, 36)
        assert opened(uri).convert("RGB").getpixel((5, 5)) == (255, 0, 0)

    def test_a_large_one_is_scaled(self, alice):
        asset = upload(alice, drawn((3000, 1500)))
        [uri] = given(say(alice, f"asset:{asset.pk}")).pictures
        assert (opened(uri).size, opened(uri).format) == ((2048, 1024), "JPEG")

    def test_a_heavy_one_is_encoded_anew(self, alice, monkeypatch):
        monkeypatch.setattr(pictures, "LARGEST", 300)
        noise = io.BytesIO()
        Image.effect_noise((64, 64), 90).save(noise, "PNG")
        [uri] = given(say(alice, f"asset:{upload(alice, noise.getvalue()).pk}")).pictures
        assert opened(uri).format == "JPEG"

    def test_transparency_stays(self, alice):
        asset = upload(alice, drawn((3000, 30), (255, 0, 0, 80)))
        [uri] = given(say(alice, f"asset:{asset.pk}")).pictures
        assert (opened(uri).format, opened(uri).mode) == ("PNG", "RGBA")

    @pytest.mark.parametrize("size", [(64, 36), (2100, 4)], ids=["as it is", "anew"])
    def test_what_a_result_tells_of_itself_stays_here(self, alice, keep, size):
        job, words = make_job(alice), PngImagePlugin.PngInfo()
        words.add_text("parameters", "my secret prompt")
        keep(job, drawn(size, pnginfo=words))
        [uri] = given(say(alice, f"output:{job.pk}/0")).pictures
        assert b"secret" not in base64.b64decode(uri.partition(",")[2])

    def test_a_comment_goes_too(self, alice, keep):
        job = make_job(alice)
        keep(job, drawn((2100, 4), form="JPEG", comment=b"my secret"))
        [uri] = given(say(alice, f"output:{job.pk}/0")).pictures
        assert b"secret" not in base64.b64decode(uri.partition(",")[2])

    def test_a_bomb_is_refused(self, alice, monkeypatch):
        asset = upload(alice)
        monkeypatch.setitem(images.embedded.__kwdefaults__, "max_pixels", 100)
        message = given(say(alice, f"asset:{asset.pk}"))
        assert message.pictures == ()
        assert pictures.UNREADABLE in message.text

    @pytest.mark.parametrize("how", ["record", "file", "owner"])
    def test_what_is_not_there_is_said(self, alice, bob, media, how):
        asset = upload(alice)
        reply = say(alice, f"asset:{asset.pk}")
        if how == "record":
            uploads.delete(asset)
        elif how == "file":
            (media / asset.file).unlink()
        else:
            Asset.objects.filter(pk=asset.pk).update(owner=bob)
        message = given(reply)
        assert message.pictures == ()
        assert message.text == f"What is this?\n\n[{pictures.GONE}]"

    def test_a_deleted_result_is_not_sent(self, alice, keep):
        job = make_job(alice)
        keep(job)
        reply = say(alice, f"output:{job.pk}/0")
        job.__class__.objects.filter(pk=job.pk).update(deleted_at=timezone.now())
        assert given(reply).pictures == ()

    def test_the_newest_come_first(self, alice, monkeypatch):
        files = {}
        for colour in ("red", "green", "blue"):
            files[colour] = upload(alice, drawn(colour=colour)).file
        size = max(len(pictures._picture(name)) for name in files.values())
        monkeypatch.setattr(pictures, "TOGETHER", 2 * size)
        asked = [ChatMessage("user", colour, (colour,)) for colour in files]
        sent = pictures.filled(ChatSpec("m", tuple(asked)), files)
        assert [len(message.pictures) for message in sent.messages] == [0, 1, 1]
        assert [message.text for message in sent.messages] == [f"red\n\n[{pictures.LEFT_OUT}]", "green", "blue"]

    def test_a_model_that_does_not_see_hears_of_it(self, alice, monkeypatch):
        """As when a conversation goes on with another model."""
        blind = offers.ChatSource(chat_dialect("openai"), key_of(alice), (offer(BLIND, key_of(alice)),))
        monkeypatch.setattr(asking.offers, "sources", lambda user: [blind])
        reply = say(alice, f"asset:{upload(alice).pk}", model=BLIND)
        message = given(reply)
        assert (message.text, message.pictures) == (f"What is this?\n\n[{pictures.UNSEEN}]", ())

    def test_it_is_done_apart_from_the_event_loop(self, alice, monkeypatch):
        question = asking.claim(say(alice, f"asset:{upload(alice).pk}").pk, "me")
        threads = []
        monkeypatch.setattr(asyncio, "to_thread", lambda *call: _noted(threads, *call))
        spec = asyncio.run(asking.complete(question))
        assert threads == [pictures.filled]
        assert spec.messages[-1].pictures[0].startswith("data:image/png;base64,")

    def test_without_pictures_nothing_is_done(self):
        question = SimpleNamespace(spec=ChatSpec("m", (ChatMessage("user", "hi"),)))
        assert asyncio.run(asking.complete(question)) is question.spec


async def _noted(threads, function, *given):
    threads.append(function)
    return function(*given)


class TestKeeping:
    def test_what_a_message_shows_is_kept_until_it_goes(self, alice):
        asset = upload(alice)
        reply = say(alice, f"asset:{asset.pk}")
        Asset.objects.update(created_at=timezone.now() - timedelta(days=60))
        assert uploads.purge() == 0
        reply.conversation.delete()
        assert uploads.purge() == 1
        assert not Path(site.MEDIA_ROOT, asset.file).exists()

    def test_it_is_shown_as_long_as_it_is_there(self, alice, keep):
        job, asset = make_job(alice), upload(alice)
        output: Output = keep(job)
        said = say(alice, f"asset:{asset.pk}", f"output:{job.pk}/0").parent
        assert [one.label for one in pictures.shown(said)] == ["fox.png", "a red fox"]
        uploads.delete(asset)
        output.delete()
        assert [(one.label, one.url) for one in pictures.shown(said)] == [("Not there any more", "")] * 2
