"""What the operator does with accounts. Each verb is one conditional UPDATE that says whether it changed anything."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import User

PAGE = 20


def page(text: str = "", after: int = 0) -> tuple[list[User], int]:
    """The next accounts, by name or address where there is a text; the id after which others follow, 0 for none."""
    people = User.objects.filter(pk__gt=after).order_by("pk")
    if text:
        people = people.filter(Q(email__icontains=text) | Q(name__icontains=text))
    found = list(people[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def switch_off(user: User) -> bool:
    """Ends their sessions too: a session of an account that is off is none."""
    return _change(user, is_active=False)


def switch_on(user: User) -> bool:
    return _change(user, is_active=True)


def promote(user: User) -> bool:
    return _change(user, is_superuser=True, is_staff=True)


def demote(user: User) -> bool:
    return _change(user, is_superuser=False, is_staff=False)


def set_limits(user: User, *, storage_limit: int | None, open_jobs_limit: int | None) -> None:
    """`storage_limit` in bytes; None: no limit."""
    User.objects.filter(pk=user.pk).update(storage_limit=storage_limit, open_jobs_limit=open_jobs_limit)


def _change(user: User, **values: Any) -> bool:
    return User.objects.filter(pk=user.pk).exclude(**values).update(**values) == 1
