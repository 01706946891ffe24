"""The batch as it stands in the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from generations import batch
from generations.batch import Cell, Way, Wrong
from generations.forms.single import SEED_MAX, choices_of, seed_bounds, single_field
from studio.providers.base import Choice, ModelInfo, Option

WAYS: tuple[tuple[Way, str], ...] = (
    ("", "Off"),
    ("lines", "A prompt a line"),
    ("seeds", "Seeds"),
    ("grid", "Grid"),
)
_COUNTED = {"integer", "number", "duration", "seed"}


@dataclass(frozen=True, slots=True)
class Axis:
    """An option of a grid, and the values that were given for it, as they were written."""

    option: Option
    written: tuple[str, ...] = ()

    @property
    def choices(self) -> Sequence[Choice]:
        """To tick; none where the values are numbers to be written."""
        return choices_of(_varied(self.option))

    @property
    def text(self) -> str:
        return ", ".join(self.written)

    def ticked(self) -> list[tuple[Choice, bool]]:
        return [(choice, str(choice.value) in self.written) for choice in self.choices]

    def values(self, field: str) -> list[Any]:
        """As the option itself takes them. Raises Wrong."""
        written = self.written if self.choices else batch.numbers(field, self.text)
        if not written:
            raise Wrong(field, f"{self.option.label}: which values?")
        return list(dict.fromkeys(self._taken(field, text) for text in written))

    def _taken(self, field: str, text: str) -> Any:
        try:
            return single_field(_varied(self.option)).clean(text)
        except ValidationError as refusal:
            raise Wrong(field, f"{self.option.label} {text}: {refusal.messages[0]}") from None


@dataclass(slots=True)
class Batch:
    """`options` are those that a grid may go over; `errors` are by field, once it has been judged."""

    way: Way = ""
    seed_from: str = ""
    seed_to: str = ""
    x: Axis | None = None
    y: Axis | None = None
    options: Sequence[Option] = ()
    models: Sequence[ModelInfo] = ()
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: QueryDict, options: Sequence[Option], models: Sequence[ModelInfo]) -> Batch:
        possible = [option for option in options if _can_be_axis(option)]
        given = data.get("batch", "")
        return cls(
            next((way for way, _ in WAYS if way == given), ""),
            data.get("seed_from", "").strip()[:20],
            data.get("seed_to", "").strip()[:20],
            _axis(data, "x", possible),
            _axis(data, "y", possible),
            possible,
            models,
        )

    @property
    def is_on(self) -> bool:
        return self.way != ""

    @property
    def ways(self) -> Sequence[tuple[Way, str]]:
        return WAYS

    @property
    def seeds_error(self) -> str:
        return self.errors.get("seed_from", "") or self.errors.get("seed_to", "")

    @property
    def axes(self) -> list[tuple[str, str, Axis | None, str, str]]:
        """As the form asks for them: name, label, what is chosen, and what is wrong with it and with its values."""
        errors = self.errors
        return [
            ("x", "Across", self.x, errors.get("x", ""), errors.get("x_value", "")),
            ("y", "Down", self.y, errors.get("y", ""), errors.get("y_value", "")),
        ]

    def cells(self) -> list[Cell]:
        """The settings that its jobs have of their own; one empty cell where there is nothing to vary. Raises Wrong."""
        if self.way == "seeds":
            return self._seeds()
        return self._grid() if self.way == "grid" else [{}]

    def trouble(self) -> str:
        try:
            self.cells()
        except Wrong as wrong:
            return str(wrong)
        return ""

    def is_valid(self) -> bool:
        self.errors = {}
        try:
            self.cells()
        except Wrong as wrong:
            self.errors = {wrong.field: str(wrong)}
        return not self.errors

    def _seeds(self) -> list[Cell]:
        for model in self.models:
            if model.option("seed") is None:
                raise Wrong("seed_from", f"{model.name} takes no seed.")
        ends = (_whole("seed_from", self.seed_from), _whole("seed_to", self.seed_to))
        return [{"seed": seed} for seed in batch.seed_range(*ends, highest=_highest(self.models))]

    def _grid(self) -> list[Cell]:
        if self.x is None:
            raise Wrong("x", "Choose what the grid goes over.")
        if self.y and self.y.option.name == self.x.option.name:
            raise Wrong("y", "Choose another option than across.")
        given = {"x": self.x, "y": self.y}
        values = {axis.option.name: axis.values(f"{name}_value") for name, axis in given.items() if axis}
        return batch.cells(values)


def _axis(data: QueryDict, name: str, options: Sequence[Option]) -> Axis | None:
    option = next((option for option in options if option.name == data.get(name)), None)
    if option is None:
        return None
    written = (text.strip()[:400] for text in data.getlist(f"{name}_value.{option.name}")[: batch.JOBS_MAX])
    return Axis(option, tuple(filter(None, written)))


def _whole(field: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise Wrong(field, "A seed is a whole number from 0.")
    return int(text)


def _highest(models: Sequence[ModelInfo]) -> int:
    """The greatest seed that all of them take."""
    return min((seed_bounds(model.option("seed"))[1] for model in models), default=SEED_MAX)


def _can_be_axis(option: Option) -> bool:
    return option.type in _COUNTED or bool(choices_of(_varied(option)))


def _varied(option: Option) -> Option:
    """The option as one that is given in each cell."""
    return replace(option, required=False, default=None)
