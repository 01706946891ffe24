"""The pages of teams."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.sight import Sight, choose


def see_the_talk(page: Page) -> None:
    page.locator("#talk").scroll_into_view_if_needed()
    page.get_by_role("button", name="Comment", exact=True).scroll_into_view_if_needed()


TEAM_SIGHTS = (
    Sight("team", "/teams/{team}/"),
    Sight("team-chosen", "/teams/{team}/", act=choose),
    Sight("team-activity", "/teams/{team}/activity/"),
    Sight("job-talk", "/jobs/{talked}/", act=see_the_talk),
    Sight("team-people", "/teams/{team}/people/"),
    Sight("team-keys", "/teams/{team}/keys/"),
    Sight("approval", "/jobs/{asked}/approval/"),
)
TEAM_PICTURES = (
    Sight("teams-empty", "/teams/", "newcomer"),
    Sight("teams", "/teams/"),
    Sight("team-new", "/teams/new/"),
    Sight("team-settings", "/teams/{team}/settings/"),
    Sight("team-key-change", "/teams/{team}/keys/{use}/"),
    Sight("approvals", "/approvals/"),
)
