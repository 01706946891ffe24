"""What has to be in sight on a small phone, before one scrolls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import sign_up
from tests.e2e.studio import Studio

WIDTH, HEIGHT = 390, 600


@pytest.fixture(scope="module")
def phone(browser: Browser, studio: Studio) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
    page = context.new_page()
    sign_up(page, studio.url, "phone@example.com")
    yield page
    context.close()


def test_the_models_to_choose_from_are_longer_than_the_room_below(phone: Page, studio: Studio) -> None:
    phone.goto(f"{studio.url}/create/")
    phone.locator("#picker-summary").click()
    expect(phone.locator("#picker-list .picker-item").first).to_be_visible()
    sheet = box(phone.locator(".picker-sheet"))
    assert sheet["y"] > 0
    assert sheet["y"] + sheet["height"] <= menu(phone)


def test_the_button_stays_above_the_menu_whatever_stands_before_the_model(phone: Page, studio: Studio) -> None:
    phone.goto(f"{studio.url}/create/")
    phone.locator("#improve").evaluate("node => { node.style.height = '400px'; }")
    button = box(phone.locator("#submit"))
    assert button["y"] + button["height"] <= menu(phone)


def test_the_open_tab_is_in_sight_where_there_is_no_room_for_all(phone: Page, studio: Studio) -> None:
    phone.goto(f"{studio.url}/account/email/")
    tab = box(phone.get_by_role("navigation", name="Settings").get_by_role("link", name="Email"))
    assert tab["x"] >= 0
    assert tab["x"] + tab["width"] <= WIDTH


def test_a_conversation_without_a_message_begins_at_its_top(phone: Page, studio: Studio) -> None:
    phone.set_viewport_size({"width": WIDTH, "height": 500})
    phone.goto(f"{studio.url}/chat/")
    expect(phone.get_by_role("heading", name="What is on your mind?")).to_be_in_viewport()
    assert phone.evaluate("scrollY") == 0


def menu(page: Page) -> float:
    """Where it begins."""
    return box(page.get_by_role("navigation", name="Studio"))["y"]


def box(of: Locator) -> dict[str, float]:
    found = of.bounding_box()
    assert found
    return dict(found)
