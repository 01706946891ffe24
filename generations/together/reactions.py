"""A small answer that needs no words: one of a few, each once a person."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from django.db import IntegrityError, transaction

from accounts.models import User
from generations.models import Job, Reaction
from generations.together.comments import touch

EMOJI = MappingProxyType(
    {"👍": "Thumbs up", "❤️": "Love it", "😄": "Funny", "🎉": "Celebrate", "🤔": "Not sure", "👀": "Having a look"}
)
NAMED = 20  # people whose names a count tells


@dataclass(frozen=True, slots=True)
class Count:
    emoji: str
    label: str
    people: list[User]
    is_mine: bool

    @property
    def names(self) -> str:
        """Ada, Bob and 3 more"""
        named = [str(person) for person in self.people[:NAMED]]
        more = len(self.people) - len(named)
        return ", ".join(named) + (f" and {more} more" if more else "")


def toggle(job: Job, user: User, emoji: str) -> bool:
    """Gives it, or takes it back. False for what is none of them."""
    if emoji not in EMOJI:
        return False
    mine = {"job": job, "user": user, "emoji": emoji}
    if not Reaction.objects.filter(**mine).delete()[0]:
        try:
            with transaction.atomic():
                Reaction.objects.create(**mine)
        except IntegrityError:  # two clicks at once
            return True
    touch(job)
    return True


def counts(job: Job, reader: User) -> list[Count]:
    """All of them, also those that nobody gave."""
    given: dict[str, list[User]] = {emoji: [] for emoji in EMOJI}
    for reaction in job.reactions.select_related("user").order_by("pk"):
        given.setdefault(reaction.emoji, []).append(reaction.user)
    return [Count(emoji, label, given[emoji], reader in given[emoji]) for emoji, label in EMOJI.items()]
