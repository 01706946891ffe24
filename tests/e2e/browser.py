"""The system's Chromium, and what every page has to keep: no console error, no accessibility violation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
# Colours in the middle of a change are nobody's to read; what runs for ever (a spinner) is not waited for.
SETTLED = """async () => {
  const running = () => document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity);
  const late = performance.now() + 2000;
  while (running().length && performance.now() < late) {  // the end of one may begin another, in what inherits from it
    await Promise.race([
      Promise.allSettled(running().map((one) => one.finished)),
      new Promise((done) => setTimeout(done, 500)),
    ]);
    await new Promise(requestAnimationFrame);
  }
}"""
PASSWORD = "correct horse battery staple"
SECRETS = {
    "wayscloud-gpu": "wayscloud_gpu_8sJ2kfLq0Zx9f2aaTt",
    "wavespeed": "4f1d9a0c7be24e558a1c6d2f90b37aa1",
    "nanobanana": "nb_sk_3kQ9vLx2Tz71mPq0",
    "wayscloud-llm": "wayscloud_llm_5hR2nVc8Qy4d1ePu",
}
SECRET = SECRETS["wayscloud-gpu"]


# The shell draws pages and no browser around them, in half the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser
        browser.close()


def sign_up(page: Page, url: str, email: str) -> None:
    page.goto(f"{url}/account/signup/")
    page.get_by_label("mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/create/")


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(f"{url}/account/login/")
    page.get_by_label("mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/create/")


def add_key(page: Page, url: str, secret: str = "", provider: str = "wayscloud-gpu") -> None:
    """A key that the provider accepts, by its form."""
    page.goto(f"{url}/keys/add/{provider}/")
    page.get_by_label("Key", exact=True).fill(secret or SECRETS[provider])
    page.keyboard.press("Enter")
    page.locator(f"#provider-{provider}").get_by_role("listitem").get_by_text("Accepted").first.wait_for()


def add_server(page: Page, url: str, label: str, address: str) -> None:
    """An OpenAI-compatible server of one's own, without a key."""
    page.goto(f"{url}/keys/add/openai/")
    servers = page.locator("#provider-openai")
    servers.get_by_label("Label").fill(label)
    servers.get_by_label("Address").fill(address)
    page.keyboard.press("Enter")
    servers.get_by_role("listitem").get_by_text(address).first.wait_for()


STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, only: Sequence[str] = STANDARD) -> list[str]:
    """What axe finds wrong by WCAG 2.2 A and AA, or by the rules named, one line each."""
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # What passes is not told in full, and no style sheet is fetched again: that takes most of its time.
    options = {"runOnly": list(only), "resultTypes": ["violations"], "preload": False}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"][:4]
    ]
