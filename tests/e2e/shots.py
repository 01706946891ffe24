"""Pictures of every page, wide and phone, dark and light, in `shots/`: `make shots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests import fake_llm
from tests.e2e.browser import SECRETS, SETTLED, add_key, add_server, chromium, sign_up
from tests.e2e.filled import fill, fill_chats, fill_team, wait_until_made
from tests.e2e.pages import PICTURES, visit
from tests.e2e.providers import addresses, all_providers
from tests.e2e.sight import Sight, Who
from tests.e2e.studio import ROOT, Studio

SHOTS = ROOT / "shots"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def main(wanted: list[str]) -> None:
    """All of them, or only the pages whose names are given or begin so: `python -m tests.e2e.shots chat keys`."""
    SHOTS.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        all_providers() as remotes,
        fake_llm.run_process() as llm,
        chromium() as browser,
    ):
        studio = Studio(Path(scratch) / "data", **addresses(remotes), STUDIO_WAYSCLOUD_LLM_URL=llm.url)
        studio.start()
        try:
            people, ids = settle(browser, studio, llm.url)
            for sight in PICTURES:
                if not wanted or sight.name.startswith(tuple(wanted)):
                    shoot(people[sight.who], studio, sight, ids)
        finally:
            studio.stop()


def settle(browser: Browser, studio: Studio, server: str) -> tuple[dict[Who, Page], dict[str, str]]:
    """The three people of the pages, each in a browser of their own; the operator is the maker."""
    people: dict[Who, Page] = {who: browser.new_context().new_page() for who in ("maker", "newcomer", "stranger")}
    sign_up(people["maker"], studio.url, "maker@example.com")
    for provider in SECRETS:
        add_key(people["maker"], studio.url, provider=provider)
    add_server(people["maker"], studio.url, "Ollama", server)
    sign_up(people["newcomer"], studio.url, "newcomer@example.com")
    ids = fill(studio, "maker@example.com")
    ids |= fill_chats(studio, "maker@example.com", ids["image"])
    ids |= fill_team(studio, "maker@example.com")
    wait_until_made(people["maker"], studio)
    return people, ids


def shoot(page: Page, studio: Studio, sight: Sight, ids: dict[str, str]) -> None:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        visit(page, studio.url, sight, ids)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.wait_for_timeout(250)  # pictures fade in
            page.evaluate(SETTLED)
            path = SHOTS / f"{sight.name}-{size}-{theme}.png"
            page.screenshot(path=path)
            print(path.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
