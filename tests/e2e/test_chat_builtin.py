"""The first words with the built-in model: no key, no setting, only what `manage.py up` starts."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect

from studio.providers.local.chat import weights
from tests.e2e.browser import sign_up, violations
from tests.e2e.chatting import ended, forget_being_away, kept, replies, until, web_of
from tests.e2e.studio import Studio

pytestmark = pytest.mark.skipif(weights.find() is None, reason="the built-in chat model is not installed here")

SOON = 60_000
WORDS = re.compile(r"\w+ \w+ \w+")
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


LONG = "Write a very long story about a lighthouse, with many chapters."


def test_a_reply_survives_a_reload_and_is_stopped_from_another_tab(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "stops-it@example.com")
    page.goto(f"{studio.url}/chat/")
    say(page, LONG)
    expect(replies(page).locator(".prose")).to_contain_text(WORDS, timeout=SOON)
    page.wait_for_url(CONVERSATION)
    page.reload()
    second = page.context.new_page()
    second.goto(page.url)
    for tab in (page, second):
        expect(replies(tab)).to_have_attribute("data-state", "writing")
        expect(replies(tab).locator(".prose")).to_contain_text(WORDS)
    second.get_by_role("button", name="Stop", exact=True).click()
    shown = [ended(tab, "stopped").locator(".prose").text_content() for tab in (second, page)]
    assert shown[0] == shown[1]
    assert WORDS.search(shown[0] or "")

    ended(page, "stopped").get_by_role("button", name="Answer again", exact=True).click()
    expect(replies(page).get_by_role("img", name="2 of 2 replies")).to_be_visible(timeout=SOON)
    expect(replies(page).locator(".prose")).to_contain_text(WORDS, timeout=SOON)
    page.get_by_role("button", name="Stop", exact=True).click()
    ended(page, "stopped").get_by_role("button", name="Version before").click()
    expect(replies(page).locator(".prose")).to_have_text(shown[0] or "")


def test_a_reply_of_a_web_process_that_is_killed_keeps_what_came(
    page: Page, studio: Studio, complaints: list[str]
) -> None:
    sign_up(page, studio.url, "kills-it@example.com")
    page.goto(f"{studio.url}/chat/")
    say(page, LONG)
    expect(replies(page).locator(".prose")).to_contain_text(WORDS, timeout=SOON)
    until(page, lambda: WORDS.search(kept(page, replies(page))) is not None)
    os.kill(web_of(studio), signal.SIGKILL)
    reply = ended(page, "interrupted")
    assert WORDS.search(kept(page, reply))
    expect(reply.get_by_role("button", name="Continue")).to_be_visible()
    forget_being_away(complaints)
