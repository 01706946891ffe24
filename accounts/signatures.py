"""The secret that a provider signs its callbacks with: asked for once a key, kept encrypted, replaced on a change."""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog

from accounts.connect import connect
from accounts.keyring import keyring
from accounts.models import ProviderKey
from studio.lib.crypto import Undecryptable
from studio.providers.base import ProviderError
from studio.providers.registry import DIALECTS, dialect
from studio.providers.transports import process_transports

log = structlog.get_logger(__name__)


def signs(provider: str) -> bool:
    """Does it sign its callbacks, with a secret that it tells?"""
    return provider in DIALECTS and DIALECTS[provider].build_webhook_secret() is not None


def learn(key_id: int) -> bool:
    """Asks the provider for the secret of this key's account. False: there is none to be had now."""
    key = ProviderKey.objects.filter(pk=key_id, is_enabled=True).first()
    if key is None or not signs(key.provider):
        return False
    try:
        secret = connect(key.provider, key, process_transports()).webhook_secret()
    except (ProviderError, Undecryptable) as error:
        log.warning("webhook_secret.unknown", key=key_id, provider=key.provider, reason=str(error))
        return False
    same = ProviderKey.objects.filter(pk=key_id, ciphertext=key.ciphertext)  # not replaced meanwhile
    return bool(secret and same.update(webhook_ciphertext=keyring().encrypt(secret)))


def is_genuine(key: ProviderKey | None, headers: Mapping[str, str], body: bytes) -> bool:
    """Is a callback signed as it should be? Where no secret is known, nothing is asked of it."""
    if key is None or not key.webhook_ciphertext or not signs(key.provider):
        return True
    try:
        secret = keyring().decrypt(key.webhook_ciphertext)
    except Undecryptable:
        return True
    return dialect(key.provider).webhook_is_genuine(secret, headers, body, now=time.time())
