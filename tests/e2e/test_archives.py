"""Files in and out by a browser: an import, a ZIP of what was chosen, an export, and that one in again elsewhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.sync_api import Download, Page, expect

from tests.e2e.browser import sign_up, violations
from tests.e2e.studio import Studio
from tests.e2e.test_composer import picture

SOON = 60_000


def bring(page: Page, studio: Studio, files: list[dict[str, object]] | Path) -> None:
    """Imports, and waits for what comes of it, on a page that nobody loads again."""
    page.goto(f"{studio.url}/archives/")
    before = page.locator(".archive").count()
    page.get_by_label("Files").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".archive")).to_have_count(before + 1)
    expect(page.locator(".archive").first.get_by_role("link", name="Gallery")).to_be_visible(timeout=SOON)


def content(download: Download) -> list[str]:
    with zipfile.ZipFile(download.path()) as archive:
        assert archive.testzip() is None
        return [name.rpartition("/")[2].partition("-")[2][6:] for name in archive.namelist() if name.endswith(".png")]


def test_files_come_in_and_go_out(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "files@example.com")
    names = ("red hill.png", "teal lake.png")
    colours = (picture(), picture() + b"\0")  # what hangs behind a picture makes it another file
    given = [{"name": name, "mimeType": "image/png", "buffer": body} for name, body in zip(names, colours, strict=True)]
    bring(page, studio, given)
    expect(page.locator(".archive").first).to_contain_text("2 files, 2 jobs")
    assert violations(page) == []

    page.goto(f"{studio.url}/gallery/")
    expect(page.locator(".card")).to_have_count(2)
    for box in page.locator(".card-select input").all():
        box.check(force=True)
    with page.expect_download() as began:
        page.locator("[data-zip]").click()
    assert began.value.suggested_filename.startswith("studio-selection-")
    assert content(began.value) == ["teal-lake.png", "red-hill.png"]
    expect(page.locator("#selection")).to_be_visible()  # the page is where it was
    page.keyboard.press("Escape")  # while some are chosen, a click chooses
    page.locator(".card a.card-media").first.click()
    expect(page.locator(".viewer")).to_contain_text("Imported")

    page.goto(f"{studio.url}/archives/")
    page.get_by_role("button", name="Export everything").click()
    with page.expect_download(timeout=SOON) as began:
        page.get_by_role("link", name="Download").click(timeout=SOON)
    assert began.value.suggested_filename.startswith("studio-export-")
    kept = Path(began.value.path()).with_suffix(".zip")
    began.value.save_as(kept)

    page.context.clear_cookies()
    sign_up(page, studio.url, "elsewhere@example.com")
    bring(page, studio, kept)
    expect(page.locator(".archive").first).to_contain_text("2 files, 2 jobs")
    bring(page, studio, kept)
    expect(page.locator(".archive").first).to_contain_text("Nothing new")
    page.locator(".archive summary").first.click()
    expect(page.locator(".archive-skipped").first).to_contain_text("It is here already.")
    assert violations(page) == []
