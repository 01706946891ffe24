"""What a person does in a conversation, for the tests of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import add_key, sign_up
from tests.e2e.studio import Studio, descendants
from tests.fake_llm import Remote

SOON = 60_000
PLACE = re.compile(r"/chat/[0-9a-f-]{36}/")


def begin(page: Page, studio: Studio, name: str) -> None:
    """Someone with a key of WAYSCloud LLM, about to write."""
    sign_up(page, studio.url, f"{name}@example.com")
    add_key(page, studio.url, provider="wayscloud-llm")
    page.goto(f"{studio.url}/chat/")


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill(text)
    box.press("Enter")
    expect(said(page).last).to_contain_text(text)
    page.wait_for_url(PLACE)


def said(page: Page) -> Locator:
    return page.locator("#thread .said")


def replies(page: Page) -> Locator:
    return page.locator("#thread .reply")


def ended(page: Page, state: str = "done", place: int = -1) -> Locator:
    """One of the replies, when it has come so far."""
    reply = replies(page).nth(place)
    expect(reply).to_have_attribute("data-state", state, timeout=SOON)
    return reply


def until(page: Page, condition: Callable[[], bool]) -> None:
    """What no locator can wait for."""
    for _ in range(SOON // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


def kept(page: Page, reply: Locator) -> str:
    """Its Markdown, as Studio keeps it."""
    address = reply.get_attribute("data-url")
    answer = page.request.get(f"{page.url.partition('/chat/')[0]}{address}text/")
    assert answer.ok
    return answer.text()


def web_of(studio: Studio) -> int:
    """The process that serves the pages."""
    assert studio.process
    family = descendants(studio.process.pid)
    return next(pid for pid in family if "uvicorn" in Path(f"/proc/{pid}/cmdline").read_text())


def exchanges(llm: Remote, message: str) -> list[dict[str, Any]]:
    return [one for one in llm.counts()["exchanges"] if one["message"] == message]


def forget_being_away(complaints: list[str]) -> None:
    """What the browser and htmx say of a server that was not there."""
    signs = ("ERR_", "503", "htmx:error", "network error", "Failed to fetch")
    complaints[:] = [said for said in complaints if not any(sign in said for sign in signs)]
