"""Ending one session; the list, and ending all others, are allauth's."""

from __future__ import annotations

from allauth.usersessions.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import get_session


@login_required
@require_POST
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    session = get_session(request, session_id)
    get_adapter().end_sessions([session])
    messages.success(request, "That device is signed out.")
    return redirect("usersessions_list")
