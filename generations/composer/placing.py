"""Something to begin from, put into the first field that takes it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from generations import inputs
from generations.catalogue.listings import Offer
from generations.composer.state import Composer
from studio.providers.base import ModelInfo, Option

TAKERS = 6  # models that are offered where the chosen one takes no such thing
WORDS = {"image": "picture", "video": "clip", "audio": "sound"}


def place(user: User, composer: Composer, reference: str) -> Composer:
    """Puts it into the first fitting field of the composer's models; where there is none, says which models take it."""
    found = inputs.find(user, reference)
    if found is None:
        composer.notice = "What was to be used as input is not there any more."
        return composer
    kind = found.kind or _kind_of_link(reference)
    for form in filter(None, [composer.settings_form, *(part.form for part in composer.parts)]):
        option = fitting(form.model, kind)
        if option:
            form.initial[option.name] = [reference] if option.max_items > 1 else reference
            return composer
    composer.input = reference
    composer.takers = list(_takers(composer, kind, reference))
    names = " and ".join(offer.model.name for offer in composer.offers)
    nobody = "" if composer.takers else " None of your models does."
    takes = "takes" if len(composer.offers) == 1 else "take"
    composer.notice = f"{names} {takes} no {WORDS[kind]}.{nobody}"
    return composer


def carried(user: User, composer: Composer, model: ModelInfo) -> dict[str, Any]:
    """The media that the composer's models were given, as the settings of another model that takes them."""
    given = [
        reference
        for part in composer.parts
        for reference in inputs.references(composer.given_to(part), part.offer.model.options)
    ]
    settings: dict[str, Any] = {}
    for reference in dict.fromkeys(given):
        found = inputs.find(user, reference)
        option = found and fitting(model, found.kind or _kind_of_link(reference))
        if option and option.max_items > 1:
            settings[option.name] = [*settings.get(option.name, []), reference][: option.max_items]
        elif option:
            settings.setdefault(option.name, reference)
    return settings


def fitting(model: ModelInfo, kind: str) -> Option | None:
    """The model's first field for such media."""
    media = (option for option in model.options if option.type == "media")
    return next((option for option in media if not option.accept or kind in option.accept), None)


def _takers(composer: Composer, kind: str, reference: str) -> Iterable[Offer]:
    """Models that take such media, of providers that can get this one."""
    found = 0
    for source in composer.sources:
        for offer in () if inputs.trouble(source.provider, [reference]) else source.offers:
            if found < TAKERS and offer.model.available and fitting(offer.model, kind):
                found += 1
                yield offer


def _kind_of_link(link: str) -> str:
    guessed = (mimetypes.guess_type(link.partition("?")[0])[0] or "").partition("/")[0]
    return guessed if guessed in WORDS else "image"
