"""What the composer can do beyond one prompt for one model."""

from __future__ import annotations

import re
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.browser import add_key, sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_every_provider import pick
from tests.e2e.test_first_minute import DONE, choose, generate

SOON = 60_000


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(file, "PNG")
    return file.getvalue()


def test_two_models_are_asked_at_once_and_compared(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "two.models@example.com")
    add_key(page, studio.url, "wayscloud_gpu_two_0Zx9f2aaTt", "wayscloud-gpu")
    add_key(page, studio.url, "nb_sk_two_0Zx9f2aaTt", "nanobanana")
    page.goto(f"{studio.url}/create/")
    pick(page, "FLUX Fast")
    page.locator("#picker-summary").click()
    page.locator("#picker-search").fill("Nano Banana Pro")
    page.get_by_role("button", name="Add Nano Banana Pro").click()
    expect(page.locator(".chip")).to_have_count(2)
    button = page.locator("#submit")
    expect(button).to_have_text(re.compile(r"Generate 2\s+· 2\.00\sNOK \+ 6\scredits"), timeout=SOON)
    assert violations(page) == []

    generate(page, "A heron at first light")
    expect(page.locator(".card.is-succeeded")).to_have_count(2, timeout=SOON)
    page.get_by_role("link", name="Compare").first.click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("FLUX Fast")
    expect(page.get_by_role("main")).to_contain_text("Nano Banana Pro")
    page.get_by_role("radio", name="Slider").check()
    slider = page.get_by_role("slider")
    slider.focus()
    before = slider.input_value()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() != before
    assert violations(page) == []


def test_a_picture_is_taken_along_and_its_result_again(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "picture@example.com")
    add_key(page, studio.url, "ws0123456789abcdef0pic", "wavespeed")
    page.goto(f"{studio.url}/create/")
    pick(page, "flux-dev")
    field = page.locator(".media").first
    field.locator("input[type=file]").set_input_files(
        {"name": "teal.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(field.locator(".media-items img")).to_be_visible(timeout=SOON)
    assert violations(page) == []
    generate(page, "The same in winter")
    card = page.locator(".card").first
    expect(card).to_have_class(DONE, timeout=SOON)
    card.locator("a.card-media").click()
    expect(page.locator(".begun-from")).to_contain_text("teal.png")
    page.get_by_role("link", name="Use as input").click()
    expect(page.locator(".media-items img").first).to_be_visible()
    page.goto(f"{studio.url}/create/?model=local/0/local-paint")
    field = page.locator(".media").first
    field.locator("input[type=file]").set_input_files(
        {"name": "notes.png", "mimeType": "image/png", "buffer": b"not a picture at all"}
    )
    expect(field.get_by_role("status")).to_contain_text("notes.png")
    expect(field.locator(".media-items img")).to_have_count(0)
    assert all("status of 422" in said for said in complaints), complaints  # the console's word for the refusal
    complaints.clear()


def test_a_batch_says_its_number_first(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "batch@example.com")
    choose(page, "Paint")
    page.locator("#batch summary").click()
    page.locator("#batch").get_by_role("radio", name="Seeds").check()
    page.get_by_label("From seed").fill("1")
    page.get_by_label("to seed", exact=True).fill("3")
    page.keyboard.press("Tab")
    expect(page.locator("#submit")).to_have_text(re.compile(r"Generate 3\s+· free"))
    assert violations(page) == []
    generate(page, "A paper boat")
    expect(page.locator(".card.is-succeeded")).to_have_count(3, timeout=SOON)


def test_a_kept_prompt_asks_for_its_words(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "kept@example.com")
    page.goto(f"{studio.url}/prompts/new/")
    page.get_by_label("Title").fill("Portrait")
    page.get_by_label("Prompt", exact=True).fill("A portrait of {subject}, window light")
    page.get_by_role("main").get_by_role("button", name=re.compile("Keep|Save")).click()
    page.get_by_role("link", name="Use").first.click()
    page.get_by_label("subject").fill("an old sailor")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    expect(page.locator(".group-prompt").first).to_have_text("A portrait of an old sailor, window light")
