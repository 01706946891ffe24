"""Fields built from a model's options."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.models import User
from studio.providers.base import ModelInfo, Option

PROMPT_MAX = 10_000
SEED_MAX = 2**31 - 1
COUNTS = (1, 2, 3, 4)  # jobs of one click


class PromptForm(forms.Form):
    """What every job has."""

    prompt = forms.CharField(max_length=PROMPT_MAX, error_messages={"required": "Say what to make."})
    count = forms.IntegerField(min_value=COUNTS[0], max_value=COUNTS[-1], required=False)

    def clean_count(self) -> int:
        return self.cleaned_data["count"] or 1


class SettingsForm(forms.Form):
    """One field for each option of `model`, named as the option. `settings()` holds what was given."""

    def __init__(
        self,
        model: ModelInfo,
        data: Mapping[str, Any] | None = None,
        *,
        owner: User | None = None,
        prefix: str = "o",
        **kwargs: Any,
    ) -> None:
        super().__init__(data, prefix=prefix, **kwargs)
        self.model, self.owner = model, owner
        for option in model.options:
            self.fields[option.name] = _field(option)

    def settings(self) -> dict[str, Any]:
        """The cleaned values by option name; what was left empty is absent."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None and value != ""}

    def rows(self, *, advanced: bool) -> list[tuple[Option, BoundField]]:
        return [(option, self[option.name]) for option in self.model.options if option.advanced == advanced]

    @property
    def main(self) -> list[tuple[Option, BoundField]]:
        return self.rows(advanced=False)

    @property
    def more(self) -> list[tuple[Option, BoundField]]:
        return self.rows(advanced=True)


def defaults(model: ModelInfo) -> dict[str, Any]:
    return {option.name: option.default for option in model.options if option.default is not None}


def seeds(first: int | None, count: int) -> list[int]:
    """One seed a job: from the given one upwards, or drawn."""
    if first is not None:
        return [(first + step) % (SEED_MAX + 1) for step in range(count)]
    return [random.randint(0, SEED_MAX) for _ in range(count)]


def _field(option: Option) -> forms.Field:
    field = _choice_field(option) if option.choices else _open_field(option)
    field.label, field.help_text, field.initial = option.label, option.help, option.default
    field.required = option.required and option.type != "boolean"  # a box that is not ticked says no
    return field


def _open_field(option: Option) -> forms.Field:
    match option.type:
        case "boolean":
            return forms.BooleanField()
        case "seed":
            low, high = _whole(option.min), _whole(option.max)
            return forms.IntegerField(min_value=0 if low is None else low, max_value=SEED_MAX if high is None else high)
        case "integer" | "duration":
            low, high, step = _whole(option.min), _whole(option.max), _whole(option.step)
            return forms.IntegerField(min_value=low, max_value=high, step_size=step)
        case "number":
            return forms.FloatField(min_value=option.min, max_value=option.max, step_size=option.step)
        case _:
            length = _whole(option.max)
            return forms.CharField(max_length=PROMPT_MAX if length is None else length)


def _choice_field(option: Option) -> forms.Field:
    numeric = all(isinstance(choice.value, int) for choice in option.choices)
    choices: list[tuple[str | int, str]] = [(choice.value, choice.label) for choice in option.choices]
    if not option.required and option.default is None:
        choices.insert(0, ("", "Default"))
    return forms.TypedChoiceField(choices=choices, coerce=int if numeric else str, empty_value=None)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
