"""A model's fields in a browser: media by every way in, rows that come and go, parameters as fields and as JSON."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import add_key, sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import DONE, SOON, generate

# What a person does by hand with the system's clipboard and pointer: the browser's own events, with a file in them.
GIVE = """([selector, kind, name, content]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name, { type: "image/png" }));
  const node = document.querySelector(selector);
  const init = { bubbles: true, cancelable: true };
  if (kind === "paste") node.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
  const drag = (step) => node.dispatchEvent(new DragEvent(step, { ...init, dataTransfer: data }));
  if (kind === "drop") ["dragover", "drop"].forEach(drag);
}"""


def png(colour: str, size: tuple[int, int] = (160, 90)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def give(page: Page, selector: str, kind: str, name: str, colour: str) -> None:
    page.evaluate(GIVE, [selector, kind, name, base64.b64encode(png(colour)).decode()])


def upload(field: Locator, name: str, colour: str) -> None:
    file: Any = {"name": name, "mimeType": "image/png", "buffer": png(colour)}
    field.locator("input[type=file]").set_input_files(file)
    expect(field.locator(".media-name", has_text=name)).to_be_visible()


def names(field: Locator) -> list[str]:
    return field.locator(".media-name").all_inner_texts()


def open_model(page: Page, studio: Studio, email: str, model: str) -> None:
    """Of WaveSpeedAI, with a key of one's own."""
    sign_up(page, studio.url, email)
    add_key(page, studio.url, f"ws0123456789abcdef{len(email)}", "wavespeed")
    page.goto(f"{studio.url}/models/?q={model.rpartition('/')[2]}")
    page.get_by_role("link", name=model).first.click()
    page.wait_for_url("**/create/**")


def test_a_picture_comes_in_by_every_way(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "fields-media@example.com")
    field = page.locator(".media").first
    upload(field, "chosen.png", "teal")
    give(page, "#prompt", "paste", "pasted.png", "gold")
    expect(field.locator(".media-name")).to_have_text("pasted.png")
    give(page, ".media", "drop", "dropped.png", "tomato")
    expect(field.locator(".media-name")).to_have_text("dropped.png")
    assert violations(page) == []

    generate(page, "A red evening at sea")
    expect(page.locator(".card").first).to_have_class(DONE, timeout=SOON)
    field = page.locator(".media").first
    page.locator(".card img").first.drag_to(field)
    assert field.locator(".media-item input").input_value().startswith("output:")

    field.get_by_role("link", name="From Studio").press("Enter")
    chooser = page.get_by_role("dialog", name="From Studio")
    expect(chooser.get_by_role("button", name="chosen.png")).to_be_visible()
    assert violations(page) == []
    chooser.get_by_role("radio", name="Results").check()
    expect(chooser.get_by_role("button", name="chosen.png")).to_be_hidden()
    chooser.get_by_role("radio", name="All").check()
    chooser.get_by_role("button", name="chosen.png").press("Enter")
    expect(chooser).to_be_hidden()
    expect(field.locator(".media-name")).to_have_text("chosen.png")

    fake: Any = {"name": "fake.png", "mimeType": "image/png", "buffer": b"no picture"}
    field.locator("input[type=file]").set_input_files(fake)
    expect(field.get_by_role("status")).to_contain_text("fake.png: Studio takes JPEG")
    expect(field.locator(".media-name")).to_have_text("chosen.png")
    field.get_by_role("button", name="Remove: chosen.png").press("Enter")
    expect(field.locator(".media-item")).to_have_count(0)
    assert [one for one in complaints if "422" not in one] == []
    complaints.clear()  # the refused file


def test_several_pictures_have_an_order(page: Page, studio: Studio, complaints: list[str]) -> None:
    open_model(page, studio, "fields-several@example.com", "nano-banana-pro/edit")
    field = page.locator(".media").first
    for name, colour in (("one.png", "red"), ("two.png", "green")):
        upload(field, name, colour)
    link = field.get_by_role("textbox", name="as a link")
    link.fill("https://example.com/three.png")
    link.press("Enter")
    assert names(field) == ["one.png", "two.png", "example.com · three.png"]
    field.get_by_role("button", name="Earlier: two.png").press("Enter")
    assert names(field) == ["two.png", "one.png", "example.com · three.png"]
    field.get_by_role("button", name="Remove: one.png").click()
    assert names(field) == ["two.png", "example.com · three.png"]
    link.fill("http://example.com/four.png")
    generate(page, "A fox")
    expect(page.locator(".media .field-error").first).to_contain_text("only https:// is taken")
    expect(page.locator(".media .media-link").first).to_have_value("http://example.com/four.png")
    assert names(page.locator(".media").first) == ["two.png", "example.com · three.png"]
    complaints.clear()  # the refusal


def test_rows_come_and_go(page: Page, studio: Studio) -> None:
    open_model(page, studio, "fields-rows@example.com", "flux-dev-lora")
    rows = page.get_by_role("group", name="LoRAs").first
    expect(rows.locator("li")).to_have_count(0)
    for path in ("some/lora", "other/lora", "third/lora"):
        rows.get_by_role("button", name="Add").click()
        page.keyboard.type(path)
    expect(rows.get_by_role("button", name="Add")).to_be_hidden()
    rows.get_by_role("button", name="Remove").nth(1).click()
    expect(rows.get_by_role("button", name="Add")).to_be_focused()
    rows.get_by_label("Scale", exact=True).last.fill("0.5")
    expect(rows.get_by_role("slider").last).to_have_value("0.5")
    assert violations(page) == []
    generate(page, "A fox")
    expect(page.locator(".group").first).to_contain_text("2 LoRAs")


def test_parameters_are_fields_or_json(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "fields-parameters@example.com")
    add_key(page, studio.url, "ws0123456789abcdef0params", "wavespeed")
    page.goto(f"{studio.url}/models/#by-id")
    page.get_by_label("Model id").fill("maker/unheard-of")
    page.get_by_label("Model id").press("Enter")
    page.wait_for_url("**/create/**")
    box = page.locator("[data-parameters]")
    for name, kind, value in (("steps", "Number", "20"), ("hd", "Yes / no", "yes")):
        box.get_by_role("button", name="Add a parameter").click()
        box.get_by_label("Name").last.fill(name)
        box.get_by_label("Type").last.select_option(label=kind)
        box.get_by_label("Value").last.fill(value)
    box.get_by_role("radio", name="JSON").check()
    text = box.get_by_role("textbox", name="as JSON")
    assert json.loads(text.input_value()) == {"steps": 20, "hd": True}
    text.fill('{"steps": 20')
    box.get_by_role("radio", name="Fields").click()
    expect(box.get_by_role("alert")).to_be_visible()
    expect(box.get_by_role("radio", name="JSON")).to_be_checked()
    text.fill('{"steps": 21, "style": "oil"}')
    box.get_by_role("radio", name="Fields").check()
    assert [one.input_value() for one in box.get_by_label("Value").all()] == ["21", "oil"]
    assert violations(page) == []
