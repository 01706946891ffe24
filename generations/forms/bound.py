"""A field as the templates draw it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from django.forms import BoundField
from django.forms.fields import IntegerField

from generations.forms.free import JsonField, Parameter, ParametersField, write_json
from generations.forms.media import MediaField
from generations.forms.rows import SPARE, ListField, Row
from generations.forms.single import LEFT_ALONE, ChoiceField, SeedField, plain
from generations.inputs import KINDS, Input
from studio.providers.base import Option

SEGMENTS = 4  # choices that stand side by side; more are a list to unfold
SEGMENT_LETTERS = 40  # of all of them together
STEPS = {"duration": 8, "integer": 6}  # values of a range that stand side by side
LINE = 80  # characters that fit a line
SHAPES = ((1, 1), (4, 3), (3, 2), (16, 9), (3, 4), (2, 3), (9, 16))
_SIZE = re.compile(r"(\d{3,4})([*x×])(\d{3,4})", re.ASCII)
_RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s*[:x×*/]\s*(\d{1,5}(?:\.\d{1,3})?)", re.ASCII)


class OptionField(BoundField):
    @property
    def option(self) -> Option:
        option: Option = self.field.option  # type: ignore[attr-defined]
        return option

    @cached_property
    def data(self) -> Any:
        """Read once: a list's rows are forms, which know what is wrong with them."""
        return super().data

    @property
    def id(self) -> str:
        """For `id`, whatever the model calls its option."""
        return "id_" + re.sub(r"[^\w-]", "-", self.html_name)

    @property
    def error(self) -> str:
        return str(self.errors[0]) if self.errors else ""

    @property
    def notes(self) -> str:
        """The ids of what is said of it, for `aria-describedby`."""
        said = {"error": self.error, "help": self.option.help}
        return " ".join(f"{self.id}-{name}" for name, words in said.items() if words)

    @property
    def is_needed(self) -> bool:
        """Is there something to be given that nothing stands for yet?"""
        return self.field.required and self.option.default is None and not self.choices and not self._is_in_row

    @property
    def is_demanded(self) -> bool:
        """May the browser insist? Not where it could not show what it misses: behind a fold, or in a spare row."""
        return self.field.required and not self.option.advanced and not self._is_in_row

    @property
    def template(self) -> str:
        return f"generations/_option_{self.look}.html"

    @cached_property
    def look(self) -> str:
        """Which template draws it."""
        match self.field:
            case MediaField():
                return "media"
            case ListField():
                return "list"
            case ParametersField():
                return "parameters"
            case JsonField():
                return "json"
            case ChoiceField():
                return self._look_of_choices(self.field)
            case SeedField():
                return "seed"
            case IntegerField():  # FloatField is one too
                return "segments" if self.choices else "number"
        if self.option.type == "boolean":
            return "check"
        return "line" if self._is_short else "text"

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        """Value and label: its own, or the values of a short range."""
        if isinstance(self.field, ChoiceField):
            return self.field.labels
        steps = [(str(step), str(step)) for step in self._steps]
        return (
            [("", LEFT_ALONE), *steps] if steps and not self.field.required and self.option.default is None else steps
        )

    @property
    def shapes(self) -> list[tuple[str, str, str]]:
        """Value, label, and the ratio to draw: "16:9" of "1920x1080" too; "" of one that is a word."""
        return [(value, label, _ratio(value)) for value, label in self.choices]

    @property
    def sizes(self) -> list[tuple[str, str]]:
        """For a text such as "1024*1024": as many pixels in other shapes, ratio and size."""
        found = _SIZE.fullmatch(str(self.option.default)) if self.option.type == "text" else None
        return _sizes(int(found[1]) * int(found[3]), found[2]) if found else []

    @property
    def chosen(self) -> str:
        value = self.value()
        if isinstance(value, float) and value.is_integer():
            return plain(value)
        return "" if value is None else str(value)

    @property
    def low(self) -> str:
        return self._attribute("min_value")

    @property
    def high(self) -> str:
        return self._attribute("max_value")

    @property
    def step(self) -> str:
        return self._attribute("step_size") or ("1" if self.option.type != "number" else "any")

    @property
    def has_slider(self) -> bool:
        low, high = getattr(self.field, "min_value", None), getattr(self.field, "max_value", None)
        return low is not None and high is not None and 0 < high - low <= 10_000

    @property
    def slider_step(self) -> str:
        if self.step != "any":
            return self.step
        return plain(10**-2) if float(self.high) - float(self.low) <= 20 else "0.1"

    @property
    def text(self) -> str:
        """The text of a JSON field: as it was typed, or what is kept, made readable."""
        value = self.value()
        if self.form.is_bound:
            return str(value or "")
        return "" if value is None else write_json(value)

    @cached_property
    def media(self) -> tuple[list[Input], str]:
        assert isinstance(self.field, MediaField)
        return self.field.shown(self.value())

    @property
    def new_input(self) -> Input:
        return Input("", "", "")

    @property
    def kinds(self) -> str:
        """The kinds of media that fit, as the page's script reads them: "image,video"."""
        return ",".join(self.option.accept or KINDS)

    @property
    def accepted(self) -> str:
        """For a file input's `accept`; a phone offers its camera for it."""
        return ",".join(f"{kind}/*" for kind in self.option.accept or KINDS)

    @property
    def parameters(self) -> list[Parameter]:
        """The rows to draw, with a spare one or two at the end."""
        return [*self.value().rows, *(Parameter(is_spare=True) for _ in range(SPARE))]

    @property
    def new_parameter(self) -> Parameter:
        return Parameter()

    @property
    def list_rows(self) -> list[Row]:
        assert isinstance(self.field, ListField)
        return self.field.shown(self.html_name, self.data if self.form.is_bound else self.initial)

    @property
    def row_word(self) -> str:
        """Stands for the number of a row that is added; a list within a list has another."""
        return f"__row{self.html_name.count('__row')}__"

    @property
    def new_row(self) -> Row:
        """What a row that is added begins as; the page's script gives it its number."""
        assert isinstance(self.field, ListField)
        return self.field.row(self.html_name, self.row_word)

    @property
    def is_untouched(self) -> bool:
        if isinstance(self.field, ListField):
            return not any(row.is_meant() for row in self.data)
        if isinstance(self.field, ParametersField):
            return not self.data.rows and not self.data.json
        empty = self.data in (None, "", False) or self.data == []
        return empty or str(self.data) == str(self.field.prepare_value(self.field.initial))

    @property
    def _steps(self) -> list[int]:
        low, high = getattr(self.field, "min_value", None), getattr(self.field, "max_value", None)
        if self.option.type not in STEPS or low is None or high is None:
            return []
        steps = range(low, high + 1, getattr(self.field, "step_size", None) or 1)
        return list(steps) if 1 < len(steps) <= STEPS[self.option.type] else []

    @property
    def _is_short(self) -> bool:
        longest = getattr(self.field, "max_length", None)
        return self.option.type == "aspect_ratio" or self._is_in_row or (longest is not None and longest <= LINE)

    @property
    def _is_in_row(self) -> bool:
        return getattr(self.form, "is_row", False)

    def _look_of_choices(self, field: ChoiceField) -> str:
        if self.option.type == "aspect_ratio":
            return "shapes"
        few = len(self.choices) <= SEGMENTS + ("" in dict(self.choices))
        short = sum(len(label) for _, label in self.choices) <= SEGMENT_LETTERS
        return "segments" if few and short else "select"

    def _attribute(self, name: str) -> str:
        bound = getattr(self.field, name, None)
        return "" if bound is None else plain(bound)


def _sizes(pixels: int, sign: str) -> list[tuple[str, str]]:
    sizes = []
    for wide, high in SHAPES:
        width, height = ((pixels * one / other) ** 0.5 for one, other in ((wide, high), (high, wide)))
        sizes.append((f"{wide}:{high}", f"{_nearest(width)}{sign}{_nearest(height)}"))
    return sizes


def _nearest(side: float) -> int:
    """Most models are made for sides of whole 64 pixels."""
    return max(1, round(side / 64)) * 64


def _ratio(text: str) -> str:
    """In whole numbers."""
    found = _RATIO.fullmatch(text)
    wide, high = (round(float(side) * 1000) for side in found.groups()) if found else (0, 0)
    return f"{wide}:{high}" if wide and high else ""
