"""The address of a page, quick: a page of cards has hundreds.

Django looks for the pattern each time anew. Here the address of a name is worked out once, and each id put into its
place. What is not plain ids goes Django's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

SAMPLES = {UUID: UUID("01234567-89ab-7cde-8f01-23456789abcd"), int: 1234567890123456}


def address(name: str, *ids: UUID | int | str) -> SafeString:
    """Ready for HTML. Raises NoReverseMatch."""
    found = quick(name, ids)
    return conditional_escape(reverse(name, args=ids)) if found is None else SafeString(found)


def quick(name: str, args: Sequence[object]) -> str | None:
    """Ready for HTML: ids have no sign that it would take for its own. None: not for this way."""
    if ":" in name or not all(map(_is_plain, args)):
        return None
    shape = tuple([arg if isinstance(arg, str) else type(arg) for arg in args])
    try:
        pieces = _pieces(name, shape, settings.ROOT_URLCONF, get_script_prefix())
    except NoReverseMatch:
        return None  # Django says what is wrong, where it is not allowed to be
    if pieces is None:
        return None
    ids = [str(arg) for arg in args if not isinstance(arg, str)]
    return pieces[0] + "".join([one + after for one, after in zip(ids, pieces[1:], strict=True)])


def _is_plain(arg: object) -> bool:
    return isinstance(arg, (UUID, str)) or (type(arg) is int and arg >= 0)


@lru_cache(maxsize=1000)
def _pieces(name: str, shape: tuple[str | type, ...], urls: str, prefix: str) -> list[str] | None:
    """What stands around the ids; None where that cannot be told. The last two only name what it is kept for."""
    whole = conditional_escape(reverse(name, args=[one if isinstance(one, str) else SAMPLES[one] for one in shape]))
    pieces: list[str] = [whole]
    for one in shape:
        if isinstance(one, str):
            continue
        before, found, after = pieces.pop().partition(str(SAMPLES[one]))
        if not found:
            return None
        pieces += [before, after]
    return pieces
