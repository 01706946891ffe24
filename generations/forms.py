"""Fields built from a model's options."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from studio.providers.base import ModelInfo, Option

PROMPT_MAX = 10_000
SEED_MAX = 2**31 - 1
COUNTS = (1, 2, 3, 4)


class PromptForm(forms.Form):
    """What every job has."""

    prompt = forms.CharField(max_length=PROMPT_MAX, error_messages={"required": "Say what to make."})
    count = forms.TypedChoiceField(coerce=int, choices=[(n, str(n)) for n in COUNTS], empty_value=1, required=False)


class SettingsForm(forms.Form):
    """One field for each option of `model`, named as the option. `settings()` holds what was given."""

    def __init__(self, model: ModelInfo, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, prefix="o", **kwargs)
        self.model = model
        for option in model.options:
            self.fields[option.name] = _field(option)

    def add_prefix(self, field_name: str) -> str:
        return f"o-{field_name}"

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
    common = {"label": option.label, "help_text": option.help, "required": option.required, "initial": option.default}
    if option.choices:
        return _choice_field(option, common)
    if option.type == "boolean":
        return forms.BooleanField(**{**common, "required": False})
    if option.type in {"integer", "seed", "duration"}:
        low = 0 if option.type == "seed" and option.min is None else _whole(option.min)
        high = SEED_MAX if option.type == "seed" and option.max is None else _whole(option.max)
        return forms.IntegerField(min_value=low, max_value=high, **common)
    if option.type == "number":
        return forms.FloatField(min_value=option.min, max_value=option.max, step_size=option.step, **common)
    return forms.CharField(max_length=_whole(option.max) or PROMPT_MAX, **common)


def _choice_field(option: Option, common: dict[str, Any]) -> forms.Field:
    numeric = all(isinstance(choice.value, int) for choice in option.choices)
    choices = [(choice.value, choice.label) for choice in option.choices]
    if not option.required and option.default is None:
        choices.insert(0, ("", "Default"))
    return forms.TypedChoiceField(choices=choices, coerce=int if numeric else str, empty_value=None, **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
