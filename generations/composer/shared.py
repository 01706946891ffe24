"""What several models have in common: options that are asked for once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from studio.providers.base import Choice, ModelInfo, Option, OptionType

# Types that mean the same question: the one that is asked is the first model's, a whole number where either wants one.
_CHOSEN: frozenset[OptionType] = frozenset({"choice", "aspect_ratio", "duration", "integer"})
_NUMBERS: frozenset[OptionType] = frozenset({"integer", "number", "duration", "seed"})


def shared(models: Sequence[ModelInfo]) -> tuple[Option, ...]:
    """The options that all of them have, narrowed to what all of them take, in the first one's order."""
    if not models:
        return ()
    first, *others = models
    found = (_in_all(option, others) for option in first.options)
    return tuple(option for option in found if option is not None)


def own(model: ModelInfo, common: Sequence[Option]) -> tuple[Option, ...]:
    names = {option.name for option in common}
    return tuple(option for option in model.options if option.name not in names)


def takes(option: Option, value: object) -> bool:
    """May the value stand in this option's field? Of what is not chosen or counted, anything may."""
    if option.choices:
        return value in [choice.value for choice in option.choices]
    if option.type not in _NUMBERS:
        return True
    return isinstance(value, int | float) and _within(option, value)


def _in_all(option: Option, others: Sequence[ModelInfo]) -> Option | None:
    narrowed: Option | None = option
    for other in others:
        same = other.option(option.name)
        narrowed = _both(narrowed, same) if narrowed and same else None
    return narrowed


def _both(one: Option, other: Option) -> Option | None:
    """What both take; None where that is nothing, or where they do not ask the same."""
    if one.choices or other.choices:
        narrowed = _both_choices(one, other)
    elif one.type in _NUMBERS and other.type in _NUMBERS:
        narrowed = _both_numbers(one, other)
    elif one.type == other.type == "media":
        narrowed = _both_media(one, other)
    else:
        alike = one.type == other.type and one.fields == other.fields
        narrowed = replace(one, max=_least(one.max, other.max), max_items=min(one.max_items, other.max_items))
        narrowed = narrowed if alike else None
    return narrowed and _settled(narrowed, one, other)


def _settled(narrowed: Option, one: Option, other: Option) -> Option:
    defaults = (value for value in (one.default, other.default) if value is not None and takes(narrowed, value))
    return replace(
        narrowed,
        default=next(defaults, None),
        required=one.required or other.required,
        advanced=one.advanced and other.advanced,
    )


def _both_choices(one: Option, other: Option) -> Option | None:
    if one.type not in _CHOSEN or other.type not in _CHOSEN or one.unit != other.unit:
        return None
    choices = tuple(
        choice for choice in one.choices or other.choices if _offers(one, choice) and _offers(other, choice)
    )
    kind = one.type if one.choices else other.type
    return replace(one, type=kind, choices=choices, min=None, max=None, step=None) if choices else None


def _offers(option: Option, choice: Choice) -> bool:
    if option.choices:
        return any(choice.value == offered.value for offered in option.choices)
    return isinstance(choice.value, int) and option.type in _NUMBERS and _within(option, choice.value)


def _both_numbers(one: Option, other: Option) -> Option | None:
    if one.unit != other.unit or (one.type == "seed") != (other.type == "seed"):
        return None
    low, high = _most(one.min, other.min), _least(one.max, other.max)
    step = one.step if other.step is None else other.step
    if low is not None and high is not None and low > high:
        return None
    narrowed = replace(one, type=other.type if one.type == "number" else one.type, min=low, max=high, step=step)
    return narrowed if _steps_agree(narrowed, one) and _steps_agree(narrowed, other) else None


def _steps_agree(narrowed: Option, option: Option) -> bool:
    """Is every step of the narrowed range one of the option's own?"""
    if option.step is None:
        return True
    if narrowed.step is None or not _is_multiple(narrowed.step, option.step):
        return False
    return _is_multiple((narrowed.min or 0) - (option.min or 0), option.step)


def _both_media(one: Option, other: Option) -> Option | None:
    accept = tuple(kind for kind in one.accept if kind in other.accept)
    one_or_many = (one.max_items > 1) == (other.max_items > 1)  # a list, or a single value
    alike = one_or_many and (accept or not (one.accept or other.accept))
    return replace(one, accept=accept, max_items=min(one.max_items, other.max_items)) if alike else None


def _within(option: Option, value: float) -> bool:
    if (option.min is not None and value < option.min) or (option.max is not None and value > option.max):
        return False
    return option.step is None or _is_multiple(value - (option.min or 0), option.step)


def _is_multiple(value: float, step: float) -> bool:
    return math.isclose(math.remainder(value, step), 0, abs_tol=1e-9)


def _least(one: float | None, other: float | None) -> float | None:
    given = [bound for bound in (one, other) if bound is not None]
    return min(given, default=None)


def _most(one: float | None, other: float | None) -> float | None:
    given = [bound for bound in (one, other) if bound is not None]
    return max(given, default=None)
