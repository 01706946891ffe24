"""What is sent to a live page: server-sent events that htmx understands."""

from __future__ import annotations

import secrets
from datetime import datetime

# Stands in what is rendered once for many pages, where each browser's own token has to be.
TOKEN = secrets.token_urlsafe(24)


def event(text: str, now: datetime) -> bytes:
    """One unnamed event, which htmx swaps in; its id is where a page that comes back goes on from."""
    lines = "".join(f"data: {line}\n" for line in text.strip().splitlines())
    return f"id: {now.isoformat()}\n{lines}\n".encode() if lines else b""


def named(name: str, lines: list[str]) -> bytes:
    """One that a script of the page listens for; no line may hold a line break."""
    return "".join([f"event: {name}\n", *(f"data: {line}\n" for line in lines), "\n"]).encode() if lines else b""


def running_event(count: int, now: datetime | None = None) -> bytes:
    return (f"id: {now.isoformat()}\n" if now else "").encode() + f"event: running\ndata: {count}\n\n".encode()
