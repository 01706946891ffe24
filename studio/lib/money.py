"""Amounts of money and credits in words, in the provider's own unit, and never a made-up digit."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
UNKNOWN = "price unknown"
CENT = Decimal("0.01")
FINEST = Decimal("0.0001")


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
