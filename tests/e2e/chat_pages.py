"""The pages of chat, and what has to be opened on them; see `pages`."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.sight import Sight

TALK = "/chat/{chat-full}/"
THREE = "/chat/?model=" + "&model=".join(
    f"wayscloud-llm/{{key-wayscloud-llm}}/{model}" for model in ("fake-small", "fake-large", "fake-seeing")
)


def open_models(page: Page) -> None:
    page.locator("#models > summary").click()


def open_settings(page: Page) -> None:
    page.get_by_role("button", name="Settings of this conversation").click()
    page.get_by_role("textbox", name="System prompt").wait_for()


def open_list(page: Page) -> None:
    """On a phone it is a drawer."""
    drawer = page.get_by_role("button", name="Conversations", exact=True)
    if drawer.is_visible():
        drawer.click()


def open_menu_of_one(page: Page, place: int = 0) -> None:
    open_list(page)
    page.locator("#chat-list .chats-row").nth(place).locator("summary").click()
    page.locator("#chat-list").get_by_role("link", name="Rename").wait_for()


def open_menu_of_last(page: Page) -> None:
    """Below it there is nothing that it could cover."""
    open_menu_of_one(page, -1)


def open_menu(page: Page) -> None:
    open_list(page)
    page.locator("#chats-menu > summary").click()


def open_folders(page: Page) -> None:
    open_list(page)
    page.locator(".chats-folder > summary").first.click()


def open_thoughts(page: Page) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    page.locator(".thought > summary").first.click()


def look_at_the_top(page: Page) -> None:
    page.wait_for_timeout(300)  # the page has gone to its newest message
    page.evaluate("window.scrollTo(0, 0)")


def edit_a_message(page: Page) -> None:
    page.locator(".said").last.hover()
    page.locator(".said").last.get_by_role("link", name="Edit").click()
    page.get_by_role("textbox", name="Your message, changed").wait_for()


def ask_by_another(page: Page) -> None:
    page.locator(".reply").last.get_by_role("link", name="Answer again, by another model").click()
    page.locator("#chat-sheet .models-list").wait_for()


def seem_stalled(page: Page) -> None:
    """As the page shows it when the desk says so; see test_chat_faults for a real silence."""
    said = page.locator("[data-stalled]").last
    said.evaluate(
        "node => node.querySelector('span').textContent = 'WAYSCloud LLM has been silent. Studio keeps waiting.'"
    )
    said.evaluate("node => { node.hidden = false; }")


def name_a_private_server(page: Page) -> None:
    page.get_by_label("Label").fill("Ollama")
    page.get_by_label("Address").fill("http://192.168.0.7:11434")
    page.keyboard.press("Enter")
    page.get_by_text("is a private address").wait_for()


def open_price(page: Page) -> None:
    page.locator(".price").filter(has_text="fake-seeing").first.get_by_role("link").first.click()
    page.get_by_label("Input").wait_for()


def improve_prompt(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt").fill("a fox on a hill")
    page.get_by_role("button", name="Improve my prompt").click()
    page.get_by_role("button", name="Suggest").click()
    page.locator(".improve-suggestion").wait_for()


CHAT_SIGHTS = (
    Sight("chat-empty", "/chat/", "newcomer"),
    Sight("chat-new", THREE),
    Sight("chat-models", THREE, act=open_models),
    Sight("chat-settings", TALK, act=open_settings),
    Sight("chat-full", TALK),
    Sight("chat-beside", "/chat/{chat-beside}/"),
    Sight("chat-writing", "/chat/{chat-writing}/"),
    Sight("chat-edit", TALK, act=edit_a_message),
    Sight("chat-thinking", "/chat/{chat-thinking}/"),
    Sight("chat-ended", "/chat/{chat-ended}/"),
    Sight("chat-refused", "/chat/{chat-refused}/"),
    Sight("chat-attached", "/chat/{chat-attached}/"),
    Sight("chat-right-to-left", "/chat/{chat-right-to-left}/"),
    Sight("chat-list", "/chat/", act=open_menu_of_last),
    Sight("chat-search", "/chat/?q=tide", act=open_list),
    Sight("chat-import", "/chat/import/"),
    Sight("chat-presets", "/chat/presets/"),
    Sight("chat-preset", "/chat/presets/{preset}/"),
    Sight("chat-prices", "/chat/prices/", act=open_price),
    Sight("create-improved", "/create/?model=local/0/local-paint", act=improve_prompt),
)
CHAT_PICTURES = (
    Sight("chat-archive", "/chat/?archived=1", act=open_list),
    Sight("chat-search-nothing", "/chat/?q=xyzzy", act=open_list),
    Sight("chat-full-top", TALK, act=look_at_the_top),
    Sight("chat-thoughts", TALK, act=open_thoughts),
    Sight("chat-stalled", "/chat/{chat-writing}/", act=seem_stalled),
    Sight("chat-again", TALK, act=ask_by_another),
    Sight("chat-folders", "/chat/", act=open_folders),
    Sight("chat-row-menu", "/chat/", act=open_menu_of_one),
    Sight("chat-menu", "/chat/", act=open_menu),
    Sight("chat-long", "/chat/{chat-huge}/"),
    Sight("chat-presets-empty", "/chat/presets/", "newcomer"),
    Sight("key-server-refused", "/keys/add/openai/", act=name_a_private_server),
    Sight("chat-prices-list", "/chat/prices/"),
)
