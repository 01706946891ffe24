"""Every page of Studio, once: what the tests hold to their promises and `make shots` takes pictures of."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.browser import PASSWORD
from tests.e2e.chat_pages import CHAT_PICTURES, CHAT_SIGHTS
from tests.e2e.sight import Sight, choose
from tests.e2e.team_pages import TEAM_PICTURES, TEAM_SIGHTS


def open_picker(page: Page) -> None:
    page.locator("#picker-summary").click()
    page.locator("#picker-list .picker-item").first.wait_for()


def open_filters(page: Page) -> None:
    page.get_by_text("Filters", exact=True).click()


def open_months(page: Page) -> None:
    page.locator(".timeline summary").click()
    page.locator(".timeline-months").wait_for()


def open_batch(page: Page) -> None:
    page.locator("#batch summary").click()


def export_everything(page: Page) -> None:
    """Once: the next visit finds it done."""
    if page.get_by_role("link", name="Download").count() == 0:
        page.get_by_role("button", name="Export everything").click()
        page.get_by_role("link", name="Download").first.wait_for()


def send_without_token(page: Page) -> int:
    """As a form does that another site forged."""
    page.locator("main [name=csrfmiddlewaretoken]").first.evaluate("field => field.remove()")
    with page.expect_navigation() as arrival:
        page.locator("main form").first.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    return arrival.value.status


def confirm_password(page: Page) -> None:
    """Pages about second factors ask for the password first."""
    if "/reauthenticate/" in page.url:
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_load_state()


SEVERAL = (
    "/create/?model=local/0/local-paint&model=wayscloud-gpu/{key-wayscloud-gpu}/image-flux-fast"
    "&model=nanobanana/{key-nanobanana}/nano-banana-pro"
)
SIGHTS = (
    Sight("home", "/", "stranger"),
    Sight("sign-up", "/account/signup/", "stranger"),
    Sight("sign-in", "/account/login/", "stranger"),
    Sight("password-reset", "/account/password/reset/", "stranger"),
    Sight("inactive", "/account/inactive/", "stranger"),
    Sight("not-found", "/nowhere/", "stranger", 404),
    Sight("create-empty", "/create/", "newcomer"),
    Sight("gallery-empty", "/gallery/", "newcomer"),
    Sight("keys-empty", "/keys/", "newcomer"),
    Sight("forbidden", "/account/login/", "stranger", 403, act=send_without_token),
    Sight("create", "/create/"),
    Sight("create-picker", "/create/", act=open_picker),
    Sight("gallery", "/gallery/"),
    Sight("gallery-filtered", "/gallery/?q=harbour&state=failed"),
    Sight("gallery-filters", "/gallery/?kind=image&stars=1", act=open_filters),
    Sight("gallery-months", "/gallery/", act=open_months),
    Sight("gallery-nothing", "/gallery/?q=xyzzy"),
    Sight("job-image", "/jobs/{image}/"),
    Sight("job-video", "/jobs/{video}/"),
    Sight("job-right-to-left", "/jobs/{made3}/"),
    Sight("job-long-prompt", "/jobs/{made4}/"),
    *(Sight(f"job-{state}", f"/jobs/{{{state}}}/") for state in ("queued", "submitting", "pending", "running")),
    *(Sight(f"job-{state}", f"/jobs/{{{state}}}/") for state in ("saving", "unconfirmed", "failed", "cancelled")),
    Sight("create-several", SEVERAL),
    Sight("create-banana", "/create/?model=nanobanana/{key-nanobanana}/veo-3.1-fast"),
    Sight("create-schema", "/create/?model=wavespeed/{key-wavespeed}/wavespeed-ai/flux-dev-lora"),
    Sight("create-input", "/create/?model=local/0/local-paint&input=output:{image}/0"),
    Sight("create-batch", "/create/?model=local/0/local-paint", act=open_batch),
    Sight("models-empty", "/models/", "newcomer"),
    Sight("models", "/models/"),
    Sight("models-filtered", "/models/?q=flux"),
    Sight("models-nothing", "/models/?q=xyzzy"),
    Sight("prompts-empty", "/prompts/", "newcomer"),
    Sight("prompts", "/prompts/"),
    Sight("prompt-new", "/prompts/new/"),
    Sight("lineage", "/jobs/{made1}/lineage/"),
    Sight("gallery-chosen", "/gallery/?state=done", act=choose),
    Sight("albums-empty", "/albums/", "newcomer"),
    Sight("albums", "/albums/"),
    Sight("album", "/albums/{album}/"),
    Sight("album-arrange", "/albums/{album}/?arrange"),
    Sight("tags", "/tags/"),
    Sight("trash-empty", "/trash/", "newcomer"),
    Sight("trash", "/trash/"),
    Sight("compare", "/compare/?job={made0}&job={made5}"),
    Sight("compare-many", "/compare/?job={made0}&job={made1}&job={made2}&job={made3}"),
    Sight("spend-empty", "/spend/", "newcomer"),
    Sight("spend", "/spend/"),
    Sight("key-limits", "/keys/{key-nanobanana}/limits/"),
    Sight("providers", "/providers/"),
    Sight("retry", "/jobs/{unconfirmed}/retry/"),
    Sight("keys", "/keys/"),
    Sight("key-add", "/keys/add/wayscloud-gpu/"),
    Sight("key-add-server", "/keys/add/openai/"),
    Sight("settings", "/settings/"),
    Sight("archives-empty", "/archives/", "newcomer"),
    Sight("archives", "/archives/", act=export_everything),
    Sight("email", "/account/email/"),
    Sight("password-change", "/account/password/change/"),
    Sight("security", "/account/2fa/"),
    Sight("passkeys", "/account/2fa/webauthn/", act=confirm_password),
    Sight("totp", "/account/2fa/totp/activate/", act=confirm_password),
    Sight("sessions", "/account/sessions/"),
    Sight("people", "/people/"),
    Sight("notices-empty", "/notices/", "newcomer"),
    Sight("notices", "/notices/"),
    Sight("notice-choices", "/settings/notices/"),
    Sight("operator", "/operator/"),
    Sight("audit", "/operator/audit/"),
    Sight("links-empty", "/links/", "newcomer"),
    Sight("links", "/links/"),
    Sight("link", "/links/{link}/"),
    Sight("link-new", "/links/new/?job={image}"),
    Sight("shared", "/s/{token}/", "stranger"),
    Sight("shared-several", "/s/{token-several}/", "stranger"),
    Sight("shared-locked", "/s/{token-locked}/", "stranger"),
    Sight("shared-ended", "/s/nothing/", "stranger", 404),
    *TEAM_SIGHTS,
    *CHAT_SIGHTS,
)
# Those that the promises hold for if they hold for the others.
PICTURES = (*SIGHTS, *TEAM_PICTURES, *CHAT_PICTURES)


def visit(page: Page, url: str, sight: Sight, ids: dict[str, str]) -> int:
    """Goes there and does what the sight needs; the status that the page answered."""
    answer = page.goto(url + sight.address.format(**ids))
    assert answer
    return (sight.act and sight.act(page)) or answer.status
