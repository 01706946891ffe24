"""Messages: what a person wrote, and the replies to it.

A reply's text grows in `ReplyPiece` rows while it is being written, so that writing down what has come costs the same
however long it already is; when it has ended they become its `text`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from generations.models.conversation import Conversation
from studio.lib.ids import uuid7


class Role(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"


class ReplyState(models.TextChoices):
    """What a person writes is DONE from the start."""

    PENDING = "pending", "Waiting"  # nothing was sent yet
    WRITING = "writing", "Writing"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"  # by a person
    INTERRUPTED = "interrupted", "Interrupted"  # by a crash, a restart or a lost connection
    FAILED = "failed", "Failed"  # refused


UNDER_WAY = (ReplyState.PENDING, ReplyState.WRITING)
CUT_SHORT = (ReplyState.INTERRUPTED, ReplyState.STOPPED, ReplyState.FAILED)
MOST_TOKENS = 2_147_483_647  # that a column of ours counts
MOST_COST = 10**12
NOTHING: Mapping[str, Any] = {}


class Message(models.Model):
    """Its siblings (same `parent`) are its branches: other versions of a question, other replies to one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=9, choices=Role)
    text = models.TextField(blank=True)
    click = models.UUIDField(null=True, blank=True, editable=False)  # what was sent by it is not written twice
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    # What a person attached: references as `generations.inputs` reads them; uploads among them are also `assets`.
    inputs = models.JSONField(default=list, blank=True)
    assets = models.ManyToManyField("generations.Asset", blank=True, related_name="messages")

    # Replies only.
    state = models.CharField(max_length=11, choices=ReplyState, default=ReplyState.DONE)
    batch = models.UUIDField(null=True, blank=True)  # the replies asked for at once stand side by side
    provider = models.CharField(max_length=40, blank=True)
    key = models.ForeignKey("accounts.ProviderKey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)
    model_name = models.CharField(max_length=200, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    reasoning = models.TextField(blank=True)
    reasoning_seconds = models.FloatField(null=True, blank=True)
    finish = models.CharField(max_length=40, blank=True)  # the provider's word: "stop", "length", …
    error_kind = models.CharField(max_length=30, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    writer = models.CharField(max_length=120, blank=True, editable=False)  # the process that writes it
    beat_at = models.DateTimeField(null=True, blank=True)  # when that process last said so
    stop_requested_at = models.DateTimeField(null=True, blank=True)

    # Tokens as the provider counted them, and what they cost by the price that was set then (per million tokens).
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)
    input_price = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    output_price = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    cost = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True)
    cost_unit = models.CharField(max_length=12, blank=True)
    # What it may have cost where nobody counted: for a borrower's limit alone, and never shown as what it cost.
    presumed_cost = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=("conversation", "id"), name="message_of_conversation"),
            models.Index(fields=("state",), condition=Q(state__in=("pending", "writing")), name="reply_under_way"),
        )
        constraints = (models.UniqueConstraint(fields=("conversation", "click"), name="one_message_per_click"),)

    def __str__(self) -> str:
        return str(self.pk)  # without its text, which is its owner's

    @property
    def is_reply(self) -> bool:
        return self.role == Role.ASSISTANT

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_cut_short(self) -> bool:
        return self.state in CUT_SHORT

    # -- Verbs of a reply. Each is one conditional UPDATE and says whether it won. ------------------------------------
    def _move(self, among: Collection[str], still: Mapping[str, Any] = NOTHING, /, **changes: Any) -> bool:
        if Message.objects.filter(pk=self.pk, state__in=among, **still).update(**changes) != 1:
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True

    def begin(self, writer: str) -> bool:
        """Whoever wins this, and nobody else, may ask the provider, once."""
        now = timezone.now()
        return self._move([ReplyState.PENDING], state=ReplyState.WRITING, writer=writer, started_at=now, beat_at=now)

    def ask_again(self, *, keep_text: bool, seen: datetime | None = None) -> bool:
        """One that was cut short or refused is to be asked for once more; `keep_text`: to go on where it ended.

        `seen`: only if it ended then, and not since. So a second click on the same button asks for nothing.
        """
        cut = list(CUT_SHORT)
        if keep_text and self.finish == "length":
            cut.append(ReplyState.DONE)
        kept = {} if keep_text else {"text": "", "reasoning": "", "reasoning_seconds": None}
        fresh: dict[str, Any] = {
            "state": ReplyState.PENDING,
            "error": "",
            "error_kind": "",
            "finish": "",
            "writer": "",
            "stop_requested_at": None,
            "first_token_at": None,
            "finished_at": None,
            "beat_at": timezone.now(),
        }
        return self._move(cut, {"finished_at": seen} if seen else {}, **fresh, **kept)

    def request_stop(self) -> bool:
        """Whoever writes it sees this and stops; one that nobody has begun is stopped at once."""
        now = timezone.now()
        if self._move([ReplyState.PENDING], state=ReplyState.STOPPED, finished_at=now, stop_requested_at=now):
            self.conversation.touch()
            return True
        return self._move([ReplyState.WRITING], stop_requested_at=now)

    def end(self, state: ReplyState, *, writer: str | None = None, **facts: Any) -> bool:
        """Ends it with this text (the pieces', where `text` is not given). `writer`: only if it is still that one's."""
        now = timezone.now()
        with transaction.atomic():
            rows = Message.objects.select_for_update().filter(pk=self.pk, state__in=UNDER_WAY)
            if writer is not None:
                rows = rows.filter(writer=writer)
            if not rows.exists():
                return False
            if "text" not in facts:
                facts["text"], facts["reasoning"] = self.written()
            Message.objects.filter(pk=self.pk).update(state=state, finished_at=now, **facts)
            self.pieces.all().delete()
            Conversation.objects.filter(pk=self.conversation_id).update(written_at=now)  # pages hear of it by itself
        for name, value in {"state": state, "finished_at": now, **facts}.items():
            setattr(self, name, value)
        return True

    @classmethod
    def take_back(cls, keys: Collection[UUID], writer: str) -> int:
        """Those taken for abandoned whose writer was only cut off from the database. Says how many."""
        wrongly = cls.objects.filter(pk__in=keys, writer=writer, state=ReplyState.INTERRUPTED, error_kind="crash")
        return wrongly.update(
            state=ReplyState.WRITING, error_kind="", error="", finished_at=None, beat_at=timezone.now()
        )

    def written(self) -> tuple[str, str]:
        """Text and reasoning as far as they are written down; of one that has ended, all of it."""
        if not self.is_under_way:
            return self.text, self.reasoning
        parts: dict[bool, list[str]] = {False: [self.text], True: [self.reasoning]}
        for is_reasoning, text in self.pieces.order_by("pk").values_list("is_reasoning", "text"):
            parts[is_reasoning].append(text)
        return "".join(parts[False]), "".join(parts[True])


class ReplyPiece(models.Model):
    """What came of a reply between two looks at the clock. Its ids rise with time."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pieces")
    is_reasoning = models.BooleanField(default=False)
    text = models.TextField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"of {self.message_id}"


def cost_of(prompt: int | None, completion: int | None, input_price: Decimal, output_price: Decimal) -> Decimal | None:
    """What so many tokens cost at prices per million; None where they were not counted, or beyond all sense."""
    if prompt is None or completion is None:
        return None
    cost = (prompt * input_price + completion * output_price) / 1_000_000
    return cost if cost < MOST_COST else None
