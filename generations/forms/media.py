"""Pictures, clips and sounds that a job begins from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from generations import inputs
from generations.forms.posted import listed
from generations.inputs import Input, Unfit
from studio.providers.base import Option
from studio.providers.dialect import Dialect

MOST = 50  # of one field, whatever the model says


class MediaWidget(forms.Widget):
    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        given = (value.strip() for value in listed(data, name) if isinstance(value, str))
        return list(dict.fromkeys(value for value in given if value))[: MOST + 1]


class MediaField(forms.Field):
    """One reference, or a list of them where the option takes several (see `generations.inputs`)."""

    widget = MediaWidget

    def __init__(self, option: Option, owner: User | None, providers: Collection[Dialect] = ()) -> None:
        super().__init__()
        self.option, self.owner, self.providers = option, owner, tuple(providers)
        self.most = max(1, min(option.max_items, MOST))

    @property
    def trouble(self) -> str:
        """Why nothing of one's own can be given, in words for people; "" where it can."""
        return self._trouble(["asset:"])

    def clean(self, value: Any) -> str | list[str] | None:
        given = references_in(value)
        if self.required and not given:
            raise ValidationError(self.error_messages["required"])
        if len(given) > self.most:
            raise ValidationError("Only one fits here." if self.most == 1 else f"At most {self.most} fit here.")
        kept = [self._checked(reference) for reference in given]
        if trouble := self._trouble(kept):
            raise ValidationError(trouble)
        if self.most > 1:
            return kept or None
        return kept[0] if kept else None

    def shown(self, value: Any) -> tuple[list[Input], str]:
        """As it is drawn: the media (without a label what is not there any more), and what was typed and is no link."""
        given = references_in(value)[:MOST]
        found = {reference: inputs.find(self.owner, reference) if self.owner else None for reference in given}
        typed = next((one for one in given if not found[one] and not one.startswith(("asset:", "output:"))), "")
        return [found[one] or Input(one, "", "") for one in given if one != typed], typed

    def _checked(self, reference: str) -> str:
        if self.owner is None:
            raise ValidationError("Sign in to give a file.")
        try:
            return inputs.check(self.owner, reference, self.option.accept)
        except Unfit as error:
            raise ValidationError(str(error)) from None

    def _trouble(self, given: Collection[str]) -> str:
        return next(filter(None, (inputs.trouble(provider, given) for provider in self.providers)), "")


def references_in(value: Any) -> list[str]:
    """Of a value as it was sent or kept."""
    values = value if isinstance(value, list | tuple) else [value]
    return [one for one in values if isinstance(one, str) and one]
