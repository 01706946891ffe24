"""Signing what is sent to other servers, as https://www.standardwebhooks.com says (scheme v1: HMAC-SHA256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

PREFIX = "whsec_"


def new_secret() -> str:
    """24 random bytes, as its readers expect them: "whsec_" and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signed(secret: str, message_id: str, body: bytes, *, now: int) -> Mapping[str, str]:
    """The headers that let a receiver tell who sent the body, and when; `now` in seconds of Unix time."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, b".".join((message_id.encode(), str(now).encode(), body)), hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
