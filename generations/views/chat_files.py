"""Conversations as files: out of Studio, and into it."""

from __future__ import annotations

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from generations.chats.files import exporting, importing
from generations.views.access import get_conversation, person, signed_in

JSON, MARKDOWN = "application/json", "text/markdown; charset=utf-8"


@signed_in
@require_safe
def conversation_markdown(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    found = get_conversation(request, conversation_id)
    headers = _headers(exporting.file_name(found, "md"))
    return HttpResponse(exporting.as_markdown(found), content_type=MARKDOWN, headers=headers)


@signed_in
@require_safe
def conversation_json(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    found = get_conversation(request, conversation_id)
    headers = _headers(exporting.file_name(found, "json"))
    return HttpResponse(exporting.as_json(found), content_type=JSON, headers=headers)


@signed_in
@require_safe
def chat_export(request: HttpRequest) -> StreamingHttpResponse:
    """All of one's conversations."""
    headers = _headers("studio-conversations.json")
    return StreamingHttpResponse(exporting.everything(person(request)), content_type=JSON, headers=headers)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def chat_import(request: HttpRequest) -> HttpResponse:
    """The page; a POST takes a file in, and says what came of it."""
    if request.method != "POST":
        return render(request, "generations/chat/import.html")
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        return _refused(request, "Choose a file first.")
    try:
        report = importing.take_in(person(request), given)
    except importing.Unfit as error:
        return _refused(request, str(error))
    return render(request, "generations/chat/import.html", {"report": report})


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "generations/chat/import.html", {"trouble": why}, status=422)


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
