"""Promises that every page keeps: accessible in both themes and sizes, under the policy, light, and silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.e2e.browser import SECRETS, STANDARD, add_key, add_server, sign_up, violations
from tests.e2e.filled import fill, fill_chats, fill_team, wait_until_made
from tests.e2e.pages import SIGHTS, visit
from tests.e2e.sight import Sight, Who
from tests.e2e.studio import Studio
from tests.fake_llm import Remote as Llm

# In the other look only that is asked again which hangs on colours and sizes.
LOOKS: tuple[tuple[Literal["dark", "light"], int, int, Sequence[str]], ...] = (
    ("dark", 1440, 900, STANDARD),
    ("light", 390, 844, ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")),
)
HEAVIEST = 150_000  # bytes on the wire
MEDIA = {"image", "media"}


class People:
    def __init__(self, browser: Browser, studio: Studio, llm: Llm) -> None:
        self.contexts: dict[Who, BrowserContext] = {
            who: browser.new_context() for who in ("maker", "newcomer", "stranger")
        }
        maker = self.contexts["maker"].new_page()
        sign_up(maker, studio.url, "maker@example.com")
        studio.manage("shell", "-c", OPERATOR)
        for provider in SECRETS:
            add_key(maker, studio.url, provider=provider)
        add_server(maker, studio.url, "Ollama", llm.url)
        self.ids = fill(studio, "maker@example.com")
        self.ids |= fill_chats(studio, "maker@example.com", self.ids["image"])
        self.ids |= fill_team(studio, "maker@example.com")
        newcomer = self.contexts["newcomer"].new_page()
        sign_up(newcomer, studio.url, "newcomer@example.com")
        wait_until_made(maker, studio)
        for used in (maker, newcomer):
            used.close()


OPERATOR = """
from accounts.models import User
User.objects.filter(email='maker@example.com').update(is_staff=True, is_superuser=True)
"""


@pytest.fixture(scope="module")
def people(browser: Browser, studio: Studio, llm: Llm) -> Iterator[People]:
    made = People(browser, studio, llm)
    yield made
    for context in made.contexts.values():
        context.close()


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_page_keeps_its_promises(people: People, studio: Studio, sight: Sight) -> None:
    page = people.contexts[sight.who].new_page()
    complaints, policies = listen(page, studio)
    weight = weigh(page)
    look(page, *LOOKS[0][:3])
    try:
        assert visit(page, studio.url, sight, people.ids) == sight.status
        page.wait_for_load_state("load")
        assert sight.act or weight() <= HEAVIEST
        assert policies
        for policy in policies:
            assert "default-src 'none'" in policy
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
        for theme, width, height, rules in LOOKS:
            look(page, theme, width, height)
            assert violations(page, rules) == [], (theme, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        expected = [f"the server responded with a status of {sight.status} "] if sight.status >= 400 else []
        assert [said for said in complaints if not any(words in said for words in expected)] == []
    finally:
        page.close()


def look(page: Page, theme: Literal["dark", "light"], width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")


def listen(page: Page, studio: Studio) -> tuple[list[str], list[str]]:
    """The console's complaints, and the policies of the documents, as they come."""
    complaints: list[str] = []
    policies: list[str] = []

    def note(answer: Response) -> None:
        if answer.request.resource_type == "document" and answer.status not in {301, 302}:
            policies.append(answer.headers.get("content-security-policy", ""))

    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", note)
    return complaints, policies


def weigh(page: Page) -> Callable[[], float]:
    """Bytes on the wire from here on, of a first visit, but for pictures and clips."""
    chrome = page.context.new_cdp_session(page)
    chrome.send("Network.enable")
    chrome.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def came(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"].lower()

    def whole(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    chrome.on("Network.responseReceived", came)
    chrome.on("Network.loadingFinished", whole)

    def weight() -> float:
        own = [size for id, size in sizes.items() if kinds.get(id, "") not in MEDIA]
        assert len(own) >= 3
        return sum(own)

    return weight
