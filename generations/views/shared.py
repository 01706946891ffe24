"""What those see who come by a link. Who gets in is said in `generations.links.visiting`, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from generations.archives.sidecars import Shown
from generations.links import contents, opening, remixing, visiting
from generations.links.visiting import Closed, Locked, SignInFirst, Visit
from generations.models import Job, ShareLink
from generations.together import comments
from generations.views import zips
from studio.middleware import HtmxRequest

P = ParamSpec("P")
Page = Callable[Concatenate[HtmxRequest, Visit, P], HttpResponseBase]
GUEST = "guest"  # in the session: the name under which they commented last
SLOWLY = "Too many tries. Wait a few minutes, then try again."


def visit(request: HttpRequest, token: str) -> Visit:
    """Raises Closed, SignInFirst or Locked."""
    viewer = request.user if isinstance(request.user, User) else None
    return visiting.visit(token, viewer, opening.admitted(request.session))


def quiet(response: HttpResponseBase) -> HttpResponseBase:
    """No search engine, no cache and no other site is told of it.

    To other sites no referrer goes out. Within Studio it does: without one, browsers would name no origin with the
    forms of these pages either, and those would be refused as forged.
    """
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "same-origin"
    if "Cache-Control" not in response:
        response["Cache-Control"] = "private, no-store"
    return response


def by_link(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Hands a page the visit; who does not get in gets what there is to do first, or that there is nothing here."""

    @wraps(page)
    def opened(request: HtmxRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            answer = page(request, visit(request, token), *args, **kwargs)
        except Closed as error:
            answer = ended(request, error.link)
        except SignInFirst:
            answer = redirect_to_login(reverse("shared", args=[token]))
        except Locked as error:
            answer = _locked(request, token, error.link) if request.method == "GET" else ended(request)
        return quiet(answer)

    return opened


def ended(request: HttpRequest, link: ShareLink | None = None) -> HttpResponse:
    """One page for whatever opens nothing; the owner alone is told why."""
    return render(request, "generations/shared/ended.html", {"link": link}, status=404)


@by_link
@require_safe
def shared(request: HtmxRequest, visit: Visit) -> HttpResponse:
    """What the link opens: a job, several of them, or a conversation. This counts as a view, once a browser."""
    if request.method == "GET" and not visit.is_own and not opening.let_in(request.session, visit.link):
        raise Closed
    if visit.link.job_id:
        return _job(request, visit, visit.job(visit.link.job_id))
    if visit.link.conversation_id:
        context = {"visit": visit, "seen": contents.edition(visit.link).name, "turns": contents.turns(visit.link)}
        return render(request, "generations/shared/chat.html", context)
    seen = contents.edition(visit.link).name
    jobs, following = contents.page(visit.link, _number(request.GET.get("after", "")))
    context = {"visit": visit, "jobs": jobs, "following": following, "seen": seen}
    context["preview"] = _preview(request, visit)
    return render(request, "generations/shared/jobs.html", context)


@by_link
@require_safe
def shared_job(request: HtmxRequest, visit: Visit, job_id: UUID) -> HttpResponse:
    """One of several."""
    return _job(request, visit, visit.job(job_id))


@require_http_methods(["GET", "POST"])
def shared_open(request: HtmxRequest, token: str) -> HttpResponseBase:
    """The password, or the click that takes one of its views. Who comes back here is brought to the link."""
    if request.method == "GET":
        return quiet(redirect("shared", token))
    try:
        visit(request, token)
    except Locked as error:
        return quiet(_unlock(request, token, error.link))
    except (Closed, SignInFirst):
        pass  # the page itself says it
    return quiet(redirect("shared", token))


@by_link
@require_POST
def shared_remix(request: HtmxRequest, visit: Visit, job_id: UUID) -> HttpResponseBase:
    """Opens Create with what the link shows, for whoever is signed in, with their own key. It makes nothing."""
    job = visit.job(job_id)
    if not visit.may_remix:
        raise Closed
    if visit.viewer is None:
        return redirect_to_login(_place(visit, job))
    remixing.keep(request.session, visit, job)
    return redirect(f"{reverse('create')}?remix={job.pk}")


@by_link
@require_http_methods(["GET", "POST"])
def shared_comment(request: HtmxRequest, visit: Visit, job_id: UUID) -> HttpResponseBase:
    """By whoever is signed in, or by a guest under the name that they give. Who comes back is brought to the job."""
    job = visit.job(job_id)
    if request.method == "GET":
        return redirect(_place(visit, job))
    if not visit.link.may_comment:
        raise Closed
    guest = "" if visit.viewer else request.POST.get("guest", "").replace("\0", "").strip()[:60]
    if visit.viewer is None and not guest:
        return _job(request, visit, job, trouble="Say who you are.", status=422)
    if not ratelimit.consume(request, action="link_comment", key=_whence(request, visit.link)):
        return _job(request, visit, job, trouble=SLOWLY, status=429)
    try:
        comments.add(job, author=visit.viewer, guest=guest, link=visit.link, text=request.POST.get("text", ""))
    except comments.Unfit as error:
        return _job(request, visit, job, trouble=str(error), status=422)
    if guest:
        request.session[GUEST] = guest
    return redirect(f"{_place(visit, job)}#comments")


@by_link
@require_safe
def shared_zip(request: HtmxRequest, visit: Visit) -> HttpResponseBase:
    """The originals of all that it shows, with a sidecar each that tells what the page does."""
    link = visit.link
    if not link.may_download or link.conversation_id:
        raise Closed
    shown = Shown(link.shows_prompt, link.shows_settings, link.shows_cost, link.shows_person, notes=False, media=False)
    ids = [link.job_id] if link.job_id else contents.ids(link)
    back = reverse("shared", args=[visit.token])
    return zips.answer(request, visit.title or "shared", ids, back=back, told=lambda job: shown)


def _unlock(request: HttpRequest, token: str, link: ShareLink) -> HttpResponseBase:
    if link.password:
        if not _may_try(request, link):
            return _locked(request, token, link, SLOWLY, status=429)
        if not opening.is_right(link, request.POST.get("password", "")):
            return _locked(request, token, link, "This is not its password.", status=422)
        ratelimit.clear(request, action="link_password", key=_whence(request, link))  # others may be at this address
    if not opening.let_in(request.session, link):
        return ended(request)
    return redirect("shared", token)


def _locked(request: HttpRequest, token: str, link: ShareLink, trouble: str = "", status: int = 200) -> HttpResponse:
    """Shows nothing of what is behind it."""
    if link.most_views is not None and link.views >= link.most_views:
        return ended(request)
    context = {"token": token, "needs_password": bool(link.password), "trouble": trouble}
    return render(request, "generations/shared/locked.html", context, status=status)


def _may_try(request: HttpRequest, link: ShareLink) -> bool:
    """Few tries from one place. One whose tries are over takes none from the others, who have many together."""
    return bool(
        ratelimit.consume(request, action="link_password", key=_whence(request, link))
        and ratelimit.consume(request, action="link_passwords", key=str(link.pk))
    )


def _whence(request: HttpRequest, link: ShareLink) -> str:
    """What is tried by this link from one address; of IPv6 from one network, where one visitor has many."""
    return f"{link.pk} {truncate_ip(request.META.get('REMOTE_ADDR', ''))}"


def _job(request: HttpRequest, visit: Visit, job: Job, trouble: str = "", status: int = 200) -> HttpResponse:
    before, after = contents.neighbours(visit.link, job)
    context: dict[str, Any] = {"visit": visit, "job": job, "before": before, "after": after}
    context["preview"] = _preview(request, visit, job)
    if visit.link.may_comment:
        guest = request.POST.get("guest", request.session.get(GUEST, ""))
        said = {"trouble": trouble, "guest": guest, "text": request.POST.get("text", "")}
        context |= {"comments": contents.said(visit.link, job), **said}
    return render(request, "generations/shared/job.html", context, status=status)


def _preview(request: HttpRequest, visit: Visit, job: Job | None = None) -> dict[str, str]:
    """What a messenger draws of the address; nothing where that would tell too much."""
    if not visiting.is_previewed(visit.link):
        return {}
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    title = visit.title or (job.prompt[:90] if job and visit.link.shows_prompt else "Made with Studio")
    person = f"From {visit.link.owner.display_name}" if visit.link.shows_person else "Made with Studio"
    return {
        "title": title,
        "description": person,
        "url": base + reverse("shared", args=[visit.token]),
        "image": base + reverse("shared-cover", args=[visit.token]),
    }


def _place(visit: Visit, job: Job) -> str:
    if visit.link.job_id:
        return reverse("shared", args=[visit.token])
    return reverse("shared-job", args=[visit.token, job.pk])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
