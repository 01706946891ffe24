"""Whether a job's owner waits for it."""

from __future__ import annotations

from django import template

from generations.job_notices import is_watched
from generations.models import Job

register = template.Library()


@register.simple_tag
def owner_waits(job: Job) -> bool:
    return is_watched(job, job.owner_id)
