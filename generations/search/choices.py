"""What there is to choose from in the filters: the person's own models, albums and tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet

from accounts.models import User
from generations.models import Job, Tag
from generations.models.found import ASPECTS
from generations.search.filters import Scope, albums_seen_by
from generations.search.wanted import KINDS, PROVIDERS, provider_label

MOST = 300
FRESH = 60  # seconds until the models and units are looked for again


@dataclass(frozen=True, slots=True)
class Choices:
    models: list[tuple[str, str]]  # id and name
    providers: list[tuple[str, str]]  # name and label
    albums: list[tuple[str, str]]  # id and title
    tags: list[str]
    aspects: tuple[str, ...] = tuple(ASPECTS)


def choices(user: User) -> Choices:
    used = _known(user)
    names = {model: name for _, model, name in used}
    providers = {name: provider_label(name) for name, _, _ in used}
    return Choices(
        models=sorted(names.items(), key=lambda pair: pair[1].casefold()),
        providers=sorted(providers.items(), key=lambda pair: pair[1].casefold()),
        albums=_albums(user),
        tags=tags(user),
    )


def model_name(user: User, model: str) -> str | None:
    """What one's jobs call it."""
    if name := next((name for _, known, name in _known(user) if known == model), None):
        return name
    return Scope(user).jobs().filter(model=model).values_list("model_name", flat=True).first()


def tags(user: User) -> list[str]:
    return list(Tag.objects.filter(owner=user).values_list("name", flat=True)[:MOST])


def _albums(user: User) -> list[tuple[str, str]]:
    rows = albums_seen_by(user).filter(query="").values_list("pk", "title", "team__name")
    return [(str(pk), f"{title} · {team}" if team else title) for pk, title, team in rows[:MOST]]


def _known(user: User) -> list[tuple[str, str, str]]:
    return cache.get_or_set(f"models:{user.pk}", lambda: _used(Scope(user)), FRESH) or []


def _used(scope: Scope) -> list[tuple[str, str, str]]:
    """(provider, model, its name) of each, by skipping through the index from one to the next."""
    found: dict[tuple[str, str], str] = {}
    for kind in KINDS:
        for provider in PROVIDERS:
            rows = scope.jobs().filter(kind=kind, provider=provider)
            for model, name in _skip(rows, "model", "model_name"):
                found[provider, model] = name
    return [(provider, model, name) for (provider, model), name in found.items()]


def units(user: User) -> list[str]:
    """In which one's jobs are priced."""
    known: list[str] = cache.get(f"units:{user.pk}", [])
    if not known:
        known = [unit for (unit,) in _skip(Scope(user).jobs().filter(price__gt=0), "price_unit")]
        cache.set(f"units:{user.pk}", known, FRESH)
    return known


def _skip(rows: QuerySet[Job], *columns: str, most: int = MOST) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    while len(found) < most:
        after = {f"{columns[0]}__gt": found[-1][0]} if found else {}
        row = rows.filter(**after).order_by(columns[0]).values_list(*columns).first()
        if row is None:
            break
        found.append(row)
    return found
