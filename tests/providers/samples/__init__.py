"""The providers' own sample bodies, letter by letter."""

from __future__ import annotations

from pathlib import Path

from studio.providers.base import Response


def sample(provider: str, name: str) -> bytes:
    return Path(__file__).parent.joinpath(provider, f"{name}.json").read_bytes()


def answered(provider: str, name: str) -> Response:
    return Response(200, sample(provider, name), {"content-type": "application/json"})
