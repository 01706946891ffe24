"""What a person says that a million tokens cost."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from generations.models import ModelPrice

# As people write amounts: a comma or a point before the decimals, and nothing between the thousands. No longer than
# SQLite keeps exactly.
AMOUNT = re.compile(r"\d{1,8}(?:[.,]\d{1,6})?|[.,]\d{1,6}", re.ASCII)


class AmountField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attributes), **options)

    def clean(self, value: Any) -> Decimal:
        text = super().clean(value)
        if not AMOUNT.fullmatch(text):
            raise forms.ValidationError("An amount such as 0.15 or 0,15, with at most six decimals.")
        return Decimal(text.replace(",", "."))


class PriceForm(forms.Form):
    """Amounts for a million tokens. Nothing is suggested: what is not said is not known."""

    input = AmountField(label="Input")
    output = AmountField(label="Output")
    unit = forms.CharField(
        label="Unit",
        max_length=ModelPrice._meta.get_field("unit").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "units", "spellcheck": "false"}),
    )

    def clean_unit(self) -> str:
        unit: str = self.cleaned_data["unit"]
        if not unit.isprintable():
            raise forms.ValidationError("A unit is a word such as USD, NOK or credits.")
        return unit


def begun(price: ModelPrice | None, unit: str) -> dict[str, str]:
    """What the form begins with: what was said before; `unit` is the one that the person used last."""
    if price is None:
        return {"unit": unit}
    return {"input": _plain(price.input), "output": _plain(price.output), "unit": price.unit}


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
