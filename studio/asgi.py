"""The web process: plain ASGI functions for the streams, in front of Django for the pages."""

from __future__ import annotations

import os
import sys

from django.conf import settings
from django.core.asgi import get_asgi_application

from studio.bodies import LimitedBodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
pages = get_asgi_application()

from generations.chats.replies.desk import desk  # noqa: E402  Django's models exist only from here on
from generations.views import chat_live, live  # noqa: E402

limited = LimitedBodies(pages)

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
    else:
        await limited(scope, receive, send)


async def _live(receive: live.Receive, send: live.Send) -> None:
    """From the server's start to its stop: replies are written as long as it lives, and get some time to end."""
    await receive()
    sys.setswitchinterval(SWITCH)
    await desk.open()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await desk.close(settings.REPLY_PATIENCE)
    await send({"type": "lifespan.shutdown.complete"})
