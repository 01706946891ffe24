"""Who may see a job beside its owner: nobody, or a team."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts import teams
from accounts.models import Team, User
from generations.models import Job
from generations.together import activity

AS_USUAL = "usual"  # what the person has chosen for new jobs


def choices(user: User) -> QuerySet[Team]:
    """The teams that one may share with; a viewer may not."""
    return teams.written_by(user)


def usual(user: User) -> Team | None:
    """With whom new jobs of this person are shared."""
    return choices(user).filter(pk=user.shares_with_id).first() if user.shares_with_id else None


def chosen(user: User, asked: str) -> Team | None:
    """What a form says: a team's id, "" for nobody, `AS_USUAL`. Raises ValueError for a team that is not to be had."""
    if asked == AS_USUAL:
        return usual(user)
    if not asked:
        return None
    is_id = asked.isascii() and asked.isdigit() and len(asked) < 15
    found = choices(user).filter(pk=int(asked)).first() if is_id else None
    if found is None:
        raise ValueError(asked)
    return found


def again(job: Job) -> Team | None:
    """With whom another try of a job is shared: as the first one, while its owner may."""
    return choices(job.owner).filter(pk=job.team_id).first() if job.team_id is not None else None


def make_usual(user: User, team: Team | None) -> None:
    """New jobs are shared so from now on."""
    user.shares_with = team
    user.save(update_fields=["shares_with"])


def share(user: User, jobs: Iterable[Job], team: Team | None) -> list[Job]:
    """Those of the person's own jobs whose visibility that changed; None takes them back, at once."""
    changed = [job for job in jobs if job.share_with(team)]
    if team is not None:
        activity.note_shared(team, user, changed)
    return changed
