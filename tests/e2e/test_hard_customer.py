"""What hurts where nobody looks: focus after a click, reload in the middle, a small screen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.browser import add_key, sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_composer import SOON, picture
from tests.e2e.test_every_provider import pick


def test_the_focus_is_kept_and_what_was_chosen_too(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "hard.customer@example.com")
    add_key(page, studio.url, "ws0123456789abcdef0hard", "wavespeed")
    page.goto(f"{studio.url}/create/")
    page.get_by_role("textbox", name="Prompt").fill("A heron, and nothing else")
    pick(page, "seedance-v1.5-pro")

    # What is wrong has the focus; after a click that went well, the button has it.
    page.locator("#submit").press("Enter")
    expect(page.get_by_text("The model needs this.")).to_be_visible(timeout=SOON)
    expect(page.locator("[name=o-image]").last).to_be_focused()
    complaints.clear()  # the refusal
    file = {"name": "teal.png", "mimeType": "image/png", "buffer": picture()}
    page.locator(".media input[type=file]").first.set_input_files(file)
    expect(page.locator(".media-items img")).to_be_visible(timeout=SOON)
    page.locator("#submit").press("Enter")
    expect(page.locator(".card")).to_have_count(1, timeout=SOON)
    expect(page.locator("#submit")).to_be_focused()

    # A model that was chosen outlives a reload, and Back; so does the prompt.
    pick(page, "flux-dev-lora")
    page.wait_for_url("**flux-dev-lora")
    page.reload()
    expect(page.locator("#picker-summary")).to_contain_text("flux-dev-lora")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A heron, and nothing else")
    page.goto(f"{studio.url}/gallery/")
    page.go_back()
    expect(page.locator("#picker-summary")).to_contain_text("flux-dev-lora")


def test_a_phone_keeps_the_button_in_sight(page: Page, studio: Studio) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_up(page, studio.url, "small.screen@example.com")
    page.goto(f"{studio.url}/create/?model=local/0/local-paint")
    expect(page.locator("#submit")).to_be_in_viewport(ratio=1)
    page.locator("#prompts-menu summary").click()
    expect(page.locator("#prompts-sheet")).to_contain_text("All prompts")
    expect(page.get_by_role("link", name="From Studio")).to_have_count(1)
    assert violations(page) == []
    page.locator("#batch summary").click()
    page.locator("#batch").get_by_role("radio", name="Seeds").check()
    expect(page.get_by_label("From seed")).to_be_in_viewport(ratio=1)
    assert violations(page) == []
