"""The page is alive: progress without a reload, in every tab, without a jump; and it says so when Studio is away."""

from __future__ import annotations

import re

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.browser import sign_up
from tests.e2e.studio import Studio
from tests.e2e.test_first_minute import choose, generate
from tests.e2e.test_provider import begin
from tests.fake_provider import Remote

SOON = 60_000
DONE = re.compile("is-succeeded")
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def test_every_tab_sees_it_run_and_a_reload_loses_nothing(page: Page, studio: Studio, provider: Remote) -> None:
    begin(page, studio, "tabs")
    provider.fault("job", "never", prompt="A slow river")
    second = page.context.new_page()
    second.goto(f"{studio.url}/gallery/")
    page.evaluate("window.untouched = true")
    generate(page, "A slow river")
    expect(page.locator(".card").first).to_contain_text("Generating, 50 %", timeout=SOON)
    expect(page).to_have_title(re.compile(r"^\(1\) Create"))
    expect(second).to_have_title(re.compile(r"^\(1\) Gallery"))
    assert page.evaluate("window.untouched") is True, "the page was loaded again"
    expect(second.locator(".card")).to_contain_text("Generating, 50 %")  # the gallery made room for it
    expect(second.get_by_role("heading", name="Nothing here yet")).to_have_count(0)

    page.reload()
    expect(page.locator(".card").first).to_contain_text("Generating, 50 %")
    second.goto(page.url)
    expect(second.locator(".card").first).to_contain_text("Generating, 50 %")
    provider.control(finish="A slow river")
    for tab in (page, second):
        expect(tab.locator(".card").first).to_have_class(DONE, timeout=SOON)
        expect(tab).to_have_title("Create · Studio")


def test_news_of_a_card_may_come_before_the_card(page: Page, studio: Studio, provider: Remote) -> None:
    begin(page, studio, "early")
    provider.fault("job", "never", prompt="A late train")
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/jobs/", lambda route: late.append((route, route.fetch())))
    generate(page, "A late train")
    expect(page).to_have_title(re.compile(r"^\(1\) Create"), timeout=SOON)
    second = page.context.new_page()
    second.goto(f"{studio.url}/gallery/")
    expect(second.locator(".card").first).to_contain_text("Generating, 50 %", timeout=SOON)
    expect(page.locator(".card")).to_have_count(0)
    route, answer = late[0]
    assert "Queued" in answer.text()
    route.fulfill(response=answer)
    expect(page.locator(".card").first).to_contain_text("Generating, 50 %")
    provider.control(finish="A late train")
    expect(page.locator(".card").first).to_have_class(DONE, timeout=SOON)


def test_a_first_visit_is_live_though_the_script_of_streams_comes_late(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "late@example.com")
    late: list[Route] = []
    page.route("**/hx-sse-*.js", lambda route: late.append(route))
    page.goto(f"{studio.url}/gallery/", wait_until="commit")
    page.locator("[data-htmx-powered]").first.wait_for(state="attached")  # htmx has been through the page without it
    late[0].continue_()
    expect(page.locator("#live")).to_have_attribute("data-htmx-powered", "true")


def test_a_clip_can_be_sought_in(page: Page, studio: Studio) -> None:
    sign_up(page, studio.url, "seek@example.com")
    choose(page, "Motion")
    page.get_by_role("radio", name="2", exact=True).first.check()
    generate(page, "Clouds over a field")
    expect(page.locator(".card").first).to_have_class(DONE, timeout=SOON)
    page.locator(".card a.card-media").first.click()
    clip = page.locator("video.stage-media")
    expect(clip).to_be_visible()
    answer = page.request.get(page.evaluate("document.querySelector('video').src"), headers={"Range": "bytes=100-199"})
    assert answer.status == 206
    assert len(answer.body()) == 100
    moment = clip.evaluate(
        "video => new Promise((done) => {"
        " video.addEventListener('seeked', () => done(video.currentTime), { once: true }); video.currentTime = 1.5; })"
    )
    assert 1.4 < moment < 1.6


def test_nothing_jumps_when_cards_fill_in(page: Page, studio: Studio) -> None:
    page.add_init_script(SHIFTS)
    sign_up(page, studio.url, "still@example.com")
    page.locator("input[name=count][value='2']").check()
    generate(page, "A quiet harbour at dawn")
    expect(page.locator(".group")).to_have_count(1)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    page.evaluate("window.shifted = 0")  # the new group came in above; from here on it only fills
    expect(page.locator(".card.is-succeeded")).to_have_count(2, timeout=SOON)
    expect(page.locator("img.card-picture.is-loaded")).to_have_count(2, timeout=SOON)
    assert page.evaluate("window.shifted") < 0.02


def test_a_page_says_that_studio_did_not_answer(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "away@example.com")
    page.route("**/jobs/", lambda route: route.abort("connectionrefused"))
    generate(page, "A bridge at night")
    expect(page.get_by_role("status")).to_contain_text("Studio did not answer. Your text is kept; try again.")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A bridge at night")
    assert all("ERR_CONNECTION_REFUSED" in said or "Failed to fetch" in said for said in complaints), complaints
    complaints.clear()


def test_a_fault_is_said_and_never_swapped_in(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "fault@example.com")
    page.route("**/jobs/", lambda route: route.fulfill(status=500, body="<h1>Oh no</h1>", content_type="text/html"))
    generate(page, "A bridge at night")
    expect(page.get_by_role("status")).to_contain_text("Studio had a fault. Your text is kept; try again.")
    expect(page.get_by_role("heading", name="Oh no")).to_have_count(0)
    assert all("status of 500" in said for said in complaints), complaints
    complaints.clear()


def test_a_refused_form_still_comes_back(page: Page, studio: Studio, complaints: list[str]) -> None:
    sign_up(page, studio.url, "refused@example.com")
    page.evaluate("document.getElementById('composer').noValidate = true")
    generate(page, "")
    expect(page.locator("#prompt-error")).to_be_visible()
    expect(page.locator("#prompt")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-toast]")).to_have_count(0)
    assert all("status of 422" in said for said in complaints), complaints
    complaints.clear()
