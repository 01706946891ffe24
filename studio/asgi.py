"""The web process: plain ASGI functions for the streams, in front of Django for the pages."""

from __future__ import annotations

import gc
import os
import sys

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from studio.bodies import LimitedBodies
from studio.database import query

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
pages = get_asgi_application()

from generations.chats.replies.desk import desk  # noqa: E402  Django's models exist only from here on
from generations.views import chat_live, live, shared_live, visitor  # noqa: E402

IMPORT = "/archives/import/"
limited = LimitedBodies(pages)
generous = LimitedBodies(pages, {IMPORT: settings.IMPORT_LARGEST})

SWITCH = 0.0005  # seconds until a thread that renders a page lets the streams go on: ten times sooner than usual


async def application(scope: live.Scope, receive: live.Receive, send: live.Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    path = scope.get("path", "") if scope["type"] == "http" else ""
    if path == "/live/":
        await live.live(scope, receive, send)
    elif path.startswith(chat_live.PREFIX):
        await chat_live.chat_live(scope, receive, send)
    elif path.startswith(shared_live.PREFIX):
        await shared_live.shared_live(scope, receive, send)
    elif path == IMPORT and await query(visitor.user_id, visitor.cookies_of(scope["headers"])):
        await generous(scope, receive, send)  # a stranger's upload would be on the disk before any view refuses it
    else:
        await limited(scope, receive, send)


async def _live(receive: live.Receive, send: live.Send) -> None:
    """From the server's start to its stop: replies are written as long as it lives, and get some time to end."""
    await receive()
    sys.setswitchinterval(SWITCH)
    set_aside_what_stays()
    await desk.open()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await desk.close(settings.REPLY_PATIENCE)
    await send({"type": "lifespan.shutdown.complete"})


def set_aside_what_stays() -> None:
    """Code and settings live as long as the process: looking through them for garbage held streams up for 0.1 s."""
    get_resolver().url_patterns  # noqa: B018  reads the pages' code, which is otherwise read by the first request
    gc.collect()
    gc.freeze()
