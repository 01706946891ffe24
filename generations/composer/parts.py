"""One of the models in the form, with the fields that only it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from generations import inputs
from generations.catalogues import Offer
from generations.forms import SettingsForm, defaults


@dataclass(slots=True)
class Part:
    offer: Offer
    form: SettingsForm

    @property
    def id(self) -> str:
        return short_id(self.offer)

    @property
    def without(self) -> str:
        """The query string that takes this model out of the form."""
        return "?" + urlencode({"without": self.offer.id})

    @property
    def is_open(self) -> bool:
        """Is something to be done in its fields, or does it begin from something there?"""
        options = self.form.model.options
        is_wrong = self.form.is_bound and bool(self.form.errors)
        return is_wrong or has_media(self.form) or any(option.required and option.default is None for option in options)

    @property
    def trouble(self) -> str:
        """Why nothing can be made with it; "" where something can."""
        return "" if self.offer.model.available else self.offer.model.unavailable_reason


def short_id(offer: Offer) -> str:
    """The same for an offer wherever it stands among others; part of the names of its fields."""
    return f"m{sha256(offer.id.encode()).hexdigest()[:8]}"


def needs_prompt(offers: Sequence[Offer]) -> bool:
    return not offers or any(offer.model.needs_prompt for offer in offers)


def has_media(form: SettingsForm, *, advanced: bool | None = None) -> bool:
    """Is something to begin from given in it, or in its options behind "More"?"""
    options = [option for option in form.model.options if advanced is None or option.advanced == advanced]
    return bool(inputs.references(so_far(form), options))


def so_far(form: SettingsForm | None) -> dict[str, Any]:
    """What a form holds, checked or not yet."""
    if form is None:
        return {}
    if form.is_bound:
        form.is_valid()
        return form.settings()
    given = {**defaults(form.model), **form.initial}
    return {name: value for name, value in given.items() if name in form.fields}
