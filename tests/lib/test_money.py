from decimal import Decimal

import pytest

from studio.lib.money import money


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (Decimal("2"), "NOK", "2.00 NOK"),
        (Decimal("2.5"), "NOK", "2.50 NOK"),
        (Decimal("2.4950"), "NOK", "2.495 NOK"),
        (Decimal("0.0035"), "USD", "0.0035 USD"),
        (Decimal("0.00350000"), "USD", "0.0035 USD"),
        (Decimal("0.12345"), "USD", "0.1235 USD"),
        (Decimal("0.00002"), "USD", "0.00002 USD"),
        (Decimal("0.0000234567"), "USD", "0.000023 USD"),
        (Decimal("1E+2"), "USD", "100.00 USD"),
        (0, "USD", "0.00 USD"),
        ("0.1", "EUR", "0.10 EUR"),
        (0.1 + 0.2, "EUR", "0.30 EUR"),
        (Decimal("-1.5"), "NOK", "−1.50 NOK"),
        (Decimal("1234.5"), "NOK", "1234.50 NOK"),
        (Decimal("1234567.5"), "NOK", "1\u202f234\u202f567.50 NOK"),
        (24, "credits", "24 credits"),
        (Decimal("24.00"), "credits", "24 credits"),
        (Decimal("1"), "credits", "1 credit"),
        (Decimal("2.50"), "credits", "2.5 credits"),
        (100000, "credits", "100\u202f000 credits"),
        (None, "NOK", "price unknown"),
        (Decimal("NaN"), "NOK", "price unknown"),
        ("free?", "NOK", "price unknown"),
    ],
)
def test_amounts_in_words(amount, unit, text):
    assert money(amount, unit).replace("\u00a0", " ") == text


def test_amount_and_unit_stay_on_one_line():
    assert " " not in money(2, "NOK")
    assert " " not in money(2, "credits")
