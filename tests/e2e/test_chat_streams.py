"""A conversation's stream: done without where a proxy holds it back, and let go of by a page that nobody looks at."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.chatting import SOON, begin, ended, kept, replies, said, until, write
from tests.e2e.studio import Studio
from tests.fake_llm import texts

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_stream_that_is_held_back_is_done_without(page: Page, studio: Studio) -> None:
    begin(page, studio, "held-back")
    page.route("**/live/chat/**", lambda route: None)
    write(page, "Tell me of the fox")
    assert kept(page, ended(page)) == texts.DEFAULT
    write(page, "[echo] Held back again")
    expect(replies(page).last.locator(".prose")).to_have_text("Held back again", timeout=SOON)
    ended(page)


def test_a_page_in_the_background_lets_go_of_it_and_takes_it_up_again(page: Page, studio: Studio) -> None:
    begin(page, studio, "background")
    write(page, "[echo] One")
    ended(page)
    second = page.context.new_page()
    second.goto(page.url)
    page.clock.install()
    page.evaluate(HIDE, True)
    page.clock.fast_forward("00:11")
    write(second, "[echo] Two")
    ended(second)
    expect(said(page)).to_have_count(1)
    page.evaluate(HIDE, False)
    expect(said(page)).to_have_count(2)
    expect(ended(page).locator(".prose")).to_have_text("Two")


def test_what_ended_while_the_network_was_away_is_fetched_when_it_is_back(page: Page, studio: Studio) -> None:
    begin(page, studio, "back-again")
    write(page, "[slow] Be gone")
    expect(replies(page)).to_contain_text("The fox went over the hill", timeout=SOON)
    page.evaluate(HIDE, True)
    page.evaluate("dispatchEvent(new Event('pagehide'))")  # the stream is closed, and nobody told what comes
    address = studio.url + str(replies(page).get_attribute("data-url"))
    until(page, lambda: 'data-state="done"' in page.request.get(address).text())
    page.evaluate(HIDE, False)
    page.evaluate("dispatchEvent(new Event('online'))")
    assert kept(page, ended(page)) == texts.DEFAULT
