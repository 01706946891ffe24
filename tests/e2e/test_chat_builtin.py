"""The first words with the built-in model: no key, no setting, only what `manage.py up` starts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from studio.providers.local.chat import weights
from tests.e2e.browser import sign_up, violations
from tests.e2e.studio import Studio

pytestmark = pytest.mark.skipif(weights.find() is None, reason="the built-in chat model is not installed here")

SOON = 60_000
CONVERSATION = re.compile(r"/chat/[0-9a-f-]{36}/$")


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def test_without_any_key_one_says_hello_and_is_answered(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "first-words@example.com")
    page.goto(f"{studio.url}/chat/")
    expect(page.get_by_text("SmolLM2 135M will answer · free")).to_be_visible()

    say(page, "Hello")
    page.wait_for_url(CONVERSATION)
    page.evaluate("window.untouched = true")
    reply = page.locator(".message.reply").first
    expect(reply).to_have_attribute("data-state", "done", timeout=SOON)
    said = reply.locator(".prose").inner_text()
    assert re.search(r"\w", said)
    expect(reply).to_contain_text("SmolLM2 135M")
    expect(reply).to_contain_text(re.compile(r"\d+ in, \d+ out"))
    expect(reply.get_by_text("free", exact=True)).to_be_visible()
    assert page.evaluate("window.untouched") is True, "the page was loaded again"
    assert violations(page) == []

    page.reload()
    expect(page.locator(".message.reply .prose")).to_have_text(said)


def test_a_reply_is_stopped_in_the_middle_and_keeps_what_it_has(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "stops-it@example.com")
    page.goto(f"{studio.url}/chat/")
    say(page, "Write a very long story about a lighthouse, with many chapters.")
    reply = page.locator(".message.reply").first
    expect(reply.locator(".prose")).to_contain_text(re.compile(r"\w+ \w+ \w+"), timeout=SOON)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(reply).to_have_attribute("data-state", "stopped", timeout=SOON)
    expect(reply.locator(".prose")).to_contain_text(re.compile(r"\w"))
