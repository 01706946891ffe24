"""Two browsers at once: one makes and sends, the other has only the link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.browser import sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import generate
from tests.e2e.test_provider import begin
from tests.fake_provider import Remote

SOON = 60_000


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """Somebody with a browser of their own and no account, whose console has to stay as clean."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        refused = "404" in message.text or "422" in message.text  # an ended link, a wrong password
        if message.type in {"error", "warning"} and not refused:
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def make_link(page: Page, password: str = "") -> str:
    """From the page of a job: for anyone, with the password."""
    page.get_by_role("link", name="Share by a link").click()
    page.get_by_label("Anyone with the link").check()
    if password:
        page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("Address", exact=True).input_value()


def test_a_stranger_sees_it_come_and_loses_it_at_once(
    page: Page, stranger: Page, studio: Studio, provider: Remote
) -> None:
    begin(page, studio, "links")
    provider.fault("job", "never", prompt="A red kite")
    generate(page, "A red kite")
    expect(page.locator(".card").first).to_contain_text("Generating, 50 %", timeout=SOON)
    page.locator(".card a.card-media").first.click()
    address = make_link(page)
    assert violations(page) == []

    stranger.goto(address)
    expect(stranger.locator(".shared-wait")).to_contain_text("Generating, 50 %")
    assert violations(stranger) == []
    stranger.evaluate("window.untouched = true")
    provider.control(finish="A red kite")
    picture = stranger.locator(".shared-figure img")
    expect(picture).to_be_visible(timeout=SOON)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0

    page.get_by_role("link", name="Its terms and openings").click()
    expect(page.get_by_text("Opened 1 time.")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(stranger.get_by_role("heading", name="This link has ended")).to_be_visible(timeout=SOON)
    expect(stranger.locator("#main img")).to_have_count(0)
    assert stranger.evaluate("window.untouched") is True, "the page was loaded again"
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link has ended")).to_be_visible()


def test_with_a_password_and_remixed_by_somebody_else(page: Page, stranger: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "sender@example.com")
    generate(page, "A paper boat in the rain")
    page.locator(".card a.card-media").first.click()
    address = make_link(page, password="swordfish")
    stranger.goto(address)
    expect(stranger.get_by_text("paper boat")).to_have_count(0)
    stranger.get_by_label("Password").fill("sardine")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_have_text("This is not its password.")
    stranger.get_by_label("Password").fill("swordfish")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_text("A paper boat in the rain")).to_be_visible()

    sign_up(stranger, studio.url, "remixer@example.com")
    stranger.goto(address)
    if stranger.get_by_label("Password").count():  # whoever signs in is another visitor
        stranger.get_by_label("Password").fill("swordfish")
        stranger.keyboard.press("Enter")
    stranger.get_by_role("button", name="Remix as my own").click()
    stranger.wait_for_url("**/create/?remix=*")
    expect(stranger.get_by_label("Prompt", exact=True)).to_have_value("A paper boat in the rain")


def test_two_guests_hear_each_other_while_they_write(page: Page, stranger: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "guests@example.com")
    generate(page, "A tin lantern")
    page.locator(".card a.card-media").first.click()
    page.get_by_role("link", name="Share by a link").click()
    page.get_by_label("Anyone with the link").check()
    page.get_by_label("Comment", exact=True).check()
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("Address", exact=True).input_value()
    for guest, name in ((stranger, "Gil"), (page, "")):
        guest.goto(address)
        if name:
            guest.get_by_label("Your name").fill(name)
    stranger.get_by_label("Comment", exact=True).fill("Half a thou")
    page.get_by_label("Comment", exact=True).fill("The light is <too> green")
    page.get_by_role("button", name="Comment").click()
    expect(stranger.get_by_role("log")).to_contain_text("The light is <too> green")
    expect(stranger.get_by_label("Comment", exact=True)).to_have_value("Half a thou")
    stranger.get_by_role("button", name="Comment").click()
    expect(page.get_by_role("log")).to_contain_text("Half a thou")
    expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(2)
