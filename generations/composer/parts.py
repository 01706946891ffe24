"""One of the models in the form, with the fields that only it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from generations import inputs
from generations.catalogue.listings import Offer
from generations.forms import SettingsForm, defaults
from studio.providers.base import Option


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
    """What a form holds that is right as it stands, checked or not yet."""
    if form is None:
        return {}
    if form.is_bound:
        form.is_valid()
        return form.settings()
    given = {**defaults(form.model), **form.initial}
    return {option.name: given[option.name] for option in form.model.options if _is_plausible(option, given)}


def as_given(form: SettingsForm | None) -> dict[str, Any]:
    """What a form holds, right or wrong: what is to stand in the next one. Lists and the like only where right."""
    given = so_far(form)
    if form is None or not form.is_bound:
        return given
    for option in form.model.options:
        value = form[option.name].value() if option.name in form.errors else None
        if option.type == "media" and value:
            given[option.name] = value if option.max_items > 1 else value[0]
        elif isinstance(value, str) and value:
            given[option.name] = value
    return given


def _is_plausible(option: Option, given: Mapping[str, Any]) -> bool:
    """Is it there, and no number as it was typed and refused?"""
    is_counted = option.type in {"integer", "number", "duration", "seed"} and not option.choices
    return option.name in given and not (is_counted and isinstance(given[option.name], str))
