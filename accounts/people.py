"""What the operator does with accounts. Each verb is one conditional UPDATE that says whether it changed anything."""

from __future__ import annotations

from typing import Any

from accounts.models import User


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
