"""The form of a model's options."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from django import forms

from accounts.models import User
from generations.forms.bound import OptionField
from generations.forms.free import JsonField, ParametersField
from generations.forms.media import MediaField
from generations.forms.rows import ListField
from generations.forms.single import single_field
from studio.providers.base import ModelInfo, Option
from studio.providers.dialect import Dialect


class OptionsForm(forms.Form):
    """One field for each option, named as the option. `settings()` holds what was given.

    `owner` is whose uploads and results may be given, `providers` are those that are to get them.
    """

    bound_field_class = OptionField
    is_row = False  # of a list

    def __init__(
        self,
        options: Sequence[Option],
        data: Mapping[str, Any] | None = None,
        *,
        owner: User | None = None,
        providers: Collection[Dialect] = (),
        prefix: str,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=prefix, initial=dict(initial or {}))
        self.options, self.owner, self.providers = tuple(options), owner, tuple(providers)
        for option in self.options:
            self.fields[option.name] = self._field(option)

    def settings(self) -> dict[str, Any]:
        """The cleaned values by option name; what was left alone is absent."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}

    def rows(self, *, advanced: bool) -> list[tuple[Option, OptionField]]:
        return [(option, bound) for option, bound in self.all if option.advanced == advanced]

    @property
    def all(self) -> list[tuple[Option, OptionField]]:
        return [(option, cast(OptionField, self[option.name])) for option in self.options]

    @property
    def main(self) -> list[tuple[Option, OptionField]]:
        return self.rows(advanced=False)

    @property
    def more(self) -> list[tuple[Option, OptionField]]:
        return self.rows(advanced=True)

    def is_untouched(self) -> bool:
        """Was everything left as it stood at first?"""
        return all(bound.is_untouched for _, bound in self.all)

    def _field(self, option: Option) -> forms.Field:
        field = self._field_of_type(option)
        field.label, field.help_text, field.initial = option.label or option.name, option.help, option.default
        field.required = option.required and option.type != "boolean"  # a box that is not ticked says no
        field.error_messages["required"] = "The model needs this."
        setattr(field, "option", option)  # noqa: B010 - Django's fields know nothing of options
        return field

    def _field_of_type(self, option: Option) -> forms.Field:
        match option.type:
            case "media":
                return MediaField(option, self.owner, self.providers)
            case "list":
                return ListField(option, self._row)
            case "json":
                return JsonField()
            case "parameters":
                return ParametersField(frozenset(other.name for other in self.options))
            case _:
                return single_field(option)

    def _row(self, options: Sequence[Option], data: Mapping[str, Any] | None, **kwargs: Any) -> OptionsForm:
        form = OptionsForm(options, data, owner=self.owner, providers=self.providers, **kwargs)
        form.is_row = True
        return form


class SettingsForm(OptionsForm):
    """The options of `model`; of those in `names` alone, where they are given."""

    def __init__(
        self,
        model: ModelInfo,
        data: Mapping[str, Any] | None = None,
        *,
        owner: User | None = None,
        providers: Collection[Dialect] = (),
        prefix: str = "o",
        names: Collection[str] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        options = [option for option in model.options if names is None or option.name in names]
        super().__init__(options, data, owner=owner, providers=providers, prefix=prefix, initial=initial)


def defaults(model: ModelInfo) -> dict[str, Any]:
    return {option.name: option.default for option in model.options if option.default is not None}
