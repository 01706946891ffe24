"""All that is one's own as a file, and such a file, or other files, into the gallery."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.models import User
from generations.archives import exporting, importing, working, zipping
from generations.models import Archive
from generations.views import files
from generations.views.access import get_archive, person, signed_in
from studio.middleware import HtmxRequest

NO_STORE = "private, no-store"
MB = 2**20


@signed_in
@require_safe
def archives(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking, only the list, which asks again while something is under way."""
    template = "generations/archives.html" + ("#list" if request.htmx else "")
    return render(request, template, _shown(person(request)))


@signed_in
@require_POST
def archive_export(request: HttpRequest) -> HttpResponse:
    archive = exporting.start(person(request))
    if archive is None:
        messages.error(request, "An export is under way already. Wait until it is done.")
    else:
        audit.note(request, "export.started")
    return redirect("archives")


@signed_in
@require_POST
def archive_import(request: HttpRequest) -> HttpResponse:
    """Takes the upload; the worker does the rest."""
    user = person(request)
    try:
        archive = importing.start(user, request.FILES.getlist("file"))
    except working.Unfit as error:
        return render(request, "generations/archives.html", {**_shown(user), "trouble": str(error)}, status=422)
    audit.note(request, "import.started", bytes=archive.size)
    return redirect("archives")


@signed_in
@require_safe
def archive_file(request: HttpRequest, archive_id: UUID) -> HttpResponseBase:
    """An export, whole or by range."""
    archive = get_archive(request, archive_id)
    if archive.kind != Archive.Kind.EXPORT or archive.state != Archive.State.DONE:
        raise Http404
    response = files.answer(request, archive.file, "application/zip", f'"{archive.pk}"', cache=NO_STORE)
    if request.method == "GET" and response.status_code == 200:
        audit.note(request, "export.downloaded", bytes=archive.size)
    name = zipping.file_name("export", archive.created_at)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@signed_in
@require_POST
def archive_again(request: HttpRequest, archive_id: UUID) -> HttpResponse:
    if not working.again(get_archive(request, archive_id)):
        messages.error(request, "It did not fail, or is under way again.")
    return redirect("archives")


@signed_in
@require_POST
def archive_delete(request: HttpRequest, archive_id: UUID) -> HttpResponse:
    working.delete(get_archive(request, archive_id))
    return redirect("archives")


def _shown(user: User) -> dict[str, object]:
    found = list(Archive.objects.filter(owner=user).order_by("-created_at")[:50])
    return {
        "archives": found,
        "is_busy": any(one.state in working.UNDER_WAY for one in found),
        "largest": settings.IMPORT_LARGEST // MB,
        "kept": working.KEPT,
    }
