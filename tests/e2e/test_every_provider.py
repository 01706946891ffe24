"""With each provider: add a key, choose a model, see the price, make something, look at it, find it under Spend."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import add_key, sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import DONE, generate

SOON = 60_000


@dataclass(frozen=True)
class Way:
    """`price` is how the price is written, `actual` what the provider says that it took."""

    provider: str
    label: str
    secret: str
    model: str
    price: str
    actual: str


WAYS = (
    Way("wayscloud-gpu", "WAYSCloud GPU Studio", "wayscloud_gpu_way_0Zx9f2aaTt", "FLUX Fast", "2.00 NOK", "2.00 NOK"),
    Way("wavespeed", "WaveSpeedAI", "ws0123456789abcdef0way", "flux-dev", "0.012 USD", "the provider did not say"),
    Way("nanobanana", "Nano Banana API", "nb_sk_way_0Zx9f2aaTt", "Nano Banana Pro", "6 credits", "6 credits"),
)


def pick(page: Page, words: str) -> None:
    """The first model that the picker finds for these words."""
    page.locator("#picker-summary").click()
    page.locator("#picker-search").fill(words)
    found = page.locator("#picker").get_by_role("link", name=re.compile(rf"\b{re.escape(words)}(?![\w-])")).first
    found.click()
    expect(page.locator("#picker-summary")).to_contain_text(words)


def written(amount: str) -> re.Pattern[str]:
    """An amount as pages write it, with a space that does not break."""
    return re.compile(re.escape(amount).replace(r"\ ", r"\s"))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.provider)
def test_from_the_key_to_the_month(page: Page, studio: Studio, way: Way) -> None:
    sign_up(page, studio.url, f"{way.provider}@way.example.com")
    add_key(page, studio.url, way.secret, way.provider)
    page.goto(f"{studio.url}/create/")
    pick(page, way.model)
    button = page.locator("#submit")
    expect(button).to_have_text(written(way.price), timeout=SOON)

    generate(page, "A lighthouse in a storm")
    card = page.locator(".card").first
    expect(card).to_have_class(DONE, timeout=SOON)
    card.locator("a.card-media").click()
    facts = page.locator(".panel")
    expect(facts).to_contain_text(re.compile(rf"Quoted\s*{written(way.price).pattern}"))
    expect(facts).to_contain_text(re.compile(rf"Actual\s*{written(way.actual).pattern}"))
    expect(page.locator("img.stage-media")).to_be_visible()

    page.goto(f"{studio.url}/spend/")
    expect(page.get_by_role("main")).to_contain_text(written(way.price))
    expect(page.get_by_role("main")).to_contain_text(way.label)
    assert violations(page) == []
