"""Webhooks of one's own: servers that are told of what happens."""

from __future__ import annotations

from collections.abc import Callable

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import get_webhook, person
from accounts.models import OutgoingWebhook
from accounts.notice_forms import WebhookForm
from accounts.notices import delivering, webhooks
from accounts.views.notices import show_choices
from studio.environment import host_of


@login_required
@require_POST
@never_cache
def webhook_add(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself: the secret is shown once."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return show_choices(request, status=422, webhook_form=form)
    try:
        webhook, secret = webhooks.add(person(request), form.cleaned_data["url"])
    except webhooks.TooMany as refusal:
        form.add_error("url", str(refusal))
        return show_choices(request, status=422, webhook_form=form)
    audit.note(request, "webhook.added", host_of(webhook.url))
    return show_choices(request, added=webhook, secret=secret)


@login_required
@require_POST
@rate_limit(action="webhook_test")  # type: ignore[untyped-decorator]  # allauth has no types
def webhook_test(request: HttpRequest, webhook_id: int) -> HttpResponse:
    delivery = delivering.test(get_webhook(request, webhook_id))
    if delivery.delivered_at:
        messages.success(request, f"It took the message and answered with status {delivery.status}.")
    else:
        messages.error(request, f"It did not take the message. {delivery.error}")
    return redirect("notice-choices")


@login_required
@require_POST
def webhook_remove(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = get_webhook(request, webhook_id)
    webhook.delete()
    audit.note(request, "webhook.removed", host_of(webhook.url))
    messages.success(request, "The webhook is removed.")
    return redirect("notice-choices")


def _switch(verb: Callable[[OutgoingWebhook], object], said: str) -> Callable[[HttpRequest, int], HttpResponse]:
    @login_required
    @require_POST
    def switch(request: HttpRequest, webhook_id: int) -> HttpResponse:
        verb(get_webhook(request, webhook_id))
        messages.success(request, said)
        return redirect("notice-choices")

    return switch


webhook_enable = _switch(webhooks.enable, "The webhook is on.")
webhook_disable = _switch(webhooks.disable, "The webhook is off.")
