"""A person's first minute: sign up, make a picture and a clip, watch them come, find them after a restart."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import sign_up, violations
from tests.e2e.studio import Studio

DONE = re.compile("is-succeeded")
SOON = 60_000


def generate(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name=re.compile("^Generate")).click()


def choose(page: Page, model: str) -> None:
    page.locator("#picker-summary").click()
    page.get_by_role("link", name=re.compile(model)).click()
    page.wait_for_url("**model=**")  # its fields are drawn, also where it was the one before
    expect(page.locator("#picker-summary")).to_contain_text(re.compile(model))


def test_a_picture_and_a_clip_come_without_a_reload_and_stay_after_a_restart(page: Page, studio: Studio) -> None:
    page.goto(studio.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Make pictures")
    sign_up(page, studio.url, "ada@example.com")
    expect(page.get_by_role("button", name="Generate · free")).to_be_visible()

    page.evaluate("window.untouched = true")
    generate(page, "A mountain lake at sunset")
    picture = page.locator(".card").first
    expect(picture).to_have_class(DONE, timeout=SOON)
    expect(picture.locator("img.card-picture")).to_be_visible(timeout=SOON)

    choose(page, "Motion")
    page.get_by_role("radio", name="2", exact=True).first.check()
    generate(page, "Waves on the sea at night")
    expect(page.locator(".group")).to_have_count(2)
    clip = page.locator(".card").first
    expect(clip).to_have_class(DONE, timeout=SOON)
    expect(clip.locator("video")).to_be_visible()
    assert page.evaluate("window.untouched") is True, "the page was loaded again"

    page.goto("about:blank")  # its live stream would rightly complain
    studio.stop()
    studio.start()
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator(".card.is-succeeded")).to_have_count(2)
    assert violations(page) == []
    page.locator(".card a.card-media").first.click()
    expect(page.locator("video.stage-media")).to_be_visible()
    assert violations(page) == []
