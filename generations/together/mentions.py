""" "@Ada" in a text: whom it means, among those who can see the job."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from django.db.models import Q

from accounts.models import User
from generations.models import Job

MOST = 200  # people that a page offers to mention


def people(job: Job) -> list[User]:
    """Who can see it: its owner, and its team."""
    seeing = Q(pk=job.owner_id)
    if job.team_id is not None:
        seeing |= Q(memberships__team=job.team_id)
    return list(User.objects.filter(seeing, is_active=True).distinct().order_by("name", "email")[:MOST])


def handle(user: User) -> str:
    """What stands after the @: the name as others see it."""
    return user.display_name


def spans(text: str, people: Collection[User]) -> Iterator[tuple[int, int, list[User]]]:
    """Where in the text somebody is mentioned: start, end, and whom that means. Of two names, the longer one."""
    named: dict[str, list[User]] = {}
    for person in people:
        named.setdefault(handle(person).lower(), []).append(person)
    if not named:
        return
    names = "|".join(re.escape(name) for name in sorted(named, key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w@])@({names})(?!\w)", text, re.IGNORECASE):
        if meant := named.get(match[1].lower()):
            yield match.start(), match.end(), meant


def mentioned(text: str, people: Collection[User]) -> list[User]:
    """Each once, in the order of the text."""
    return list(dict.fromkeys(person for _, _, meant in spans(text, people) for person in meant))
