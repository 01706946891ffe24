"""Amounts of money and credits, read as they are told and said in words, and never a made-up digit."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
UNKNOWN = "price unknown"
CENT = Decimal("0.01")
FINEST = Decimal("0.0001")
LARGEST = Decimal(10) ** 12
KEPT = Decimal("0.000001")  # records keep nothing finer


def told(amount: object) -> Decimal | None:
    """An amount out of untrusted JSON; None for what is none, negative or beyond all sense.

    No finer than a record can keep, so that what is shown is what is counted; and never nothing where it is not.
    """
    try:
        value = Decimal(str(amount))
    except (InvalidOperation, ValueError):  # ValueError: a whole number of thousands of digits
        return None
    if isinstance(amount, bool) or not value.is_finite() or not 0 <= value < LARGEST:
        return None
    kept = value.quantize(KEPT)
    value = value if kept == value else max(kept, KEPT)
    return value if value < LARGEST else None


def money(amount: Decimal | int | str | float | None, unit: str) -> str:
    """`2.00 NOK`, `0.0035 USD`, `24 credits`, with a no-break space; None is `price unknown`.

    Currencies are codes in capitals and show two decimals, up to four where they are needed, and more only to keep
    a price from looking like nothing. Other units show what they have. A float is read as it is written.
    """
    number = _exact(amount)
    if number is None:
        return UNKNOWN
    is_currency = unit.isupper()
    text = _grouped(_rounded(number, CENT if is_currency else Decimal(1)))
    return f"{text}{NBSP}{unit if is_currency else _counted(unit, number)}"


def _exact(amount: Decimal | int | str | float | None) -> Decimal | None:
    if amount is None:
        return None
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rounded(number: Decimal, coarsest: Decimal) -> Decimal:
    """To four decimals, or to two digits that count when that leaves none; shown no coarser than `coarsest`."""
    finest = FINEST
    if number and abs(number) < FINEST:
        finest = Decimal(1).scaleb(number.adjusted() - 1)
    fine = number.quantize(finest, rounding=ROUND_HALF_UP)
    short = fine.normalize()
    exponent = short.as_tuple().exponent
    assert isinstance(exponent, int)
    return fine.quantize(min(coarsest, Decimal(1).scaleb(exponent)))


def _grouped(number: Decimal) -> str:
    """Thousands stand apart from 10 000 on."""
    text = f"{abs(number):,f}" if abs(number) >= 10_000 else f"{abs(number):f}"
    return ("−" if number < 0 else "") + text.replace(",", NARROW_NBSP)


def _counted(unit: str, number: Decimal) -> str:
    return unit.removesuffix("s") if number == 1 else unit
