"""The baseline: the usual design, a django-q2 task for each poll of each job."""

from __future__ import annotations

from functools import cache
from uuid import UUID

import httpx
from django.conf import settings
from django_q.tasks import async_task

from generations.models import Job


@cache
def client() -> httpx.Client:
    return httpx.Client()


def poll(job_id: str) -> None:
    job = Job.objects.select_related("key").get(pk=UUID(job_id))
    base = settings.PROVIDER_URLS[job.provider]
    assert job.key
    answer = client().get(f"{base}/v1/gpu/jobs/{job.remote_id}", headers={"X-API-Key": job.key.reveal()})
    Job.objects.filter(pk=job.pk).update(progress=answer.json()["progress"])
    async_task("tests.benchmarks.naive.poll", job_id)
