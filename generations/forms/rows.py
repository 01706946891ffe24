"""A list: as many rows as one likes, each a small form of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError

from generations.forms.posted import indices
from studio.providers.base import Option

MOST = 50  # rows of one list, whatever the model says
SPARE = 2  # rows to fill in where there is no JavaScript to add one
VALUE = "value"  # the name of the one field of a row that is a single value


class RowForm(Protocol):
    """What a list needs of its rows' form."""

    is_bound: bool

    def is_valid(self) -> bool: ...
    def settings(self) -> dict[str, Any]: ...
    def is_untouched(self) -> bool: ...


MakeForm = Callable[..., RowForm]  # (options, data, prefix=…, initial=…)


@dataclass(frozen=True, slots=True)
class Row:
    """`index` is its place in the names of its inputs: a number, or a word that the page's script replaces."""

    index: str
    form: RowForm
    is_spare: bool = False

    @property
    def marker(self) -> str:
        return f"+{self.index}" if self.is_spare else self.index

    def is_meant(self) -> bool:
        """A spare row that nobody touched is not, nor is one that was added and never filled in."""
        return not self.form.is_untouched() or (not self.is_spare and self.form.is_valid())


class RowsWidget(forms.Widget):
    def __init__(self, field: ListField) -> None:
        super().__init__()
        self.field = field

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        found = indices(data, name, MOST)
        return [self.field.row(name, str(index), data, is_spare=spare) for index, spare in found]


class ListField(forms.Field):
    """Rows of the option's fields; of single values where its one field has no name."""

    def __init__(self, option: Option, make: MakeForm) -> None:
        self.is_single = [field.name for field in option.fields] in ([""], [])
        one = option.fields[0] if option.fields else Option("", "text", option.label)
        self.options = (replace(one, name=VALUE, label=one.label or option.label),) if self.is_single else option.fields
        self.make = make
        self.most = max(1, min(option.max_items, MOST))
        super().__init__(widget=RowsWidget(self))

    def row(self, name: str, index: str, data: Any = None, *, initial: Any = None, is_spare: bool = False) -> Row:
        known = {VALUE: initial} if self.is_single else initial
        known = known if isinstance(known, Mapping) else {}
        return Row(index, self.make(self.options, data, prefix=f"{name}-{index}", initial=known), is_spare)

    def clean(self, value: Any) -> list[Any] | None:
        meant = [row for row in value if row.is_meant()]
        wrong = [str(place) for place, row in enumerate(meant, 1) if not row.form.is_valid()]
        if wrong:
            raise ValidationError(f"Look at {'row' if len(wrong) == 1 else 'rows'} {', '.join(wrong)}.")
        values = [self._value(row.form.settings()) for row in meant]
        values = [value for value in values if value not in (None, {})]
        if len(values) > self.most:
            raise ValidationError(f"At most {self.most} {'fits' if self.most == 1 else 'fit'} here.")
        if self.required and not values:
            raise ValidationError(self.error_messages["required"])
        return values or None

    def shown(self, name: str, value: Any) -> list[Row]:
        """The rows to draw, with a spare one or two at the end: of what was sent, or of what is kept."""
        given = list(value[:MOST]) if isinstance(value, list | tuple) else []
        drawn = (one if isinstance(one, Row) else self.row(name, str(at), initial=one) for at, one in enumerate(given))
        rows = [row for row in drawn if not row.form.is_bound or row.is_meant()]
        first = max((int(row.index) for row in rows), default=-1) + 1
        spare = range(first, first + min(SPARE, max(0, self.most - len(rows))))
        return rows + [self.row(name, str(index), is_spare=True) for index in spare]

    def _value(self, settings: dict[str, Any]) -> Any:
        return settings.get(VALUE) if self.is_single else settings
