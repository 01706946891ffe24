"""One job after another: the filmstrip, zoom, full screen, details, clips by the frame, and two over one another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.browser import sign_up
from tests.e2e.studio import Studio

# Runs inside Studio: three pictures and two clips that were made, without anybody making them.
ROWS = """
import hashlib, json
from pathlib import Path
from django.conf import settings
from PIL import Image
from accounts.models import User
from generations.models import Job, JobSource, Output
from tests.lib.footage import film

owner = User.objects.get(email={email!r})
root = Path(settings.MEDIA_ROOT)
root.mkdir(parents=True, exist_ok=True)
made = []
for number, kind in enumerate(["image", "image", "image", "video", "video"]):
    job = Job.objects.create(owner=owner, provider="local", kind=kind, model="local-paint", model_name="Paint",
        prompt=f"A heron in the reeds, take {{number}}", state="succeeded", due_at=None, quoted_amount=0,
        settings={{"seed": number}})
    name = f"viewer-{{job.pk.hex}}.{{'png' if kind == 'image' else 'webm'}}"
    if kind == "image":
        Image.new("RGB", (2400, 1350), ["teal", "gold", "brown"][number]).save(root / name)
    else:
        film(root / name)
    if number in (1, 2):
        JobSource.objects.create(job=job, source_id=made[0], kind="remix")
    Output.objects.create(job=job, position=0, name=kind, remote_url="https://x.example/", file=name, kind=kind,
        content_type="image/png" if kind == "image" else "video/webm", size=(root / name).stat().st_size,
        sha256=hashlib.sha256(name.encode()).hexdigest(), previews="failed", duration=None if kind == "image" else 2,
        width=2400 if kind == "image" else 160, height=1350 if kind == "image" else 90)
    made.append(str(job.pk))
print("MADE " + json.dumps(made))
"""
FULL = "document.fullscreenElement !== null"
SCALE = "figure => new DOMMatrix(getComputedStyle(figure.querySelector('.stage-media')).transform).a"


def make(page: Page, studio: Studio, name: str) -> list[str]:
    """The ids of what was made, the oldest first."""
    email = f"{name}@example.com"
    sign_up(page, studio.url, email)
    made: list[str] = json.loads(studio.manage("shell", "-c", ROWS.format(email=email)).rpartition("MADE ")[2])
    return made


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Asked from outside: the policy of pages lets none of their own waiting be evaluated."""
    for _ in range(200):
        if is_so():
            return
        page.wait_for_timeout(50)
    assert is_so()


def scale_of(page: Page) -> float:
    scale: float = page.locator(".stage-figure").first.evaluate(SCALE)
    return round(scale, 2)


def swipe(page: Page, start: int, end: int) -> None:
    """As a finger does over the picture."""
    finger = {"pointerType": "touch", "isPrimary": True, "pointerId": 7, "clientY": 200}
    picture = page.locator("img.stage-media")
    picture.dispatch_event("pointerdown", {**finger, "clientX": start})
    picture.dispatch_event("pointerup", {**finger, "clientX": end})


def test_one_goes_back_to_where_one_was_in_the_list(page: Page, studio: Studio) -> None:
    first, second, third, *_ = make(page, studio, "back")
    page.goto(f"{studio.url}/gallery/?kind=image")
    here = page.evaluate("navigation.currentEntry.index")
    card = page.locator(f"#job-{third}")
    card.hover()
    card.locator("[data-favourite]").click()  # drawn anew, it still leads into this list
    expect(card.locator("[data-favourite]")).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".card-media")).to_have_attribute("href", re.compile(rf"{third}/\?in=kind%3Dimage$"))
    card.locator(".card-media").click()
    page.wait_for_url(re.compile(third))  # with its scripts: until then an arrow is a link as others are
    for job in (second, first):
        page.get_by_role("link", name="Older").click()
        page.wait_for_url(re.compile(job))
    assert page.evaluate("navigation.currentEntry.index") == here + 1
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/gallery/\?kind=image$"))
    assert page.evaluate("navigation.currentEntry.index") == here

    page.goto(f"{studio.url}/jobs/{second}/")  # by a link from elsewhere: there is no list behind it
    page.get_by_role("link", name="Older").click()
    page.wait_for_url(re.compile(first))
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/gallery/$"))
    assert page.evaluate("navigation.currentEntry.index") == here + 3


def test_pictures_by_keys_wheel_and_links(page: Page, studio: Studio) -> None:
    first, second, third, *_ = make(page, studio, "viewer")
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{studio.url}/jobs/{second}/?in=kind%3Dimage")
    strip = page.locator(".filmstrip-job")
    expect(strip).to_have_count(3)
    expect(page.locator(".filmstrip-job[aria-current]")).to_have_attribute("href", re.compile(second))

    page.locator(".stage").hover()
    page.mouse.wheel(0, -400)
    expect(page.locator("[data-zoom].is-zoomed")).to_be_visible()
    until(page, lambda: scale_of(page) > 2)
    page.keyboard.press("ArrowRight")
    assert second in page.url, "an arrow moves the enlarged picture"
    page.keyboard.press("0")
    expect(page.locator("[data-zoom].is-zoomed")).to_have_count(0)
    until(page, lambda: scale_of(page) == 1)
    page.get_by_role("button", name="1:1").click()
    expect(page.locator("[data-zoom-scale]")).to_have_text(re.compile(r"^100\s%$"))
    page.keyboard.press("Escape")
    expect(page.locator("[data-zoom].is-zoomed")).to_have_count(0)

    page.keyboard.press("f")
    until(page, lambda: page.evaluate(FULL))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-prompt")).to_have_text("A heron in the reeds, take 0")
    assert page.evaluate(FULL), "the next one is shown without leaving the full screen"
    assert f"/jobs/{first}/?in=kind%3Dimage" in page.url
    with page.expect_navigation():  # the page comes whole, with its own stream
        page.keyboard.press("f")
    expect(page.locator(f"#job-{first}")).to_be_visible()
    expect(page.get_by_role("link", name="Older")).to_have_count(0)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("i")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/jobs/{second}/**")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("i")
    expect(page.locator("#panel")).to_be_visible()
    page.get_by_role("button", name="Keep the details open").click()
    page.reload()
    expect(page.locator("#panel")).to_be_visible()

    swipe(page, 300, 120)
    page.wait_for_url(f"**/jobs/{first}/**")
    swipe(page, 120, 300)
    page.wait_for_url(f"**/jobs/{second}/**")

    page.get_by_role("link", name=re.compile("whole tree")).click()
    expect(page.locator(".lineage-job")).to_have_count(3)
    page.locator(f".lineage a[href='/jobs/{third}/']").click()
    page.wait_for_url(f"**/jobs/{third}/")
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/")


def test_clips_by_the_frame_and_two_over_one_another(page: Page, studio: Studio) -> None:
    *_, one, other = make(page, studio, "clips")
    page.goto(f"{studio.url}/jobs/{one}/")
    clip = page.locator("video.stage-media")
    until(page, lambda: page.evaluate("document.querySelector('video').readyState > 0"))
    page.keyboard.press(".")
    assert clip.evaluate("clip => clip.paused")
    begun = clip.evaluate("clip => clip.currentTime")  # it may have played for a while
    page.keyboard.press(",")
    before = clip.evaluate("clip => clip.currentTime")
    assert begun - 0.3 < before < begun
    page.keyboard.press(".")
    assert before < clip.evaluate("clip => clip.currentTime") < before + 0.3
    page.keyboard.press("l")
    assert clip.evaluate("clip => clip.loop") is False
    page.get_by_label("Speed").select_option("0.25")
    assert clip.evaluate("clip => clip.playbackRate") == 0.25

    page.goto(f"{studio.url}/compare/?job={one}&job={other}")
    for way, seen in (("Slider", "clip-path"), ("Fade", "opacity"), ("Blink", "visibility")):
        before = page.locator(".is-above .compare-frame").evaluate("(frame, of) => getComputedStyle(frame)[of]", seen)
        page.get_by_role("radio", name=way).check(force=True)
        after = page.locator(".is-above .compare-frame").evaluate("(frame, of) => getComputedStyle(frame)[of]", seen)
        assert before != after, way
    page.locator("#blink").click()
    expect(page.locator(".is-above .compare-frame")).to_be_visible()
    page.get_by_role("button", name="One frame on").click()
    times = page.evaluate("[...document.querySelectorAll('video')].map((clip) => clip.currentTime)")
    assert times[0] == times[1] > 0
