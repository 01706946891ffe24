"""A conversation's messages as a tree, and the one path of it that is shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from generations.models import Conversation, Message


@dataclass(frozen=True, slots=True)
class Turn:
    """A message on the path. `branches` are its versions in their order, itself among them.

    Replies that were asked for at once stand in `beside`, itself among them, and count as one branch.
    """

    message: Message
    branches: tuple[UUID, ...]
    beside: tuple[Message, ...] = ()

    @property
    def place(self) -> int:
        """Its own among the branches, from 1."""
        return self.branches.index(self.message.pk) + 1 if self.message.pk in self.branches else 1

    @property
    def before(self) -> UUID | None:
        return self.branches[self.place - 2] if self.place > 1 else None

    @property
    def after(self) -> UUID | None:
        return self.branches[self.place] if self.place < len(self.branches) else None


def path(conversation: Conversation) -> list[Turn]:
    """From the first message to the current one; deleted ones are in no path and count as no branch."""
    rows = list(conversation.messages.filter(deleted_at__isnull=True).order_by("pk").defer("text", "reasoning"))
    known = {row.pk: row for row in rows}
    children: defaultdict[UUID | None, list[Message]] = defaultdict(list)
    for row in rows:
        if row.parent_id is None or row.parent_id in known:
            children[row.parent_id].append(row)
    shown: list[Message] = []
    place = known.get(conversation.current_id) if conversation.current_id else None
    while place is not None:
        shown.append(place)
        place = known.get(place.parent_id) if place.parent_id else None
    turns = [_turn(message, children[message.parent_id]) for message in reversed(shown)]
    _load([message for turn in turns for message in (turn.message, *turn.beside)])
    return turns


def leaf(message: Message) -> Message:
    """The end of the newest branch below it."""
    while child := message.children.filter(deleted_at__isnull=True).order_by("-pk").first():
        message = child
    return message


def ancestors(message: Message) -> list[Message]:
    """What was said up to it, the oldest first, itself not among them."""
    rows = {row.pk: row for row in Message.objects.filter(conversation=message.conversation_id)}
    found, place = [], message.parent_id
    while place is not None:
        found.append(rows[place])
        place = rows[place].parent_id
    return found[::-1]


def _turn(message: Message, siblings: list[Message]) -> Turn:
    """Of a batch, the one that is shown (or else the first) stands for all of it among the branches."""
    branches: dict[UUID, UUID] = {}
    for sibling in siblings:
        group = sibling.batch or sibling.pk
        if group not in branches or sibling.pk == message.pk:
            branches[group] = sibling.pk
    beside = tuple(one for one in siblings if message.batch and one.batch == message.batch)
    return Turn(message, tuple(branches.values()), beside if len(beside) > 1 else ())


def _load(messages: list[Message]) -> None:
    """Their texts, in one query."""
    texts = Message.objects.filter(pk__in=[message.pk for message in messages])
    found = {pk: (text, reasoning) for pk, text, reasoning in texts.values_list("pk", "text", "reasoning")}
    for message in messages:
        message.text, message.reasoning = found[message.pk]
