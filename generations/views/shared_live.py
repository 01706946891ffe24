"""The live page behind a link: plain ASGI in front of Django, as `generations.views.live`, by the link's rule."""

from __future__ import annotations

from http.cookies import SimpleCookie
from importlib import import_module
from urllib.parse import parse_qs

from django.conf import settings

from accounts.models import User
from generations.links import opening, visiting
from generations.links.visiting import Closed, Locked, SignInFirst, Visit
from generations.models import Audience as For
from generations.views import live
from generations.views.audiences import Member
from generations.views.live import HEADERS, Receive, Scope, Send, Stream
from generations.views.shared_audience import ByLink, goodbye
from generations.views.shared_following import following, whole
from generations.views.visitor import cookies_of, user_id
from studio.database import query

PREFIX = "/live/s/"


async def shared_live(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /live/s/<token>/?since=<time>&seen=<edition>: what a link shows, as it changes; `job=<id>`: one of several.

    Who does not get in is told that it has ended: a page that slept through that must not go on showing it.
    """
    if scope["method"] != "GET":
        await live.refuse(send, 405)
        return
    token = scope["path"].removeprefix(PREFIX).rstrip("/")
    cookies = cookies_of(scope["headers"])
    visit = await query(_visit, token, cookies)
    if visit is None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": await query(goodbye)})
        return
    await _serve(visit, cookies, scope, receive, send)


async def _serve(visit: Visit, cookies: SimpleCookie, scope: Scope, receive: Receive, send: Send) -> None:
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    audience = await query(ByLink.made, visit, live.page_of(asked))
    stream = Stream(None, [audience, *_members(visit, audience)], "")
    follows = bool(visit.link.album_id or visit.link.conversation_id) and audience.page is None

    def is_welcome() -> bool:
        return _visit(visit.token, cookies) is not None

    seen = asked.get("seen", [""])[0]
    if follows and asked.get("poll") == ["1"]:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": await query(whole, audience, seen)})
        return
    if follows:
        await following.join(stream, audience, seen)
    try:
        await live.serve(stream, scope, receive, send, is_welcome)
    finally:
        following.leave(stream, audience)


def _members(visit: Visit, audience: ByLink) -> list[Member]:
    """A link for a team ends for those who leave it."""
    link, viewer = visit.link, visit.viewer
    if viewer is None or visit.is_own or link.audience != For.TEAM or link.team_id is None:
        return []
    return [Member(viewer.pk, link.team_id, audience)]


def _visit(token: str, cookies: SimpleCookie) -> Visit | None:
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value if morsel else None)
    signed_in = user_id(cookies)
    viewer = User.objects.get(pk=signed_in) if signed_in is not None else None
    try:
        return visiting.visit(token, viewer, opening.admitted(session))
    except (Closed, SignInFirst, Locked):
        return None
