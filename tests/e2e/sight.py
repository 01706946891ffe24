"""One page of Studio, as someone sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

Who = Literal["stranger", "newcomer", "maker"]  # nobody; just signed up; with keys and weeks of work


@dataclass(frozen=True, slots=True)
class Sight:
    """`address` may name a job by its state: "/jobs/{failed}/"; or a conversation by what it shows."""

    name: str
    address: str
    who: Who = "maker"
    status: int = 200
    act: Callable[[Page], int | None] | None = None


def choose(page: Page) -> None:
    """Two jobs, and what one may do with them."""
    for number in range(2):
        page.locator(".card-select input").nth(number).check()
    page.locator("#selection summary").first.click()
