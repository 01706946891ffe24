"""The models that a person wants at the top: those marked with a star, and those used last."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from generations.models import Favourite, Job
from studio.providers.registry import DIALECTS

Name = tuple[str, str]  # a provider and a model's id

RECENT = 8
LOOKED_AT = 120  # jobs


def of(user: User) -> set[Name]:
    return set(Favourite.objects.filter(owner=user).values_list("provider", "model"))


def add(user: User, name: Name) -> None:
    Favourite.objects.get_or_create(owner=user, provider=name[0], model=name[1])


def remove(user: User, name: Name) -> None:
    Favourite.objects.filter(owner=user, provider=name[0], model=name[1]).delete()


def read(text: str) -> Name | None:
    """ "provider/model/with/slashes", as pages write it; None for what cannot be one."""
    provider, _, model = text.partition("/")
    longest = Favourite._meta.get_field("model").max_length or 0
    fits = provider in DIALECTS and 0 < len(model) <= longest and "\0" not in model
    return (provider, model) if fits else None


def recent(user: User) -> Sequence[tuple[Name, str]]:
    """The models of the last jobs, the newest first, each with the source that it was made through."""
    jobs = Job.objects.filter(owner=user, deleted_at__isnull=True).order_by("-pk")[:LOOKED_AT]
    used: dict[Name, str] = {}
    for provider, model, key in jobs.values_list("provider", "model", "key_id"):
        used.setdefault((provider, model), f"{provider}/{key or 0}")
    return list(used.items())[:RECENT]
