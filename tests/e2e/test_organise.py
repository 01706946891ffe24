"""Order among many: choosing with the mouse and by keyboard, marks for all that is chosen, albums by hand, and undo."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.e2e.browser import sign_up
from tests.e2e.studio import Studio

NAMES = "abcdefgh"  # of the jobs, the oldest first
ROWS = """
from accounts.models import User
from generations.models import Job
owner = User.objects.get(email={email!r})
for name in {names!r}:
    Job.objects.create(owner=owner, provider="local", kind="image", model="local-paint", model_name="Paint",
        prompt=name, state="succeeded", due_at=None, settings={{"aspect_ratio": "1:1"}})
"""


@pytest.fixture
def gallery(page: Page, studio: Studio, request: pytest.FixtureRequest) -> Page:
    """Of somebody new, with eight jobs."""
    email = f"{request.node.name[:40]}@example.com"
    sign_up(page, studio.url, email)
    studio.manage("shell", "-c", ROWS.format(email=email, names=NAMES))
    page.goto(f"{studio.url}/gallery/")
    expect(page.locator(".card")).to_have_count(8)
    return page


def chosen(page: Page) -> Locator:
    return page.locator("#selection [data-selected]")


def told(address: str, times: int) -> Callable[[Response], bool]:
    """The answer that is so many."""
    answers: list[Response] = []

    def is_last(answer: Response) -> bool:
        if answer.url.endswith(address):
            answers.append(answer)
        return len(answers) == times

    return is_last


def centre(card: Locator) -> tuple[float, float]:
    box = card.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_jobs_are_chosen_marked_deleted_and_brought_back(gallery: Page) -> None:
    page, cards, boxes = gallery, gallery.locator(".card"), gallery.locator(".card-select input")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(chosen(page)).to_have_text("3")
    cards.nth(4).locator(".card-media").click()  # while some are chosen, a click chooses
    expect(chosen(page)).to_have_text("4")
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()

    page.mouse.move(*centre(cards.nth(1)))
    page.mouse.down()
    page.mouse.move(*centre(cards.nth(2)), steps=4)
    page.mouse.up()
    expect(chosen(page)).to_have_text("2")
    expect(page).to_have_url(re.compile("/gallery/$"))
    page.keyboard.press("Escape")

    cards.nth(0).locator(".card-media").focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    expect(chosen(page)).to_have_text("2")
    expect(cards.nth(1).locator(".card-media")).to_be_focused()
    boxes.nth(1).click(trial=True)  # what the card offers is not behind the picture that has the focus
    page.keyboard.press("f")
    expect(cards.nth(1).locator("[data-favourite]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+a")
    expect(chosen(page)).to_have_text("8")

    page.locator("#selection summary").filter(has_text="Organise").click()
    page.get_by_label("Tags", exact=True).fill("sea, sky")
    page.keyboard.press("Enter")
    expect(page.get_by_text("8 jobs tagged sea, sky.")).to_be_visible()
    page.get_by_role("button", name="4 of 5 stars").click()
    expect(cards.nth(0).locator(".card-said")).to_contain_text("4 of 5 stars")
    expect(chosen(page)).to_have_text("8")
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(cards).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(cards).to_have_count(8)


def test_an_album_is_filled_and_put_in_order(gallery: Page, studio: Studio) -> None:
    page = gallery
    page.locator(".card-select input").nth(3).click()
    page.locator(".card-select input").nth(0).click(modifiers=["Shift"])
    page.locator("#selection summary").filter(has_text="Organise").click()
    page.get_by_label("Album, or a new one").fill("Covers")
    page.get_by_role("button", name="Put in").click()
    expect(page.get_by_text("Put 4 into Covers.")).to_be_visible()
    page.goto(f"{studio.url}/albums/")
    page.get_by_role("link", name="Covers").click()
    page.get_by_role("link", name="Arrange").click()

    items = page.locator(".arrange-item")
    expect(items).to_have_count(4)
    assert [item.get_attribute("aria-label") for item in items.all()] == list("hgfe")
    with page.expect_response("**/move/"):
        items.nth(0).drag_to(items.nth(2), target_position={"x": 140, "y": 70})
    assert [item.get_attribute("aria-label") for item in items.all()] == list("gfhe")
    items.nth(3).focus()
    with page.expect_response("**/move/"):
        page.keyboard.press("ArrowLeft")
    with page.expect_response("**/move/"):
        page.get_by_role("button", name="Later: g").click()
    items.nth(0).focus()
    with page.expect_response(told("/move/", 4)):  # however fast they come, none is left out
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
            page.keyboard.press(key)
    page.get_by_role("link", name="Done").click()
    shown = page.locator(".card .card-prompt")
    expect(shown).to_have_text(["f", "g", "e", "h"])

    page.locator(".card-select input").first.click()
    page.get_by_role("button", name="Take out").click()
    expect(shown).to_have_text(["g", "e", "h"])
    page.locator(".card .card-media").first.click()
    page.wait_for_url("**/jobs/**")  # loaded: what is typed before is saved only once the field is left
    page.get_by_label("Note").fill("for the cover")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    with page.expect_response("**/mark/"):
        page.get_by_role("radio", name="3 of 5").check(force=True)
    page.get_by_role("radio", name="3 of 5").focus()
    with page.expect_response(lambda answer: "stars=3" in (answer.request.post_data or "")):
        for key in "1253":  # the last one counts
            page.keyboard.press(key)
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("for the cover")
    expect(page.get_by_role("radio", name="3 of 5")).to_be_checked()
