"""Two browsers, one team: its owner invites by a link and lends a key, a member makes something that waits for her."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import add_key, sign_up
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import choose
from tests.fake_provider import Remote

PROMPT = "A lighthouse in a storm"
SOON = 60_000
TWICE = "form => [1, 2].map(() => form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true })))"


def test_a_member_makes_with_a_lent_key_once_its_owner_agrees(
    page: Page, browser: Browser, studio: Studio, provider: Remote
) -> None:
    sign_up(page, studio.url, "olga@team.example")
    add_key(page, studio.url)
    make_team(page, studio.url)
    link = invite(page)
    lend(page)

    elsewhere = browser.new_context()
    member = elsewhere.new_page()
    member.set_default_timeout(60_000)
    try:
        accept(member, studio.url, link)
        make(member, studio.url)
        approve(page, studio.url)
        expect(member.locator(".card")).to_have_class(re.compile("is-succeeded"), timeout=SOON)  # without a reload
    finally:
        elsewhere.close()


def make_team(page: Page, url: str) -> None:
    page.goto(f"{url}/teams/")
    page.get_by_role("link", name="New team").click()
    page.get_by_label("Name").fill("Night shift")
    page.get_by_role("button", name="Make the team").click()
    page.get_by_role("heading", name="People").wait_for()


def invite(page: Page) -> str:
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_role("heading", name="The link is ready").wait_for()
    assert page.locator("form[action$='/invite/']").evaluate(TWICE) == [True, False], "a double click sends it once"
    return page.get_by_label("Link of the invitation").input_value()


def lend(page: Page) -> None:
    page.get_by_label("Team", exact=True).get_by_role("link", name="Keys").click()
    page.get_by_label(re.compile("Ask me above")).fill("1")
    page.get_by_role("button", name="Let them use it").click()
    page.get_by_text(re.compile(r"Above 1\.00\sNOK, you are asked")).wait_for()


def accept(member: Page, url: str, link: str) -> None:
    """Who has no account makes one with it, and is in the team."""
    member.goto(link)
    member.get_by_role("link", name="Make an account and join").click()
    member.get_by_label("mail").fill("milo@team.example")
    member.get_by_role("textbox", name="Password").fill("correct horse battery staple")
    member.keyboard.press("Enter")
    member.wait_for_url("**/create/")
    member.goto(f"{url}/teams/")
    member.get_by_role("heading", name="Night shift").wait_for()


def make(member: Page, url: str) -> None:
    """With the team's key; it waits."""
    member.goto(f"{url}/create/")
    choose(member, "FLUX Fast")
    member.get_by_label("Prompt", exact=True).fill(PROMPT)
    member.get_by_text(re.compile("olga is asked first")).wait_for()
    member.locator("#submit").click()
    member.locator(".card").get_by_text("Waits for approval").wait_for()


def approve(page: Page, url: str) -> None:
    page.goto(f"{url}/approvals/")
    page.get_by_role("link", name=re.compile("^Look")).click()
    page.get_by_text(PROMPT).wait_for()
    page.get_by_role("button", name=re.compile("^Approve")).click()
    page.get_by_text("Approved: ").wait_for()
