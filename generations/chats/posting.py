"""What a person does in a conversation: write, ask again, edit, choose a branch, delete.

These only write records. A reply is asked for by `desk.Desk`, in the event loop of the process that took the request.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from generations.chats import tree
from generations.chats.offers import ChatOffer
from generations.models import Asset, Conversation, Message, ModelPrice, ReplyState, Role
from studio.lib.ids import uuid7

MOST_AT_ONCE = 8  # models asked with one click
LONGEST = 400_000  # characters of a message
TITLE_MAX = 200


def begin(owner: User, *, system: str = "", **asking: object) -> Conversation:
    return Conversation.objects.create(owner=owner, system=system, **asking)


def say(
    conversation: Conversation,
    text: str,
    offers: Sequence[ChatOffer],
    *,
    click: UUID,
    parent: Message | None = None,
    inputs: Sequence[str] = (),
) -> list[Message]:
    """Writes the message down and a pending reply of each model below it; a click that came before yields its replies.

    `parent` is what it answers (None: it is the first message, or a new version of that).
    """
    try:
        with transaction.atomic():
            said = Message.objects.create(
                conversation=conversation,
                parent=parent,
                role=Role.USER,
                text=text,
                click=click,
                inputs=list(inputs),
            )
            uploads = [reference.removeprefix("asset:") for reference in inputs if reference.startswith("asset:")]
            said.assets.set(Asset.objects.filter(owner=conversation.owner, pk__in=uploads))
            replies = _replies(conversation, said, offers)
            changes = {} if conversation.title else {"title": first_words(text)}
            conversation.touch(current=replies[0] if replies else said, written_at=timezone.now(), **changes)
    except IntegrityError:
        before = Message.objects.filter(conversation=conversation, click=click, role=Role.USER).first()
        if before is None:
            raise
        return list(before.children.order_by("pk"))
    return replies


def ask_anew(reply: Message, offers: Sequence[ChatOffer], *, click: UUID) -> list[Message]:
    """Other replies to the same message, beside the one that is there."""
    conversation = reply.conversation
    assert reply.parent is not None
    try:
        with transaction.atomic():
            replies = _replies(conversation, reply.parent, offers, click=click)
            conversation.touch(current=replies[0], written_at=timezone.now())
    except IntegrityError:
        before = Message.objects.filter(conversation=conversation, click=click).first()
        if before is None:
            raise
        return list(reply.parent.children.filter(batch=before.batch).order_by("pk") if before.batch else [before])
    return replies


def show(message: Message) -> None:
    """Makes its branch the one that is shown."""
    message.conversation.touch(current=tree.leaf(message))


def delete(message: Message) -> None:
    """With all that follows it. What is being written below it is stopped."""
    doomed = [message]
    for one in doomed:
        doomed += one.children.filter(deleted_at__isnull=True)
    for one in doomed:
        one.request_stop()
    with transaction.atomic():
        Message.objects.filter(pk__in=[one.pk for one in doomed]).update(deleted_at=timezone.now())
        siblings = Message.objects.filter(
            conversation=message.conversation_id, parent=message.parent_id, deleted_at__isnull=True
        )
        nearest = siblings.filter(pk__lt=message.pk).order_by("-pk").first() or siblings.order_by("pk").first()
        message.conversation.touch(current=tree.leaf(nearest) if nearest else message.parent)


def first_words(text: str) -> str:
    """A title until there is a better one."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:60].rsplit(" ", 1)[0] + "…"


def price_of(owner: User, offer: ChatOffer) -> ModelPrice | None:
    """What the person, or else the operator, has said that the model's tokens cost."""
    address = offer.key.base_url if offer.key else ""
    rows = ModelPrice.objects.filter(
        Q(owner=owner) | Q(owner__isnull=True), provider=offer.provider.name, address=address, model=offer.model.id
    )
    return min(rows, key=lambda row: row.owner_id is None, default=None)


def _replies(
    conversation: Conversation, said: Message, offers: Sequence[ChatOffer], click: UUID | None = None
) -> list[Message]:
    batch = uuid7() if len(offers) > 1 else None
    replies = []
    for place, offer in enumerate(offers):
        price = None if offer.provider.needs_key is False else price_of(conversation.owner, offer)
        replies.append(
            Message(
                conversation=conversation,
                parent=said,
                role=Role.ASSISTANT,
                state=ReplyState.PENDING,
                click=click if place == 0 else None,
                batch=batch,
                provider=offer.provider.name,
                key=offer.key,
                model=offer.model.id,
                model_name=offer.model.name,
                settings=_fitting(offer, conversation.settings),
                input_price=price.input if price else None,
                output_price=price.output if price else None,
                cost_unit=price.unit if price else "",
            )
        )
    return Message.objects.bulk_create(replies)


def _fitting(offer: ChatOffer, settings: dict[str, object]) -> dict[str, object]:
    """Those settings that this provider has."""
    names = {option.name for option in offer.provider.options}
    return {name: value for name, value in settings.items() if name in names and value not in (None, "")}
