"""Conversations of every kind, written as rows. Runs inside Studio (`manage.py shell`); see `filled.fill_chats`.

What no test could hold still, a reply under way, is one that nobody writes and nobody gives up before the year 3000.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import ProviderKey, User
from generations.models import ChatPreset, Conversation, Folder, Message, ModelPrice
from generations.models.message import cost_of
from tests.e2e import chat_texts as texts
from tests.fake_llm.texts import long

NEVER = datetime(3000, 1, 1, tzinfo=UTC)
SMALL, LARGE, SEEING = (("fake-small",) * 2, ("fake-large",) * 2, ("fake-seeing",) * 2)
OLD = (  # days ago, title
    (0, "Names for a small sailing school"),
    (1, "Why bread needs time"),
    (1, "A letter to the landlord about the heating, with a date by which it has to be mended and what follows"),
    (4, "Rust or Go for a file watcher"),
    (12, "خطة رحلة إلى البحر"),
    (40, "Packing list 🎒🏔️"),
)


class Writer:
    """Writes one person's conversations; `key` is the one that answers in them."""

    def __init__(self, email: str) -> None:
        self.owner = User.objects.get(email=email)
        self.keys = {key.provider: key for key in ProviderKey.objects.filter(owner=self.owner)}
        self.key = self.keys["wayscloud-llm"]

    def conversation(self, title: str, days: float = 0, **more: Any) -> Conversation:
        at = timezone.now() - timedelta(days=days)
        return Conversation.objects.create(
            owner=self.owner, title=title, is_title_own=True, provider=self.key.provider, key=self.key, model=SMALL[0],
            created_at=at, written_at=at, changed_at=at, **more,
        )  # fmt: skip

    def said(self, talk: Conversation, text: str, parent: Message | None = None, **more: Any) -> Message:
        return self._on(talk, Message.objects.create(conversation=talk, parent=parent, role="user", text=text, **more))

    def reply(
        self, talk: Conversation, parent: Message, text: str, model: tuple[str, str] = SMALL, **more: Any
    ) -> Message:
        """One that has ended, as it was asked for at the price that is set."""
        now = talk.written_at
        facts = {
            "state": "done", "finish": "stop", "prompt_tokens": 1204, "completion_tokens": 20 + len(text) // 4,
            "input_price": Decimal("0.15"), "output_price": Decimal("0.60"), "cost_unit": "USD",
            "started_at": now, "first_token_at": now + timedelta(seconds=1), "finished_at": now + timedelta(seconds=8),
            **more,
        }  # fmt: skip
        if facts["completion_tokens"] is not None and facts["input_price"] is not None:
            read, written = facts["prompt_tokens"], facts["completion_tokens"]
            facts["cost"] = cost_of(read, written, facts["input_price"], facts["output_price"])
        return self._reply(talk, parent, model, text=text, **facts)

    def under_way(self, talk: Conversation, parent: Message, *pieces: str, thought: str = "", **more: Any) -> Message:
        """One that stays as it is: `pieces` are what is written down of it."""
        more = {"state": "writing", "started_at": timezone.now(), "beat_at": NEVER, **more}
        made = self._reply(talk, parent, LARGE, **more)
        for text, is_reasoning in ((thought, True), *((piece, False) for piece in pieces)):
            if text:
                made.pieces.create(text=text, is_reasoning=is_reasoning)
        return made

    def cut(self, talk: Conversation, parent: Message, text: str, state: str, **more: Any) -> Message:
        return self.reply(
            talk, parent, text, state=state, finish="", prompt_tokens=None, completion_tokens=None, **more
        )

    def _reply(self, talk: Conversation, parent: Message, model: tuple[str, str], **more: Any) -> Message:
        whom = {"provider": self.key.provider, "key": self.key, "model": model[0], "model_name": model[1]}
        made = Message.objects.create(conversation=talk, parent=parent, role="assistant", **whom, **more)
        return self._on(talk, made)

    @staticmethod
    def _on(talk: Conversation, message: Message) -> Message:
        talk.current = message
        talk.save(update_fields=["current"])
        return message


def fill(email: str, picture: str) -> dict[str, str]:
    """The conversations by what they show; `picture` is a job whose result one of them has attached."""
    writer = Writer(email)
    keep(writer)
    shelve(writer)
    makers = (full, beside, writing, thinking, ended, refused, right_to_left, huge)
    made = {f"chat-{make.__name__.replace('_', '-')}": str(make(writer).pk) for make in makers}
    made["chat-attached"] = str(attached(writer, picture).pk)
    made["preset"] = str(ChatPreset.objects.filter(owner=writer.owner).first().pk)  # type: ignore[union-attr]
    return made


def keep(writer: Writer) -> None:
    """Prices, one's own and the operator's, and presets."""
    whose = {"provider": writer.key.provider, "unit": "USD"}
    ModelPrice.objects.create(
        owner=writer.owner, model=SMALL[0], input=Decimal("0.15"), output=Decimal("0.60"), **whose
    )
    ModelPrice.objects.create(owner=None, model=SMALL[0], input=Decimal("0.2"), output=Decimal("0.80"), **whose)
    ModelPrice.objects.create(owner=None, model=LARGE[0], input=Decimal("2.5"), output=Decimal(10), **whose)
    asked = {"owner": writer.owner, "provider": writer.key.provider, "key": writer.key}
    ChatPreset.objects.create(name="Patient editor", system=texts.EDITOR, model=SMALL[0], **asked)
    ChatPreset.objects.create(name="Code review", system="Say what is wrong first, then why.", owner=writer.owner)


def shelve(writer: Writer) -> None:
    """A list with folders, pins, an archive and several days."""
    work, _ = (Folder.objects.create(owner=writer.owner, name=name) for name in ("Work", "Evening classes"))
    writer.conversation("The week's plan", 2, pinned_at=timezone.now())
    writer.conversation("Minutes of Monday", 3, folder=work)
    writer.conversation("Offer for the printing house", 5, folder=work)
    writer.conversation("Old tax questions", 90, archived_at=timezone.now())
    for days, title in OLD:
        writer.conversation(title, days)


def full(writer: Writer) -> Conversation:
    """All that a message may hold; its first question has two versions, its reply three."""
    talk = writer.conversation("Tide tables for a harbour", system="You are a patient navigator.")
    writer.said(talk, "How do tide tables work?")
    asked = writer.said(talk, texts.ASKED)
    for text in ("It depends on the moon.", "Ask the harbour master."):
        writer.reply(talk, asked, text)
    first = writer.reply(talk, asked, texts.RICH, reasoning=texts.THOUGHT, reasoning_seconds=12.4, reasoning_tokens=180)
    second = writer.said(talk, "And in one sentence?", first)
    writer.reply(talk, second, texts.SENTENCE, LARGE, input_price=None, output_price=None, cost_unit="")
    return talk


def beside(writer: Writer) -> Conversation:
    talk = writer.conversation("Three answers to one question")
    asked = writer.said(talk, "What is the best way to learn a language as an adult?")
    batch = uuid4()
    writer.reply(talk, asked, texts.ANSWERS[0], SMALL, batch=batch)
    writer.reply(talk, asked, texts.ANSWERS[1], LARGE, batch=batch, reasoning=texts.THOUGHT, reasoning_seconds=75)
    writer.reply(talk, asked, texts.ANSWERS[2], SEEING, batch=batch, input_price=None, output_price=None, cost_unit="")
    return talk


def writing(writer: Writer) -> Conversation:
    talk = writer.conversation("A reply that is being written")
    asked = writer.said(talk, texts.ASKED)
    writer.under_way(talk, asked, *texts.RICH[:700].splitlines(keepends=True), thought=texts.THOUGHT)
    return talk


def thinking(writer: Writer) -> Conversation:
    """Two at once: one has said nothing, one thinks."""
    talk = writer.conversation("Two that have not begun")
    asked, batch = writer.said(talk, texts.ASKED), uuid4()
    writer.under_way(talk, asked, batch=batch)
    writer.under_way(talk, asked, thought=texts.THOUGHT, batch=batch)
    return talk


def ended(writer: Writer) -> Conversation:
    """Stopped, cut at the longest length, and interrupted."""
    talk = writer.conversation("Replies that were cut short")
    asked = writer.said(talk, "Tell me about the sea.")
    stopped = writer.cut(talk, asked, "The sea covers more than two thirds of", "stopped")
    asked = writer.said(talk, "In short, please.", stopped)
    short = writer.reply(talk, asked, "The sea is salt water, and it", finish="length")
    asked = writer.said(talk, "And what lives in it?", short)
    words = "Studio stopped while this was being written."
    writer.cut(talk, asked, texts.ANSWERS[0][:260], "interrupted", error_kind="crash", error=words)
    return talk


def refused(writer: Writer) -> Conversation:
    """Refused for the key and for the provider's own reasons; and one that said nothing."""
    talk = writer.conversation("Replies that failed")
    asked = writer.said(talk, "Are you there?")
    words = "WAYSCloud LLM refused the key."
    failed = writer.cut(talk, asked, "", "failed", error_kind="invalid_key", error=words)
    asked = writer.said(talk, "And now?", failed)
    empty = writer.reply(talk, asked, "")
    asked = writer.said(talk, "Say something.", empty)
    words = "WAYSCloud LLM answered with an error: the model is overloaded, try again later."
    writer.cut(talk, asked, "", "failed", error_kind="unavailable", error=words)
    return talk


def right_to_left(writer: Writer) -> Conversation:
    talk = writer.conversation("لماذا البحر أزرق؟ 🌊")
    writer.reply(talk, writer.said(talk, texts.ARABIC_ASKED), texts.ARABIC)
    return talk


def huge(writer: Writer) -> Conversation:
    talk = writer.conversation("A hundred thousand characters")
    writer.reply(talk, writer.said(talk, "Write all you know."), long(100_000))
    return talk


def attached(writer: Writer, picture: str) -> Conversation:
    talk = writer.conversation("What is in this picture")
    inputs = [f"output:{picture}/0", "output:00000000-0000-4000-8000-000000000000/0"]
    asked = writer.said(talk, "What do you see, and what is missing?", inputs=inputs)
    writer.reply(talk, asked, texts.SEEN, SEEING)
    return talk
