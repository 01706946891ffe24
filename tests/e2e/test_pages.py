"""Promises that every page keeps: accessible in both themes and sizes, under the policy, light, and silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Response

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


class Watched:
    """A page that is used again and again, and what it had to say since it was last begun with."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.policies: list[str] = []  # of documents
        self._kinds: dict[str, str] = {}
        self._sizes: dict[str, float] = {}
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._answered)
        chrome = context.new_cdp_session(self.page)
        chrome.send("Network.enable")
        chrome.send("Network.setCacheDisabled", {"cacheDisabled": True})
        chrome.on("Network.responseReceived", self._came)
        chrome.on("Network.loadingFinished", self._whole)

    def begin(self) -> None:
        self.page.goto("about:blank")
        for kept in (self.complaints, self.policies, self._kinds, self._sizes):
            kept.clear()

    def look(self, theme: Literal["dark", "light"], width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    @property
    def weight(self) -> float:
        """Bytes on the wire, of a first visit, but for pictures and clips."""
        own = [size for id, size in self._sizes.items() if self._kinds.get(id, "") not in MEDIA]
        assert len(own) >= 3
        return sum(own)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _answered(self, answer: Response) -> None:
        if answer.request.resource_type == "document" and answer.status not in {301, 302}:
            self.policies.append(answer.headers.get("content-security-policy", ""))

    def _came(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"].lower()

    def _whole(self, event: dict[str, Any]) -> None:
        self._sizes[event["requestId"]] = event["encodedDataLength"]


class People:
    def __init__(self, browser: Browser, studio: Studio, llm: Llm) -> None:
        self.contexts: dict[Who, BrowserContext] = {
            who: browser.new_context() for who in ("maker", "newcomer", "stranger")
        }
        self.watched = {who: Watched(context) for who, context in self.contexts.items()}
        maker = self.watched["maker"].page
        sign_up(maker, studio.url, "maker@example.com")
        studio.manage("shell", "-c", OPERATOR)
        for provider in SECRETS:
            add_key(maker, studio.url, provider=provider)
        add_server(maker, studio.url, "Ollama", llm.url)
        self.ids = fill(studio, "maker@example.com")
        self.ids |= fill_chats(studio, "maker@example.com", self.ids["image"])
        self.ids |= fill_team(studio, "maker@example.com")
        sign_up(self.watched["newcomer"].page, studio.url, "newcomer@example.com")
        wait_until_made(maker, studio)


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
    watched = people.watched[sight.who]
    page = watched.page
    watched.begin()
    watched.look(*LOOKS[0][:3])
    assert visit(page, studio.url, sight, people.ids) == sight.status
    page.wait_for_load_state("load")
    assert sight.act or watched.weight <= HEAVIEST
    assert watched.policies
    for policy in watched.policies:
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    for theme, width, height, rules in LOOKS:
        watched.look(theme, width, height)
        assert violations(page, rules) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    expected = [f"the server responded with a status of {sight.status} "] if sight.status >= 400 else []
    assert [said for said in watched.complaints if not any(words in said for words in expected)] == []
