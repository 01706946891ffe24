"""Two browsers at once, in one team: one makes, the other sees it come, and they talk; what is taken back is gone."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import generate

SOON = 60_000
DONE = re.compile("is-succeeded")
TEAM = """
from accounts.models import Membership, Team, User
team = Team.objects.create(name="Lighthouse")
for who, name, role in (("maker", "Ada", "owner"), ("other", "Bob Baker", "member")):
    user = User.objects.get(email=f"{who}-of-two@example.com")
    User.objects.filter(pk=user.pk).update(name=name)
    Membership.objects.create(team=team, user=user, role=role)
print("team", team.pk)
"""
PUT_OUT = "from accounts.models import Membership; Membership.objects.filter(user__name='Bob Baker').delete()"


def test_one_makes_and_the_other_sees_it_come(page: Page, browser: Browser, studio: Studio) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(60_000)
    other = context.new_page()
    said: list[str] = []
    other.on("pageerror", lambda error: said.append(str(error)))
    sign_up(page, studio.url, "maker-of-two@example.com")
    sign_up(other, studio.url, "other-of-two@example.com")
    team = re.findall(r"team (\d+)", studio.manage("shell", "-c", TEAM))[0]
    other.goto(f"{studio.url}/teams/{team}/")
    expect(other.get_by_text("Nothing is shared here yet")).to_be_visible()
    assert violations(other) == []

    page.reload()
    page.get_by_label("Share with").select_option("Lighthouse")
    generate(page, "A lighthouse in the fog")
    expect(other.locator("#grid .card")).to_have_count(1, timeout=SOON)
    expect(other.locator("#grid .card").first).to_have_class(DONE, timeout=SOON)
    expect(other.get_by_text("Nothing is shared here yet")).to_have_count(0)
    assert violations(other) == []

    other.locator("#grid .card-media").first.click()
    other.wait_for_url("**/jobs/**")
    expect(other.get_by_text("Made by Ada, shared with Lighthouse")).to_be_visible()
    page.goto(other.url)
    talk(page, other)
    take_back(page, other)
    put_out(page, other, studio)
    assert said == []
    context.close()


def talk(page: Page, other: Page) -> None:
    """Each on the page of the job: what one says the other reads, and what they are about to say is left alone."""
    page.get_by_label("Say something about it").fill("I was about to")
    field = other.get_by_label("Say something about it")
    field.press_sequentially("Warmer, @A")
    other.get_by_role("option", name="Ada").click()
    field.press_sequentially("? <b>")
    other.get_by_role("button", name="Comment", exact=True).click()
    expect(other.locator(".comment-text")).to_have_text("Warmer, @Ada ? <b>")
    expect(field).to_have_value("")

    expect(page.locator(".comment-text")).to_have_text("Warmer, @Ada ? <b>", timeout=SOON)
    expect(page.locator(".mention.is-me")).to_have_text("@Ada")
    expect(page.get_by_label("Say something about it")).to_have_value("I was about to")
    page.get_by_role("button", name="Thumbs up").click()
    expect(other.get_by_role("button", name="Thumbs up")).to_contain_text("1", timeout=SOON)
    other.get_by_role("button", name="Approved").click()
    expect(page.get_by_text("Approved: Bob Baker")).to_be_visible(timeout=SOON)
    assert violations(page) == []

    job = page.url
    page.goto(page.url.split("/jobs/")[0] + "/notices/")
    expect(page.get_by_role("link", name="Bob Baker mentions you: Warmer")).to_be_visible()
    page.goto(job)


def take_back(page: Page, other: Page) -> None:
    picture = other.locator("img.stage-media").get_attribute("src")
    assert picture
    page.get_by_label("Who sees it").select_option("Only I see it")
    expect(page.locator("#toasts")).to_contain_text("It is yours alone again.")
    expect(other.get_by_role("heading", name="It is not shared any more")).to_be_visible(timeout=SOON)
    base = other.url.split("/jobs/")[0]
    assert other.request.get(base + picture).status == 404
    gone = other.reload()
    assert gone
    assert gone.status == 404


def put_out(page: Page, other: Page, studio: Studio) -> None:
    """Who is taken out of the team loses the page that they look at, without a fault of its scripts."""
    page.get_by_label("Who sees it").select_option("Lighthouse sees it")
    expect(page.locator("#toasts")).to_contain_text("Lighthouse")
    other.goto(page.url)
    expect(other.locator("img.stage-media")).to_be_visible()
    studio.manage("shell", "-c", PUT_OUT)
    expect(other.get_by_role("heading", name="You cannot see this page any more")).to_be_visible(timeout=SOON)
