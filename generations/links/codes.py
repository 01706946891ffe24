"""An address as a QR code, drawn here: nobody else is told it."""

from __future__ import annotations

from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4  # modules of white around it, as readers want


@dataclass(frozen=True, slots=True)
class Code:
    """`path`: what is black, as the data of an SVG path in a box of `side`."""

    side: int
    path: str


def of(text: str) -> Code:
    drawn = QRCode(border=QUIET, error_correction=ERROR_CORRECT_M)
    drawn.add_data(text)
    rows = drawn.get_matrix()
    runs = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_black in enumerate(row) if is_black)
    return Code(len(rows), "".join(runs))
