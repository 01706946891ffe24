"""What a job begins from, as others than its owner may see it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from generations import inputs
from generations.inputs import Input
from generations.models import Job


def as_seen(job: Job, *, is_owner: bool) -> list[Input]:
    """Its owner's uploads show without their file's name; a result of another job only where that is shared as well.

    Of a link others see the host alone: the rest of an address can open more than the picture.
    """
    begun = inputs.begun_from(job)
    if is_owner or not begun:
        return begun
    named = inputs.jobs_in(job.settings)
    shared = set(Job.objects.filter(pk__in=named, team=job.team_id, deleted_at=None).values_list("pk", flat=True))
    open_results = tuple(f"output:{pk}/" for pk in shared)
    return [_for_others(one, bool(open_results) and one.reference.startswith(open_results)) for one in begun]


def _for_others(one: Input, is_shared: bool) -> Input:
    if one.is_upload:
        return replace(one, label="An upload") if one.url else one
    if inputs.is_link(one.reference):
        return replace(one, label=urlsplit(one.reference).hostname or "A link", url="")
    return one if is_shared else replace(one, label="A result that is not shared", url="", thumbnail_url="")
