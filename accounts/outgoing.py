"""Sending a few bytes to an address that somebody gave: public hosts, and those that the operator allows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from django.conf import settings

from studio.lib.egress import AsyncTransport, Egress
from studio.lib.fetch import post as send

PATIENCE = 10.0  # seconds


def check(url: str) -> None:
    """For forms: raises `Forbidden` for what can be told without resolving the name."""
    Egress(settings.PRIVATE_HOSTS).check_url(url)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that was answered. Raises `FetchError`."""
    return asyncio.run(_post(url, body, headers))


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    async with AsyncTransport(Egress(settings.PRIVATE_HOSTS)) as transport:
        return await send(transport, url, body, headers=headers, timeout_total=PATIENCE)
