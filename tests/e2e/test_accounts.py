"""People's own pages in a browser: keys, passkeys, the theme; by keyboard, without JavaScript, and through axe."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PASSWORD, SECRET, sign_up, violations
from tests.e2e.studio import Studio

BAD_SECRET = "wayscloud_gpu_bad_Nn6Rr8Ss2Ee4Ww0"


def test_a_key_is_tested_kept_and_changed_without_a_reload(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "keys@example.com")
    page.goto(f"{studio.url}/keys/")
    page.evaluate("window.untouched = true")
    gpu = page.get_by_role("region", name="WAYSCloud GPU Studio")
    gpu.get_by_role("link", name="Add a key for WAYSCloud GPU Studio").click()
    expect(gpu.get_by_label("Label")).to_be_focused()

    page.keyboard.press("Tab")
    page.keyboard.type(BAD_SECRET)
    page.keyboard.press("Enter")
    expect(gpu.get_by_role("alert")).to_contain_text("did not accept the key")
    expect(gpu.get_by_label("Key", exact=True)).to_be_focused()
    expect(gpu.get_by_label("Key", exact=True)).to_have_value("")
    expect(gpu.get_by_label("Label")).to_have_value("Main")
    assert violations(page) == []

    page.keyboard.type(SECRET)
    page.keyboard.press("Enter")
    expect(gpu.get_by_role("listitem")).to_contain_text("Accepted")
    expect(page.get_by_role("status")).to_contain_text("accepted the key")
    assert SECRET not in page.content()

    gpu.locator("summary").click()
    gpu.get_by_role("link", name="Rename").click()
    expect(gpu.get_by_label("Label")).to_be_focused()
    gpu.get_by_label("Label").fill("Work")
    page.keyboard.press("Enter")
    expect(gpu.get_by_role("heading", name="Work")).to_be_visible()

    gpu.locator("summary").click()
    gpu.get_by_role("link", name="Delete").click()
    expect(gpu.get_by_role("link", name="Keep it")).to_be_focused()
    assert violations(page) == []
    gpu.get_by_role("button", name="Delete").click()
    expect(gpu).to_contain_text("No key yet.")
    assert page.evaluate("window.untouched") is True, "the page was loaded again"


def test_who_has_gone_on_to_the_next_field_is_not_called_back(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "quick@example.com")
    page.goto(f"{studio.url}/keys/")
    page.evaluate("""document.addEventListener("htmx:after:settle", () => {
        document.querySelector(".key-form [name=label]").focus();
        document.querySelector(".key-form [type=password]").focus();
    }, { once: true })""")
    gpu = page.get_by_role("region", name="WAYSCloud GPU Studio")
    gpu.get_by_role("link", name="Add a key for WAYSCloud GPU Studio").click()
    expect(gpu.get_by_label("Label")).to_be_visible()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    expect(gpu.get_by_label("Key", exact=True)).to_be_focused()


def test_a_passkey_signs_in(page: Page, studio: Studio) -> None:
    url = studio.url.replace("127.0.0.1", "localhost")  # browsers make passkeys for names alone
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    phone = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    abilities = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": {**phone, **abilities}})

    sign_up(page, url, "passkey@example.com")
    page.goto(f"{url}/account/2fa/webauthn/add/")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("checkbox", name="Sign in with this passkey alone")).to_be_checked()
    assert violations(page) == []
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert violations(page) == []

    page.goto(f"{url}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{url}/")
    page.goto(f"{url}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/create/")


def test_the_theme_changes_at_once_and_stays(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "theme@example.com")
    page.goto(f"{studio.url}/settings/")
    page.get_by_role("radio", name="Light").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.goto(f"{studio.url}/keys/")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_password_can_be_looked_at(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/account/login/")
    password = page.get_by_role("textbox", name="Password")
    password.fill("what I typed")
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")


def test_it_works_without_javascript(browser: Browser, studio: Studio) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_up(page, studio.url, "plain@example.com")
        page.goto(f"{studio.url}/keys/")
        page.get_by_role("link", name="Add a key for WAYSCloud GPU Studio").click()
        page.get_by_label("Key", exact=True).fill(SECRET)
        page.get_by_role("button", name="Test and save").click()
        expect(page.get_by_role("heading", name="Main")).to_be_visible()
        page.locator(".key summary").click()
        page.get_by_role("link", name="Rename").click()
        page.get_by_label("Label").fill("Work")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("heading", name="Work")).to_be_visible()
        page.locator(".key summary").click()
        page.get_by_role("button", name="Switch off").click()
        expect(page.get_by_role("listitem")).to_contain_text("Off")
