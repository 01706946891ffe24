"""What a model takes and what one may do with it, in a few words for lists."""

from __future__ import annotations

from collections.abc import Iterator

from accounts import balances
from generations.catalogue.shelf import Entry
from studio.providers.base import Choice, ModelInfo, Option

NBSP = "\u00a0"
FEW = 4  # choices that are named one by one
SIZES = frozenset({"resolution", "size", "image_size", "quality"})
SOUND = frozenset({"sound", "audio", "generate_audio", "enable_audio", "with_audio"})


def facts(model: ModelInfo) -> list[str]:
    """ "16:9, 9:16", "4, 6, 8 s", "720p, 1080p", "sound", "takes images"."""
    return list(dict.fromkeys(fact for option in model.options for fact in _facts(option)))


def availability(entry: Entry) -> str:
    """Why it cannot be used, or what it needs and whether the account has that; "" where there is nothing to say."""
    needs = _needs(entry)
    if entry.locked:
        return f"{entry.locked} {needs}".strip()
    if not entry.model.available:
        return entry.model.unavailable_reason
    return f"{needs} {_has(entry)}".strip() if needs else ""


def _needs(entry: Entry) -> str:
    tier, label = entry.model.tier_required, entry.provider.label
    if not tier:
        return ""
    return f"Needs {'a subscription' if tier == 'subscription' else f'the {tier} plan'} at {label}."


def _has(entry: Entry) -> str:
    """Where a provider tells of no plans, its list of what is available is its word on them."""
    if entry.provider.build_balance() is None:
        return "Its list says that this key may use it."
    account = balances.of(entry.offer.key) if entry.offer.key else None
    if account is None:
        return ""
    return "This account has one." if account.has_plan else "This account has none."


def _facts(option: Option) -> Iterator[str]:
    if option.type == "aspect_ratio" and option.choices:
        yield _listed(option.choices, "shapes")
    elif option.type == "duration":
        yield from _duration(option)
    elif option.name in SIZES and option.choices:
        yield _listed(option.choices, "sizes")
    elif option.name in SOUND and option.type == "boolean":
        yield "sound"
    elif option.name == "preset" and option.choices:
        yield f"{len(option.choices)} preset{'s' if len(option.choices) > 1 else ''}"
    elif option.type == "media":
        yield from (f"takes {medium}{'' if medium == 'audio' else 's'}" for medium in option.accept)


def _listed(choices: tuple[Choice, ...], many: str) -> str:
    return ", ".join(choice.label for choice in choices) if len(choices) <= FEW else f"{len(choices)} {many}"


def _duration(option: Option) -> Iterator[str]:
    unit = f"{NBSP}{option.unit}" if option.unit else ""
    if option.choices:
        values = [str(choice.value) for choice in option.choices]
        yield (", ".join(values) if len(values) <= FEW else f"{values[0]}–{values[-1]}") + unit
    elif option.min is not None and option.max is not None:
        yield f"{option.min:g}–{option.max:g}{unit}"
