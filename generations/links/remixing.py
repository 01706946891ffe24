"""What a link shows as the beginning of something of one's own, with one's own key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from generations import inputs
from generations.links.visiting import Visit
from generations.models import Job

KEPT = "remixes"  # in the session: what was taken from links last, by job
MOST_KEPT = 5
TAKEN = ("provider", "kind", "model", "model_name")


def shown_settings(visit: Visit, job: Job) -> dict[str, Any]:
    """Those that the link shows: none that repeats a prompt which it hides, and nothing that it begins from."""
    if not visit.link.shows_settings:
        return {}
    return inputs.told_others(job.settings, with_prompt=visit.link.shows_prompt)


def keep(session: SessionBase, visit: Visit, job: Job) -> None:
    """For the page that is opened next. Of what it begins from, only what is the viewer's own anyway."""
    taken = inputs.without_others(visit.viewer, job.settings)
    own = {name: value for name, value in taken.items() if inputs.names_medium(value)}
    record = {
        **{name: getattr(job, name) for name in TAKEN},
        "prompt": job.prompt if visit.link.shows_prompt else "",
        "settings": {**shown_settings(visit, job), **own},
        "left_out": len(job.settings) - len(taken),
        "is_promptless": not visit.link.shows_prompt,
    }
    others = {of: kept for of, kept in session.get(KEPT, {}).items() if of != str(job.pk)}
    session[KEPT] = dict(list({**others, str(job.pk): record}.items())[-MOST_KEPT:])


def kept(session: SessionBase, user: User, job_id: str) -> tuple[Job, str] | None:
    """A job that was never made, to fill the form from, and what is to be said of it."""
    record: Mapping[str, Any] | None = session.get(KEPT, {}).get(job_id)
    if record is None:
        return None
    taken = {name: record[name] for name in (*TAKEN, "prompt", "settings")}
    notices = []
    if record["left_out"]:
        notices.append("What it began from is left out: it is not yours to see. Choose something of your own.")
    if record["is_promptless"]:
        notices.append("The link does not show its prompt. Write your own.")
    return Job(pk=UUID(job_id), owner=user, **taken), " ".join(notices)
