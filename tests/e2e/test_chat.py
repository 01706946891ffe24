"""A person's conversation: it streams, survives a reload, is the same in every tab, and has versions."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import violations
from tests.e2e.chatting import SOON, begin, ended, exchanges, forget_being_away, kept, replies, said, until, write
from tests.e2e.studio import Studio
from tests.fake_llm import Remote, scripts, texts

HALF = scripts.answer("[stall]")[0]
SEEN = "The fox went over the hill"  # in the first half


def test_a_message_is_answered_in_place_and_kept(page: Page, studio: Studio, llm: Remote) -> None:
    begin(page, studio, "asks")
    page.evaluate("window.untouched = true")
    write(page, "Tell me of the fox")
    reply = ended(page)
    assert kept(page, reply) == texts.DEFAULT
    expect(reply.get_by_role("heading", name="A short answer")).to_be_visible()
    expect(reply.locator("table td").first).to_have_text("river")
    expect(reply.locator("pre code")).to_contain_text("return bridge.walk()")
    expect(reply).to_contain_text(re.compile(r"\d+ in, \d+ out"))
    expect(page).to_have_title(re.compile("Tell me of the fox"))

    page.reload()
    assert kept(page, ended(page)) == texts.DEFAULT
    write(page, "[echo] And then?")
    expect(ended(page).locator(".prose")).to_have_text("And then?")
    (told,) = exchanges(llm, "[echo] And then?")
    assert [one["role"] for one in told["body"]["messages"]] == ["user", "assistant", "user"]
    assert told["body"]["messages"][1]["content"] == texts.DEFAULT

    write(page, "[think tags] Why?")
    expect(replies(page)).to_have_count(3)
    assert kept(page, ended(page)) == texts.DEFAULT
    fold = replies(page).last.locator(".thought")
    expect(fold.locator(".thought-text")).not_to_be_visible()
    fold.locator("summary").click()
    expect(fold.locator(".thought-text")).to_have_text(texts.THOUGHTS)
    expect(fold.locator("summary")).to_contain_text("Thought for")
    assert violations(page) == []


def test_a_reply_survives_a_reload_and_a_lost_network_in_every_tab(
    page: Page, studio: Studio, llm: Remote, complaints: list[str]
) -> None:
    begin(page, studio, "tabs-of-chat")
    write(page, "[slow] Go on")
    expect(replies(page).last).to_contain_text(SEEN, timeout=SOON)
    second = page.context.new_page()
    second.goto(page.url)
    page.reload()
    for tab in (page, second):
        expect(replies(tab)).to_have_attribute("aria-busy", "true")
        expect(replies(tab)).to_contain_text(SEEN)
    page.context.set_offline(True)
    until(page, lambda: not exchanges(llm, "[slow] Go on")[0]["open"])
    page.context.set_offline(False)
    shown = [ended(tab).locator(".prose").text_content() for tab in (page, second)]
    assert shown[0] == shown[1]
    assert kept(page, ended(page)) == texts.DEFAULT
    assert len(exchanges(llm, "[slow] Go on")) == 1
    forget_being_away(complaints)


def test_a_silence_is_said_and_another_tab_stops_it(page: Page, studio: Studio, llm: Remote) -> None:
    begin(page, studio, "silence")
    write(page, "[stall] Be silent")
    second = page.context.new_page()
    second.goto(page.url)
    for tab in (page, second):
        expect(replies(tab)).to_contain_text(SEEN, timeout=SOON)
        expect(replies(tab).locator("[data-stalled]")).to_contain_text("Studio keeps waiting", timeout=SOON)
    assert violations(page) == []
    second.bring_to_front()
    second.get_by_role("button", name="Stop", exact=True).click()
    for tab in (page, second):
        expect(ended(tab, "stopped")).to_contain_text("Stopped")
        assert kept(tab, replies(tab)) == HALF
    assert [one["open"] for one in exchanges(llm, "[stall] Be silent")] == [False]


def test_escape_stops_and_what_one_wrote_meanwhile_is_kept(page: Page, studio: Studio) -> None:
    begin(page, studio, "escapes")
    write(page, "[stall] Tell me")
    expect(replies(page)).to_contain_text(SEEN, timeout=SOON)
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill("Never mind")
    box.press("Escape")
    ended(page, "stopped")
    expect(box).to_have_value("Never mind")
    page.reload()
    expect(box).to_have_value("Never mind")


def test_replies_and_messages_have_versions(page: Page, studio: Studio) -> None:
    begin(page, studio, "branches")
    write(page, "[echo] First")
    ended(page).get_by_role("button", name="Answer again", exact=True).click()
    expect(replies(page).get_by_role("img", name="2 of 2 replies")).to_be_visible(timeout=SOON)
    ended(page).get_by_role("button", name="Version before").click()
    expect(replies(page).get_by_role("img", name="1 of 2 replies")).to_be_visible()

    page.get_by_role("textbox", name="Message", exact=True).press("ArrowUp")
    field = page.get_by_label("Your message, changed")
    expect(field).to_be_focused()
    field.fill("[echo] Second")
    field.press("Enter")
    expect(replies(page).locator(".prose")).to_have_text("Second", timeout=SOON)
    expect(said(page).get_by_role("img", name="2 of 2 versions")).to_be_visible()
    ended(page)
    said(page).get_by_role("button", name="Version before").click()
    expect(replies(page).locator(".prose")).to_have_text("First")
    page.reload()
    expect(replies(page).locator(".prose")).to_have_text("First")


def test_several_models_answer_side_by_side_and_one_goes_on(page: Page, studio: Studio, llm: Remote) -> None:
    begin(page, studio, "several")
    page.locator("#models summary").click()
    page.get_by_role("checkbox", name=re.compile("^fake-large")).check()
    page.keyboard.press("Escape")
    write(page, "[echo] Both of you")
    beside = page.get_by_role("group", name="2 replies side by side").first
    for name in ("fake-small", "fake-large"):
        reply = beside.get_by_role("article", name=name)
        expect(reply).to_have_attribute("data-state", "done", timeout=SOON)
        expect(reply.locator(".prose")).to_have_text("Both of you")
    other = beside.locator(".reply:not(.is-shown)")
    model = other.get_attribute("aria-label")
    other.get_by_role("button", name="Go on with this one").click()
    expect(beside.locator(".reply.is-shown")).to_have_attribute("aria-label", model or "")
    write(page, "[echo] Both again")
    expect(page.get_by_role("group", name="2 replies side by side")).to_have_count(2)
    expect(replies(page).locator(".prose", has_text="Both again")).to_have_count(2, timeout=SOON)
    for place in (-1, -2):
        ended(page, place=place)
    assert violations(page) == []
    assert sorted(one["model"] for one in exchanges(llm, "[echo] Both of you")) == ["fake-large", "fake-small"]
