"""What one is told in the app, and how one wants to be told."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_notice, person
from accounts.models import Notice, OutgoingWebhook, User
from accounts.notice_forms import MailEveryForm
from accounts.notices import choices, digest, inbox, push
from studio.middleware import HtmxRequest


@login_required
@require_safe
def notices(request: HtmxRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    found, last = inbox.page(person(request), int(before) if before.isdecimal() and len(before) < 19 else None)
    template = "accounts/_notice_rows.html" if request.htmx and before else "accounts/notices.html"
    return render(request, template, {"notices": found, "last": last})


@login_required
@require_POST
def notice_read(request: HtmxRequest, notice_id: int) -> HttpResponse:
    notice = get_notice(request, notice_id)
    inbox.read(Notice.objects.filter(pk=notice.pk))
    notice.refresh_from_db()
    return render(request, "accounts/_notice.html", {"notice": notice}) if request.htmx else redirect("notices")


@login_required
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    inbox.read(inbox.of(person(request)))
    return redirect("notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_choices(request: HttpRequest) -> HttpResponse:
    form = MailEveryForm(request.POST or None, instance=person(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        choices.choose(person(request), request.POST)
        messages.success(request, "Saved.")
        return redirect("notice-choices")
    return show_choices(request, form=form)


def show_choices(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    """The page of choices; also the answer to what is changed on it and is shown once."""
    user = person(request)
    context = {
        "form": MailEveryForm(instance=user),
        "table": choices.table(user),
        "can_mail": digest.can_reach(user),
        "push_key": push.public_key(),
        "browsers": user.push_subscriptions.order_by("-pk"),
        "webhooks": OutgoingWebhook.objects.filter(user=user).prefetch_related("deliveries"),
    }
    return render(request, "accounts/notice_choices.html", {**context, **more}, status=status)


@csrf_exempt  # the link in a mail proves who may, and mail programs post to it by themselves (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def notice_mail_stop(request: HttpRequest, word: str) -> HttpResponse:
    user: User | None = digest.stopper(word)
    if user is None:
        raise Http404
    if request.method == "POST":
        choices.stop_mail(user)
    return render(request, "accounts/notice_mail_stop.html", {"word": word, "is_done": request.method == "POST"})
