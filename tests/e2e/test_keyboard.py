"""The first minute by keyboard alone: no pointer is ever moved."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PASSWORD
from tests.e2e.studio import Studio

SOON = 60_000
FAR = 40  # presses of Tab that still count as reachable


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until it has the focus."""
    for _ in range(FAR):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def test_from_sign_up_to_undo(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/account/signup/")
    expect(page.get_by_label("mail")).to_be_focused()
    page.keyboard.type("keyboard@example.com")
    tab_to(page, page.get_by_role("textbox", name="Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/create/")

    tab_to(page, page.get_by_label("Prompt", exact=True))
    page.keyboard.type("A lighthouse on a cliff, storm")
    tab_to(page, page.locator(".segments-shapes input:checked"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    card = page.locator(".card").first
    expect(card).to_have_class(re.compile("is-succeeded"), timeout=SOON)

    tab_to(page, card.locator("a.card-media"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/*/")
    expect(page.locator("img.stage-media")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/")

    tab_to(page, page.get_by_role("checkbox", name="Select: A lighthouse"))
    page.keyboard.press("Space")
    expect(page.locator("[data-selected]")).to_have_text("1")
    tab_to(page, page.locator("#selection").get_by_role("button", name="Delete"))
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(0)
    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
