"""Fields of one value: what they take, and the sentence that refuses the rest."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import Any

from django import forms

from studio.providers.base import Choice, Option

TEXT_MAX = 10_000
SEED_MAX = 2**31 - 1
LEFT_ALONE = "Default"  # the choice that leaves the option to the model
YES_OR_NO = (Choice(True, "Yes"), Choice(False, "No"))


def single_field(option: Option) -> forms.Field:
    """For a type of one value; a type that is not known is a text."""
    if choices := choices_of(option):
        stands_for_it = str(option.default) in {str(choice.value) for choice in choices}
        return ChoiceField(choices, can_be_left=not option.required and not stands_for_it)
    match option.type:
        case "boolean":
            return forms.BooleanField()
        case "seed":
            return SeedField(option)
        case "integer" | "duration":
            return forms.IntegerField(**_bounds(whole_bounds(option)), error_messages=_refusals(option))
        case "number":
            return forms.FloatField(**_bounds(real_bounds(option)), error_messages=_refusals(option))
        case _:
            return _text_field(option)


def choices_of(option: Option) -> tuple[Choice, ...]:
    """Its choices; of a question that may be left open, its answers."""
    if option.type == "boolean" and not option.choices:
        return YES_OR_NO if option.default is None and not option.required else ()
    return tuple(choice for choice in option.choices if choice.value is not None)


class ChoiceField(forms.ChoiceField):
    """One of the choices, with its value as the model names it: 1 is 1, "1" is "1" and True is True."""

    def __init__(self, choices: Iterable[Choice], *, can_be_left: bool) -> None:
        self.values: dict[str, Any] = {}
        labels: dict[str, str] = {"": LEFT_ALONE} if can_be_left else {}
        for choice in choices:
            self.values.setdefault(str(choice.value), choice.value)
            labels.setdefault(str(choice.value), choice.label or str(choice.value))
        self.labels = list(labels.items())
        super().__init__(choices=self.labels)
        self.error_messages["invalid_choice"] = "This is none of the choices."

    def clean(self, value: Any) -> Any:
        return self.values.get(super().clean(value))

    def prepare_value(self, value: Any) -> str:
        """What is a choice no longer counts as nothing chosen."""
        known = "" if value is None else str(value)
        if known in self.values or known == "":
            return known
        return str(self.initial) if str(self.initial) in self.values else ""


class SeedField(forms.IntegerField):
    """Empty, or the -1 that some models take for it: another one for each job."""

    def __init__(self, option: Option) -> None:
        low, high = seed_bounds(option)
        self.means_any = whole_bounds(option)[0] == -1
        sentence = f"A whole number from {low} to {high}."
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), sentence)
        super().__init__(min_value=low, max_value=high, error_messages=messages)

    def to_python(self, value: Any) -> int | None:
        seed: int | None = super().to_python(value)
        return None if seed == -1 and self.means_any else seed

    def prepare_value(self, value: Any) -> Any:
        return None if value in (-1, "-1") else value


def seed_bounds(option: Option | None) -> tuple[int, int]:
    """The least and the greatest seed that may be drawn."""
    low, high, _ = whole_bounds(option) if option else (None, None, None)
    return max(0, low or 0), SEED_MAX if high is None or high < 1 else high


def seeds(first: int | None, count: int, option: Option | None = None) -> list[int]:
    """One seed a job: from the given one upwards, or drawn; within the bounds of the model's own `option`."""
    low, high = seed_bounds(option)
    if first is not None:
        return [low + (first - low + step) % (high - low + 1) for step in range(count)]
    return [random.randint(low, high) for _ in range(count)]


Bounds = tuple[Any, Any, Any]  # min, max, step; None where there is none


def whole_bounds(option: Option) -> Bounds:
    low, high, step = real_bounds(option)
    whole_step = int(step) if step is not None and step >= 1 else None
    return None if low is None else math.ceil(low), None if high is None else math.floor(high), whole_step


def real_bounds(option: Option) -> Bounds:
    """What is no number bounds nothing."""
    low, high, step = (_finite(bound) for bound in (option.min, option.max, option.step))
    return low, high, step if step is not None and step > 0 else None


def plain(number: float) -> str:
    """As people write it: 2 and not 2.0."""
    return str(int(number)) if number == int(number) else str(number)


def _finite(bound: Any) -> float | None:
    is_number = isinstance(bound, int | float) and not isinstance(bound, bool) and math.isfinite(bound)
    return bound if is_number else None


def _bounds(bounds: Bounds) -> dict[str, Any]:
    return dict(zip(("min_value", "max_value", "step_size"), bounds, strict=True))


def _refusals(option: Option) -> dict[str, str]:
    """One sentence for all that can be wrong with a number."""
    whole = option.type != "number"
    low, high, step = whole_bounds(option) if whole else real_bounds(option)
    words = ["A whole number" if whole else "A number"]
    if low is not None and high is not None:
        words.append(f"from {plain(low)} to {plain(high)}")
    elif low is not None or high is not None:
        words.append(f"of at least {plain(low)}" if low is not None else f"of at most {plain(high)}")
    sentence = " ".join(words) + (f", in steps of {plain(step)}" if step not in (None, 1) else "") + "."
    return dict.fromkeys(("invalid", "min_value", "max_value", "step_size"), sentence)


def _text_field(option: Option) -> forms.CharField:
    low, high, _ = whole_bounds(option)
    longest = TEXT_MAX if high is None or high < 1 else high
    messages = {
        "max_length": f"At most {longest:,} characters.",
        "min_length": f"At least {low:,} characters." if low else "",
    }
    return forms.CharField(
        min_length=low if low and low > 0 else None, max_length=longest, empty_value=None, error_messages=messages
    )
