"""Being told: from "Tell me when it is done" to the notice that is read, without a page loaded anew."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import generate
from tests.e2e.test_provider import begin
from tests.fake_provider import Remote

SOON = 60_000


def test_who_waits_for_a_job_is_told_while_doing_something_else(page: Page, studio: Studio, provider: Remote) -> None:
    begin(page, studio, "told")
    provider.fault("job", "never", prompt="A patient heron")
    generate(page, "A patient heron")
    page.locator(".card a.card-media").first.click()
    page.get_by_role("button", name="Tell me when it is done").click()
    expect(page.get_by_role("button", name="You will be told")).to_be_visible()

    page.goto(f"{studio.url}/settings/notices/")
    bell = page.locator("#bell")
    expect(bell).to_have_attribute("data-unread", "0")
    provider.control(finish="A patient heron")
    expect(bell).to_have_attribute("data-unread", "1", timeout=SOON)

    bell.click()
    page.get_by_role("link", name="Done: “A patient heron”").click()
    expect(page.locator("img.stage-media")).to_be_visible()
    expect(bell).to_have_attribute("data-unread", "0", timeout=SOON)
    page.goto(f"{studio.url}/notices/")
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice.is-unread")).to_have_count(0)
    worker = "navigator.serviceWorker.register('/sw.js').then((one) => one.scope)"
    assert page.evaluate(worker) == f"{studio.url}/"
