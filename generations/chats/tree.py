"""A conversation's messages as a tree, and the one path of it that is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
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
        return self.branches.index(self.message.pk) + 1

    @property
    def before(self) -> UUID | None:
        return self.branches[self.place - 2] if self.place > 1 else None

    @property
    def after(self) -> UUID | None:
        return self.branches[self.place] if self.place < len(self.branches) else None


class Tree:
    """All messages of a conversation that are not deleted, without their texts. One query."""

    def __init__(self, conversation: Conversation) -> None:
        rows = conversation.messages.filter(deleted_at__isnull=True).order_by("pk").defer("text", "reasoning")
        self.known: dict[UUID, Message] = {}
        self.children: defaultdict[UUID | None, list[Message]] = defaultdict(list)
        for row in rows.select_related("key"):
            row.conversation = conversation
            self.known[row.pk] = row
            self.children[row.parent_id].append(row)
        self.shown = [row.pk for row in self._up_from(conversation.current_id)][::-1]
        self._on_path = frozenset(self.shown)

    def turn(self, pk: UUID) -> Turn:
        """Of a batch, the one that is shown (or else the one meant) stands for all of it among the branches."""
        message = self.known[pk]
        siblings = self.children[message.parent_id]
        together = tuple(one for one in siblings if message.batch and one.batch == message.batch)
        standing = next((one for one in together if one.pk in self._on_path), message)
        branches: dict[UUID, UUID] = {}
        for sibling in siblings:
            group = sibling.batch or sibling.pk
            if group not in branches or sibling.pk in self._on_path or sibling.pk == standing.pk:
                branches[group] = sibling.pk
        return Turn(standing, tuple(branches.values()), together if len(together) > 1 else ())

    def leaf(self, pk: UUID) -> UUID:
        """The end of the newest branch below it; of a batch, by the reply that it went on from, else by the first."""
        while below := self.children[pk]:
            newest = below[-1]
            together = [one for one in below if newest.batch and one.batch == newest.batch] or [newest]
            pk = next((one.pk for one in reversed(together) if self.children[one.pk]), together[0].pk)
        return pk

    def _up_from(self, pk: UUID | None) -> Iterator[Message]:
        while pk is not None and (row := self.known.get(pk)) is not None:
            yield row
            pk = row.parent_id


def path(conversation: Conversation) -> list[Turn]:
    """From the first message to the current one; deleted ones are in no path and count as no branch."""
    tree = Tree(conversation)
    turns = [tree.turn(pk) for pk in tree.shown]
    load([message for turn in turns for message in (turn.message, *turn.beside)])
    return turns


def turn_of(message: Message) -> Turn:
    """The turn in which it stands, its own text alone being loaded."""
    turn = Tree(message.conversation).turn(message.pk)
    load([one for one in (turn.message, *turn.beside) if one.pk == message.pk])
    return turn


def leaf(message: Message) -> Message:
    """The end of the newest branch below it."""
    tree = Tree(message.conversation)
    return tree.known[tree.leaf(message.pk)]


def ancestors(message: Message) -> list[Message]:
    """What was said up to it, the oldest first, itself not among them."""
    whole = Message.objects.filter(conversation=message.conversation_id).defer("text", "reasoning")
    rows = {row.pk: row for row in whole}
    found, place = [], message.parent_id
    while place is not None:
        found.append(rows[place])
        place = rows[place].parent_id
    load(found)
    return found[::-1]


def load(messages: list[Message]) -> None:
    """Their texts, in one query."""
    texts = Message.objects.filter(pk__in={message.pk for message in messages})
    found = {pk: (text, reasoning) for pk, text, reasoning in texts.values_list("pk", "text", "reasoning")}
    for message in messages:
        message.text, message.reasoning = found[message.pk]
