"""How many results a click makes: asked for once, by the models' own count where all have one, else as so many jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.providers.base import Option

NAME = "num_images"  # in every dialect that has such an option


def own_count(options: Sequence[Option]) -> Option | None:
    return next((option for option in options if option.name == NAME and not option.advanced), None)


def named(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options with the models' own count called what Studio calls its own."""
    count = own_count(options)
    return tuple(replace(option, label="How many") if option is count else option for option in options)


def results(settings: Mapping[str, Any]) -> int:
    """Of one job, as far as its settings tell."""
    count = settings.get(NAME)
    return count if isinstance(count, int) and count > 0 else 1
