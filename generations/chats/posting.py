"""What a person does in a conversation: write, ask again, edit, choose a branch, delete.

These only write records. A reply is asked for by `desk.Desk`, in the event loop of the process that took the request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from generations.chats import prices, tree
from generations.chats.offers import ChatOffer
from generations.inputs import assets_in
from generations.models import Asset, Conversation, Message, ModelPrice, ReplyState, Role
from generations.models.message import UNDER_WAY
from generations.money import lent_words
from studio.lib.ids import uuid7
from studio.providers.base import Cost

MOST_AT_ONCE = 8  # models asked with one click
MOST_UNDER_WAY = 256  # replies that are written for a person at once
LONGEST = 400_000  # characters of a message
TITLE_MAX = 200


class Unanswerable(ValueError):
    """It cannot be said here now; the message says why, for people."""


def begin(owner: User, *, click: UUID | None = None, system: str = "", **asking: object) -> Conversation:
    """A new conversation; the same click begins the same one, however often it comes."""
    if click is None:
        return Conversation.objects.create(owner=owner, system=system, **asking)
    own = {"owner": owner, "system": system, **asking}
    found, _ = Conversation.objects.get_or_create(pk=uuid5(click, f"conversation of {owner.pk}"), defaults=own)
    return found


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

    `parent` is what it answers (None: it is the first message, or a new version of that). Raises Unanswerable.
    """
    if (before := _said_before(conversation, click)) is not None:
        return before
    if parent is not None and parent.is_under_way:
        raise Unanswerable("This reply is still being written. Stop it first, or wait for its end.")
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
            uploads = assets_in({"inputs": list(inputs)})
            said.assets.set(Asset.objects.filter(owner=conversation.owner, pk__in=uploads))
            replies = _replies(conversation, said, offers)
            changes = {} if conversation.title else {"title": first_words(text)}
            conversation.touch(
                current=replies[0] if replies else said, written_at=timezone.now(), **_asking(offers), **changes
            )
    except IntegrityError:
        if (before := _said_before(conversation, click)) is None:
            raise
        return before
    return replies


def _said_before(conversation: Conversation, click: UUID) -> list[Message] | None:
    said = Message.objects.filter(conversation=conversation, click=click, role=Role.USER).first()
    return None if said is None else list(said.children.order_by("pk"))


def _asking(offers: Sequence[ChatOffer]) -> dict[str, object]:
    """Whom the next message asks: whom this one asked."""
    first = offers[0]
    return {"provider": first.provider.name, "key": first.key, "model": first.model.id}


def ask_anew(reply: Message, offers: Sequence[ChatOffer], *, click: UUID) -> list[Message]:
    """Other replies to the same message, beside the one that is there. Raises Unanswerable."""
    conversation = reply.conversation
    if reply.parent is None:  # it came in with a file
        raise Unanswerable("There is no question above this reply. Write one below it.")
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


def ask_once_more(reply: Message, *, keep_text: bool, seen: datetime | None = None) -> bool:
    """As `Message.ask_again`. Raises Unanswerable."""
    _see_to_room(reply.conversation.owner, 1)
    with transaction.atomic():
        _see_to_limits(reply.conversation.owner, [(reply.key, _price(reply))])
        if not reply.ask_again(keep_text=keep_text, seen=seen):
            return False
        reply.conversation.touch()
    return True


def show(message: Message) -> None:
    """Makes its branch the one that is shown."""
    message.conversation.touch(current=tree.leaf(message))


def delete(message: Message) -> datetime:
    """With all that follows it. What is being written there is stopped. Returns the moment, by which it comes back."""
    conversation, moment = message.conversation, timezone.now()
    standing = tree.Tree(conversation)
    doomed = _below(standing, message)
    for one in doomed:
        if one.is_under_way:
            one.request_stop()
    with transaction.atomic():
        Message.objects.filter(pk__in=[one.pk for one in doomed]).update(deleted_at=moment)
        if {one.pk for one in doomed} & set(standing.shown):
            conversation.touch(current_id=_nearest(standing, message))
        else:
            conversation.touch()
    return moment


def restore(message: Message) -> bool:
    """Brings back what went with it, and shows it."""
    if message.deleted_at is None:
        return False
    together = Message.objects.filter(conversation=message.conversation_id, deleted_at=message.deleted_at)
    if together.update(deleted_at=None) == 0:
        return False
    _restore_above(message)
    message.deleted_at = None
    show(message)
    return True


def _restore_above(message: Message) -> None:
    """What it answers went later, perhaps: without that it could not be seen, and would be removed for good with it."""
    parents = dict(message.conversation.messages.values_list("pk", "parent_id"))
    above, place = [], message.parent_id
    while place is not None:
        above.append(place)
        place = parents[place]
    Message.objects.filter(pk__in=above, deleted_at__isnull=False).update(deleted_at=None)


def _below(standing: tree.Tree, message: Message) -> list[Message]:
    """It and all that follows it."""
    found = [standing.known[message.pk]]
    for one in found:
        found += standing.children[one.pk]
    return found


def _nearest(standing: tree.Tree, message: Message) -> UUID | None:
    """What is shown when it is gone: the branch before it, else the one after it, else what it answered."""
    siblings = [one.pk for one in standing.children[message.parent_id]]
    place = siblings.index(message.pk)
    others = siblings[:place][::-1] or siblings[place + 1 :]
    return standing.leaf(others[0]) if others else message.parent_id


def first_words(text: str) -> str:
    """A title until there is a better one."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:60].rsplit(" ", 1)[0] + "…"


def _replies(
    conversation: Conversation, said: Message, offers: Sequence[ChatOffer], click: UUID | None = None
) -> list[Message]:
    _see_to_room(conversation.owner, len(offers))
    known = prices.of(conversation.owner, offers)
    _see_to_limits(conversation.owner, [(offer.key, _both(known[offer.id])) for offer in offers])
    batch = uuid7() if len(offers) > 1 else None
    replies = []
    for place, offer in enumerate(offers):
        price = known[offer.id]
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


def _see_to_room(owner: User, count: int) -> None:
    """Each holds a connection and some memory. Raises Unanswerable."""
    under_way = Message.objects.filter(state__in=UNDER_WAY, conversation__owner=owner).count()
    if under_way + count > MOST_UNDER_WAY:
        raise Unanswerable(f"{under_way} replies are being written for you already. Stop some, or wait for their ends.")


def _see_to_limits(owner: User, asked: Sequence[lent_words.Asked]) -> None:
    """A member's part of a team's key may be used up. In the transaction that writes them. Raises Unanswerable."""
    if why := lent_words.refusal(owner.pk, asked):
        raise Unanswerable(why)


def _both(price: ModelPrice | None) -> Cost | None:
    return Cost(price.input + price.output, price.unit) if price else None


def _price(reply: Message) -> Cost | None:
    """By which it was asked for first; it keeps that."""
    if reply.input_price is None or reply.output_price is None:
        return None
    return Cost(reply.input_price + reply.output_price, reply.cost_unit)


def _fitting(offer: ChatOffer, settings: dict[str, object]) -> dict[str, object]:
    """Those settings that this provider has."""
    names = {option.name for option in offer.provider.options}
    return {name: value for name, value in settings.items() if name in names and value not in (None, "")}
