"""A server of one's own: its key, what its tokens cost, and a model that it does not name."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import sign_up, violations
from tests.e2e.chatting import PLACE
from tests.e2e.studio import Studio
from tests.fake_llm import Remote


def test_a_server_is_added_priced_and_asked(page: Page, studio: Studio, llm: Remote, complaints: list[str]) -> None:
    sign_up(page, studio.url, "servers@example.com")
    _add_server(page, studio, llm)
    _set_price(page, studio, complaints)
    _ask_by_id(page, studio)


def _add_server(page: Page, studio: Studio, llm: Remote) -> None:
    page.goto(f"{studio.url}/keys/")
    servers = page.get_by_role("region", name="OpenAI-compatible")
    servers.get_by_role("link", name="Add a server").click()
    servers.get_by_role("link", name="Ollama").click()
    expect(servers.get_by_label("Address")).to_have_value("http://127.0.0.1:11434")
    expect(servers.get_by_label("Label")).to_have_value("Ollama")
    servers.get_by_label("Address").fill("http://192.168.0.7:11434")
    page.keyboard.press("Enter")
    expect(servers).to_contain_text("192.168.0.7 is a private address, which Studio may not call.")
    servers.get_by_label("Address").fill(llm.url)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"answered: it names \d+ models\."))
    expect(servers.get_by_role("listitem")).to_contain_text(f"{llm.url}/v1")
    assert violations(page) == []


def _set_price(page: Page, studio: Studio, complaints: list[str]) -> None:
    page.get_by_role("link", name="What tokens cost").click()
    row = page.locator(".price", has_text="fake-small")
    row.locator("a[href$='for=me']").click()
    expect(row.get_by_label("Input")).to_be_focused()
    row.get_by_label("Input").fill("much")
    row.get_by_label("Output").fill("0,6")
    row.get_by_label("Unit").fill("USD")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("An amount such as")
    assert "422" in complaints.pop()
    assert violations(page) == []
    row.get_by_label("Input").fill("0.15")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Yours")
    expect(row).to_contain_text("0.60\u00a0USD")


def _ask_by_id(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/chat/")
    page.locator("#models > summary").click()
    expect(page.get_by_label("Search models")).to_be_focused()
    field = page.get_by_label("Another model of Ollama, by its id")
    field.focus()
    page.locator("#models").dispatch_event("toggle")  # late, as on a busy machine: it may not take the typing away
    expect(field).to_be_focused()
    field.fill("my/own:model")
    field.press("Enter")
    expect(page.locator("#chips")).to_have_text("my/own:model")
    page.get_by_label("Message", exact=True).fill("[fast] Hello")
    page.keyboard.press("Enter")
    page.wait_for_url(PLACE)  # the welcome names who will answer, too
    expect(page.locator("#thread")).to_contain_text("my/own:model")
    page.reload()
    expect(page.locator("#chips")).to_have_text("my/own:model")
