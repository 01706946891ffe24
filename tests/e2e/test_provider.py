"""A person with a provider's key, against the fake provider: prices, refusals, lost answers."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import add_key, sign_up
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import choose, generate
from tests.fake_provider import Remote

SOON = 60_000
OVER = re.compile("is-succeeded")


def begin(page: Page, studio: Studio, name: str) -> None:
    """Signed up, with a key of one's own and FLUX Fast chosen."""
    sign_up(page, studio.url, f"{name}.with.a.key@example.com")
    add_key(page, studio.url, f"wayscloud_gpu_{name}_0Zx9f2aaTt")
    page.goto(f"{studio.url}/create/")
    choose(page, "FLUX Fast")


def test_from_the_key_to_the_cost(page: Page, studio: Studio, provider: Remote) -> None:
    begin(page, studio, "maker")
    button = page.locator("#submit")
    expect(button).to_have_text(re.compile(r"Generate\s+· 2\.00\sNOK"))
    page.locator("input[name=count][value='2']").check()
    expect(button).to_have_text(re.compile(r"Generate 2\s+· 4\.00\sNOK"))
    before = provider.counts()
    generate(page, "Two foxes in the snow")
    expect(page.locator(".card.is-succeeded")).to_have_count(2, timeout=SOON)
    assert provider.counts() != before

    page.locator(".card a.card-media").first.click()
    facts = page.locator(".panel")
    expect(facts).to_contain_text(re.compile(r"Quoted\s*2\.00\sNOK"))
    expect(facts).to_contain_text(re.compile(r"Actual\s*2\.00\sNOK"))
    expect(page.locator("img.stage-media")).to_be_visible()


def test_an_empty_balance_says_what_to_do(page: Page, studio: Studio, provider: Remote) -> None:
    begin(page, studio, "poor")
    provider.fault("create", "status", status=402, prompt="A golden palace")
    generate(page, "A golden palace")
    card = page.locator(".card").first
    expect(card).to_have_class(re.compile("is-failed"), timeout=SOON)
    expect(card).to_contain_text("Nothing was charged")
    card.locator("a.card-media").click()
    expect(page.get_by_role("status").first).to_contain_text("Nothing was charged")
    expect(page.get_by_role("link", name="See the key")).to_have_attribute("href", re.compile(r"^/keys/#key-\d+$"))


def test_a_lost_answer_is_looked_up_and_adopted(page: Page, studio: Studio, provider: Remote) -> None:
    begin(page, studio, "lost")
    provider.fault("create", "drop", after=True, times=1, prompt="A ship in fog")
    generate(page, "A ship in fog")
    expect(page.locator(".card").first).to_have_class(OVER, timeout=SOON)
    page.locator(".card a.card-media").first.click()
    timeline = page.locator(".timeline")
    expect(timeline).to_contain_text("The answer was lost")
    expect(timeline).to_contain_text("Found at WAYSCloud GPU Studio")
    expect(timeline.get_by_text("Sent to", exact=False)).to_have_count(1)
