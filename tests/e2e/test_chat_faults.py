"""What goes wrong while a model answers: nothing that came is lost, nothing is asked twice, and it is said in words."""

from __future__ import annotations

import os
import signal

from playwright.sync_api import Page, expect

from tests.e2e.browser import violations
from tests.e2e.chatting import SOON, begin, ended, exchanges, forget_being_away, kept, replies, until, web_of, write
from tests.e2e.studio import Studio
from tests.fake_llm import Remote, scripts, texts

HALF = scripts.answer("[stall]")[0]
SEEN = "The fox went over the hill"


def test_a_web_process_that_is_killed_loses_no_reply(
    page: Page, studio: Studio, llm: Remote, complaints: list[str]
) -> None:
    begin(page, studio, "killed-web")
    write(page, "[stall] Be killed")
    expect(replies(page)).to_contain_text(SEEN, timeout=SOON)
    until(page, lambda: kept(page, replies(page)) == HALF)
    os.kill(web_of(studio), signal.SIGKILL)
    reply = ended(page, "interrupted")
    expect(reply).to_contain_text("Interrupted")
    before = kept(page, reply)
    assert before == HALF

    llm.control(speed=50)
    reply.get_by_role("button", name="Continue").click()
    until(page, lambda: len(exchanges(llm, "[stall] Be killed")) == 2)
    first, second = exchanges(llm, "[stall] Be killed")
    assert second["body"]["messages"][-1] == {"role": "assistant", "content": before}
    until(page, lambda: exchanges(llm, "[stall] Be killed")[1]["sent"] == first["sent"])
    expect(replies(page).get_by_role("listitem").filter(has_text="two boats")).to_have_count(2)
    page.get_by_role("button", name="Stop", exact=True).click()
    ended(page, "stopped")
    assert kept(page, replies(page)) == before * 2
    llm.control(speed=1)
    forget_being_away(complaints)


BREAKS = {"[die]": "The connection to WAYSCloud LLM broke off.", "[error]": "The model fell over."}


def test_a_reply_that_breaks_off_keeps_what_came_and_can_be_tried_again(
    page: Page, studio: Studio, llm: Remote
) -> None:
    begin(page, studio, "breaks-off")
    for tag, words in BREAKS.items():
        write(page, f"{tag} Tell me")
        expect(replies(page)).to_have_count(1 + list(BREAKS).index(tag))
        reply = ended(page, "interrupted")
        expect(reply).to_contain_text(words)
        assert kept(page, reply) == HALF
        first = reply.locator(".prose").get_attribute("id")
        reply.get_by_role("button", name="Try again").click()
        expect(reply.locator(".prose")).not_to_have_attribute("id", first or "", timeout=SOON)
        until(page, lambda tag=tag: llm.counts()["asked"][f"{tag} Tell me"] == 2)  # type: ignore[misc]
        assert kept(page, ended(page, "interrupted")) == HALF
    assert violations(page) == []


def test_odd_streams_are_replies_like_others_and_a_refusal_is_said(page: Page, studio: Studio, llm: Remote) -> None:
    begin(page, studio, "odd-streams")
    for count, tag in enumerate(("[nodone]", "[whole]", "[utf8]"), 1):
        write(page, f"{tag} Tell me")
        expect(replies(page)).to_have_count(count)
        assert kept(page, ended(page)) == scripts.answer(tag)[0]
    write(page, "[refuse 402 detail] Tell me")
    reply = ended(page, "failed")
    expect(reply).to_contain_text("The account at WAYSCloud LLM has too little credit for this: So it is refused.")
    assert llm.counts()["asked"]["[refuse 402 detail] Tell me"] == 1


def test_a_very_long_reply_leaves_the_page_to_its_reader(page: Page, studio: Studio, llm: Remote) -> None:
    llm.control(speed=10)
    begin(page, studio, "long-reply")
    write(page, "[long 100000] Tell me")
    expect(replies(page).get_by_role("heading", name="Part 12:")).to_be_attached(timeout=SOON)
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.press_sequentially("I write meanwhile")
    expect(box).to_have_value("I write meanwhile")
    expect(replies(page)).to_have_attribute("aria-busy", "true")
    reply = ended(page)
    assert kept(page, reply) == texts.long(100_000)
    assert reply.locator(".block").count() > 500
    llm.control(speed=1)
