"""The web process: plain ASGI functions for the streams, in front of Django for the pages."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from studio.bodies import LimitedBodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
pages = get_asgi_application()

from generations.views.live import Receive, Scope, Send, live  # noqa: E402  Django's models exist only from here on

STREAMS = {"/live/": live}
limited = LimitedBodies(pages)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    stream = STREAMS.get(scope.get("path", "")) if scope["type"] == "http" else None
    await (stream or limited)(scope, receive, send)
