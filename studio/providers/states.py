"""Providers' status words, read as our states. An unknown one is "running": only our own deadline ends such a job."""

from __future__ import annotations

from studio.providers.base import Json, RemoteState

_STATES: dict[str, RemoteState] = {
    **dict.fromkeys(("created", "queued", "pending", "submitted", "starting"), "pending"),
    **dict.fromkeys(("processing", "running", "in_progress"), "running"),
    **dict.fromkeys(("completed", "succeeded", "success", "succeed"), "succeeded"),
    **dict.fromkeys(("failed", "error", "timeout", "deleted", "expired"), "failed"),
    **dict.fromkeys(("cancelled", "canceled"), "cancelled"),
}


def read_state(word: Json) -> RemoteState:
    return _STATES.get(word.strip().lower(), "running") if isinstance(word, str) else "running"


def is_known_state(word: Json) -> bool:
    return isinstance(word, str) and word.strip().lower() in _STATES
