"""What is said with a lent key: held to its borrower's part of the month.

What a reply costs is known when it has ended. So under a limit a model without a known price is not asked, few replies
are written at once, and what comes to no count of tokens is held against the part by its length (`presumed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from accounts import team_keys
from accounts.models import ProviderKey
from generations.models import Message
from generations.models.message import UNDER_WAY
from generations.money import lent
from generations.money.lent import Part
from studio.lib.money import money
from studio.providers.base import Cost

MOST_UNDER_WAY = 8  # replies of a borrower with one key
CHARACTERS = 3  # a token has as many or more, in most languages

Asked = tuple[ProviderKey | None, Cost | None]  # by which key, and what a million tokens in and out cost


def refusal(user_id: int, asked: Sequence[Asked]) -> str:
    """Why so many replies must not be asked for, in words; "" where they may be.

    Called in the transaction that writes them, before it does: of two clicks at once, the second waits here for the
    first.
    """
    capped = limited(user_id, [key for key, _ in asked])
    locked = ProviderKey.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").order_by("pk")
    for key in locked.filter(pk__in=capped):
        part = lent.part(key, user_id)
        prices = [price for one, price in asked if one is not None and one.pk == key.pk]
        if part is not None and part.limit is not None and (why := _refusal(part, user_id, prices)):
            return why
    return ""


def limited(user_id: int, keys: Sequence[ProviderKey | None]) -> list[int]:
    """Those among them that are lent to the person with a limit, by their ids."""
    terms = team_keys.terms(user_id, [key for key in keys if key is not None])
    return [key for key, said in terms.items() if said.member_limit is not None]


def uncountable(user_id: int, key: ProviderKey | None) -> str:
    """Why it answers nothing of which no record is kept, in words: a suggestion, a title."""
    if key is None or not limited(user_id, [key]):
        return ""
    return f"You have a monthly limit with {key.label}, and what this costs is not counted. Ask another model."


def presumed(sent: int, received: int, input_price: Decimal, output_price: Decimal) -> Decimal:
    """What so many characters may have cost, at prices per million tokens."""
    return (sent * input_price + received * output_price) / CHARACTERS / 1_000_000


def _refusal(part: Part, user_id: int, prices: Sequence[Cost | None]) -> str:
    assert part.limit is not None
    label, owner = part.key.label, part.key.owner
    if part.is_used_up:
        limit = money(part.limit, part.unit)
        return f"You have used your {limit} of this month with {label}. Ask another model, or {owner}."
    if any(price is None for price in prices):
        return f"You have a monthly limit with {label}, and {owner} has set no price for this model. Ask another."
    other = next((price for price in prices if price and price.amount and part.unit not in ("", price.unit)), None)
    if other:
        return f"You have a monthly limit with {label} in {part.unit}, and this model costs {other.unit}. Ask another."
    under_way = Message.objects.filter(state__in=UNDER_WAY, key=part.key, conversation__owner=user_id).count()
    if under_way + len(prices) > MOST_UNDER_WAY:
        return f"At most {MOST_UNDER_WAY} replies at once are written for you with {label}. Wait for the others."
    return ""
