"""The gallery, as one works with it: narrowed, jumped in, kept as a smart album, at a size one likes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import sign_up
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import generate

SOON = 60_000


def test_filters_months_sizes_and_smart_albums(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "finder@example.com")
    for prompt in ("A red fox in the snow", "A quiet lake at dawn"):
        generate(page, prompt)
        expect(page.locator(".card.is-succeeded").filter(has_text=prompt)).to_have_count(1, timeout=SOON)
    page.goto(f"{studio.url}/gallery/")
    cards = page.locator("#grid .card")
    expect(cards).to_have_count(2)

    page.get_by_label("Search in prompts, notes and tags").fill("fo")
    expect(cards).to_have_count(1)
    expect(page.locator("#grid mark")).to_have_text("fox")
    expect(page).to_have_url(re.compile(r"\?q=fo"))
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Without Failed or cancelled").click()
    expect(cards).to_have_count(1)

    page.get_by_text("Save as smart album").click()
    page.get_by_label("Title").fill("Foxes")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/albums/[0-9a-f-]+/$"))
    expect(page.locator(".card")).to_have_count(1)

    page.goto(f"{studio.url}/gallery/")
    page.get_by_role("radio", name="Large cards").check(force=True)
    expect(page.locator("#grid")).to_have_class(re.compile("is-large"))
    page.reload()
    expect(page.locator("#grid")).to_have_class(re.compile("is-large"))
    page.locator(".timeline summary").click()
    page.locator(".timeline-months a").first.click()
    expect(page.get_by_role("link", name="From the beginning")).to_be_visible()
    expect(cards).to_have_count(2)
    assert complaints == []
