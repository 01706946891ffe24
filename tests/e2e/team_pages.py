"""The pages of teams."""

from __future__ import annotations

from tests.e2e.sight import Sight

TEAM_SIGHTS = (
    Sight("team", "/teams/{team}/"),
    Sight("team-activity", "/teams/{team}/activity/"),
    Sight("job-talk", "/jobs/{talked}/"),
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
