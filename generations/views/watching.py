"""Being told when the jobs of a click are done."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from generations import job_notices
from generations.models import Job
from generations.views.access import get_job, person, signed_in
from studio.middleware import HtmxRequest


def _change(verb: Callable[[Job, User], None], said: str) -> Callable[[HtmxRequest, UUID], HttpResponse]:
    @signed_in
    @require_POST
    def change(request: HtmxRequest, job_id: UUID) -> HttpResponse:
        job = get_job(request, job_id)
        verb(job, person(request))
        if request.htmx:
            return render(request, "generations/_job_watch.html", {"job": job})
        messages.info(request, said)
        return redirect(reverse("job", args=[job.pk]))

    return change  # type: ignore[return-value]  # signed_in lets any response through


job_watch = _change(job_notices.watch, "You are told when it is done.")
job_unwatch = _change(job_notices.unwatch, "You are not told.")
